/**
 * The demo without a page. Its level is manual, and an approver stands in for the person: each decision goes through the
 * same command as a person's, and the log names it `demo`. One spawn gate is edited first.
 */
import { gatePayloads, type Json } from "../domain/gate.ts";
import type { Gate } from "../domain/state.ts";
import { failure } from "./cli-error.ts";
import type { Invocation } from "./command-table.ts";
import { composeEngine, type RunningEngine } from "./compose.ts";
import type { DemoPlace } from "./demo-place.ts";
import { runToEnd } from "./run-to-end.ts";
import { startEpic } from "./start-work.ts";
import type { World } from "./world.ts";

const approver = "demo";
const editNote = "Note from the demo's approver: keep the change small, and name things as the files around it do.";

/** Runs the goal to its end, runs the sample's tests, and gives the exit code. */
export async function runDemoHeadless(place: DemoPlace, { options }: Invocation, world: World): Promise<number> {
  const { project, config, goal, warnings } = place;
  const engine = await composeEngine({ project, config, world, warnings, isBusy: true });
  const stopApproving = approveEverything(engine);
  const isJson = options.json ?? false;
  try {
    startEpic(engine, goal, true);
    const exitCode = await runToEnd(engine, { isJson, isHeadless: false, after: 0, world });
    if (exitCode !== 0) return exitCode;
    const checked = await runCheck(place);
    world.note(`The sample's own tests after landing: ${checked.line}\n`);
    if (!checked.isGreen) throw failure("demo_check", `The demo's tests are red after landing: ${checked.line}`);
    return 0;
  } finally {
    stopApproving();
    await engine.stop("the demo ended");
  }
}

/** Approves every gate soon after it opens. Decides outside the engine's own call, as a person would. */
function approveEverything(engine: RunningEngine): () => void {
  let hasEdited = false;
  let isPlanned = false;
  const approveOpen = () => {
    isPlanned = false;
    for (const gate of [...engine.state().gates.values()]) {
      if (gate.status !== "open") continue;
      const edited: Json | undefined = hasEdited ? undefined : editedSpawn(gate);
      hasEdited ||= edited !== undefined;
      const { gateId, payloadHash } = gate;
      engine.dispatch({
        type: "approve_gate",
        gateId,
        payloadHash,
        by: approver,
        ...(edited !== undefined && { payload: edited }),
      });
    }
  };
  return engine.onPosition(() => {
    if (isPlanned) return;
    isPlanned = true;
    setImmediate(approveOpen);
  });
}

/** A spawn gate's payload with a line more in the prompt; undefined for any other gate. */
function editedSpawn(gate: Gate): Json | undefined {
  if (gate.kind !== "spawn") return undefined;
  const { prompt, context, model } = gatePayloads.spawn.parse(gate.payload);
  return { prompt: `${prompt}\n\n${editNote}`, context, model };
}

async function runCheck({ project, verifyCommand }: DemoPlace): Promise<{ isGreen: boolean; line: string }> {
  const child = Bun.spawn(["/bin/sh", "-c", verifyCommand], {
    cwd: project.root,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [output, words] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  const exitCode = await child.exited;
  const counts = [...Bun.stripANSI(output + words).matchAll(/^\s*(\d+ (?:pass|fail))$/gm)].map((match) => match[1]);
  return { isGreen: exitCode === 0, line: counts.join(", ") || `exit ${exitCode}` };
}
