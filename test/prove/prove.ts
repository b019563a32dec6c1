/**
 * `bun run prove`: tries the product's promises, mostly on the compiled binary, and prints `tried / failed` for each. The
 * short form takes samples; `--long` tries everything. The exit code is 1 when any trial failed or a proof tried nothing.
 */
import { parseArgs } from "node:util";
import { removeSites } from "../support/e2e-project.ts";
import { approvals } from "./approvals.ts";
import { browserAttacks } from "./browser-attacks.ts";
import { budget } from "./budget.ts";
import { crashPoints } from "./crash-points.ts";
import { done } from "./done.ts";
import { fileTools } from "./file-tools.ts";
import { guardMatrix } from "./guard-matrix.ts";
import { hostileFolder } from "./hostile-folder.ts";
import { hostileModel } from "./hostile-model.ts";
import { kill } from "./kill.ts";
import { limits } from "./limits.ts";
import { merges } from "./merges.ts";
import { modelText } from "./model-text.ts";
import { orphans } from "./orphans.ts";
import { type Proof, type ProofOptions, Tally } from "./proof.ts";
import { providerFaults } from "./provider-faults.ts";
import { rawRequests } from "./raw-requests.ts";
import { sandboxEscapes } from "./sandbox-escapes.ts";
import { secrets } from "./secrets.ts";
import { shippedState } from "./shipped-state.ts";
import { signals } from "./signals.ts";
import { simulation } from "./simulation.ts";
import { storageFaults } from "./storage-faults.ts";
import { swapRace } from "./swap-race.ts";
import { textInBrowser } from "./text-in-browser.ts";
import { textInFrames } from "./text-in-frames.ts";

const proofs: readonly Proof[] = [
  kill,
  storageFaults,
  signals,
  crashPoints,
  simulation,
  approvals,
  guardMatrix,
  browserAttacks,
  swapRace,
  rawRequests,
  budget,
  done,
  providerFaults,
  merges,
  hostileFolder,
  shippedState,
  hostileModel,
  secrets,
  modelText,
  textInFrames,
  textInBrowser,
  fileTools,
  limits,
  sandboxEscapes,
  orphans,
];
const shownFailures = 5;
const names = proofs.map(({ name }) => name).join(",");
const usage = `bun run prove [--long] [--json] [--only ${names}] [--seed N]`;

const { values } = parseArgs({
  options: {
    long: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    only: { type: "string", default: names },
    seed: { type: "string" },
    help: { type: "boolean", default: false },
  },
});

if (values.help) console.log(usage);
else process.exitCode = await prove(values.only.split(","), Number(values.seed ?? Date.now() % 100_000));

async function prove(wanted: readonly string[], seed: number): Promise<number> {
  const asked = proofs.filter(({ name }) => wanted.includes(name));
  if (asked.length !== wanted.length || !Number.isInteger(seed)) {
    console.error(`Nothing can be proved so. Usage: ${usage}`);
    return 2;
  }
  if (!values.json) console.log(`Seed ${seed}; ${values.long ? "everything" : "samples; --long tries everything"}.`);
  let failedCount = 0;
  for (const proof of asked) {
    const startMs = performance.now();
    const tally = await tallied(proof, { isLong: values.long, seed });
    if (tally.failed > 0) failedCount += 1;
    tell(proof, tally, performance.now() - startMs);
  }
  if (values.json) console.log(JSON.stringify({ type: "summary", seed, proofCount: asked.length, failedCount }));
  return failedCount > 0 ? 1 : 0;
}

async function tallied(proof: Proof, options: ProofOptions): Promise<Tally> {
  const tally = new Tally();
  try {
    await proof.prove(tally, options);
  } catch (error) {
    tally.fail(`The proof itself broke: ${error instanceof Error ? error.stack : String(error)}`);
  } finally {
    await removeSites();
  }
  if (tally.tried === 0) tally.fail("Nothing was tried.");
  return tally;
}

function tell({ name, promise }: Proof, { tried, failed, failures, note }: Tally, durationMs: number): void {
  const shown = failures.slice(0, shownFailures);
  if (values.json) {
    const line = { type: "proof", name, promise, tried, failed, note, durationMs: Math.round(durationMs) };
    console.log(JSON.stringify({ ...line, failures: shown }));
    return;
  }
  const figure = `${tried} / ${failed}`.padStart(14);
  const words = note === "" ? promise : `${promise} (${note})`;
  console.log(
    `${failed === 0 ? "ok  " : "FAIL"} ${name.padEnd(16)}${figure}  ${words} ${(durationMs / 1000).toFixed(1)} s`,
  );
  for (const failure of shown) console.log(`     ${failure}`);
  if (failures.length > shown.length) console.log(`     and ${failures.length - shown.length} more`);
}
