/**
 * A confined command tries to get out, in every way of a list, in both tiers of Linux, as this user and (as root) as a plain one.
 * It fails when one gets out that the tier does not tell of, when a gap that it tells of is none, and when a tier does not work
 * here: a machine without bubblewrap proves nothing.
 */
import { chmodSync, chownSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { type Canary, canaries, type Gap } from "../support/canaries.ts";
import type { Proof, Tally } from "./proof.ts";

const plainUser = 65534;
const boundMs = 400_000;
/** The words with which `doctor` tells of each gap of the partial tier. */
const gapWords: Readonly<Record<Gap, RegExp>> = {
  metadata: /^Permissions and times of files outside can be changed/,
  names: /^Names of files in the project can be listed/,
  processes: /^Names and command lines of other programs can be seen/,
  scheduling: /^Limits and priorities of your other programs can be changed/,
};
const gaps: readonly Gap[] = ["metadata", "names", "processes", "scheduling"];
/** Told as well, and tried elsewhere: by the proofs of limits and orphans, or by nothing that is an escape. */
const toldElsewhere = /outlive|processes is not limited|memory of all processes|A check that opens/;

const Outcome = z.object({
  tier: z.string(),
  description: z.object({ summary: z.string(), notEnforced: z.array(z.string()) }),
  results: z.array(z.object({ name: z.string(), words: z.string(), evidence: z.array(z.string()) })),
});
type Outcome = z.infer<typeof Outcome>;

export const sandboxEscapes: Proof = {
  name: "sandbox-escapes",
  promise:
    "A confined command gets out by none of the ways on the list; what the partial tier does not cover is told, and is all.",
  async prove(tally, { isLong }) {
    if (process.platform !== "linux") return tally.fail("Only Linux has what this proof needs.");
    const folder = realpathSync(mkdtempSync(join(tmpdir(), "escapes-")));
    chmodSync(folder, 0o755);
    try {
      const driver = await compiled(join(folder, "driver"));
      const isRoot = process.getuid?.() === 0;
      const users = isRoot ? [0, plainUser] : [null];
      for (const tier of ["bubblewrap", "landlock"] as const)
        for (const user of users) {
          const name = `${tier}${user === null ? "" : user === 0 ? ", root" : ", plain user"}`;
          // The sample: each way once in each tier.
          const asked = canaries.filter(
            ({ gap }, index) => isLong || gap || user === null || index % 2 === (user === 0 ? 0 : 1),
          );
          const base = join(folder, name.replaceAll(/\W+/g, "-"));
          judge(tally, name, tier, asked, await drive(driver, base, tier, user, asked));
        }
      tally.note = `${canaries.length} ways in each tier${isRoot ? (isLong ? ", each as root and as a plain user" : ", half as root, half as a plain user") : ""}`;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

/** The driver as one file that any user can run. */
async function compiled(outfile: string): Promise<string> {
  const source = join(import.meta.dir, "..", "support", "confined-driver.ts");
  const build = Bun.spawn([process.execPath, "build", "--compile", "--format=esm", source, "--outfile", outfile], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  if ((await build.exited) !== 0) throw new Error(await new Response(build.stderr).text());
  chmodSync(outfile, 0o755);
  return outfile;
}

async function drive(
  driver: string,
  base: string,
  tier: string,
  user: number | null,
  asked: readonly Canary[],
): Promise<Outcome | string> {
  mkdirSync(base);
  if (user) chownSync(base, user, user);
  const as = user ? ["setpriv", `--reuid=${user}`, `--regid=${user}`, "--clear-groups"] : [];
  const program = await Bun.file(join(import.meta.dir, "..", "support", "canary-program.ts")).text();
  const child = Bun.spawn([...as, driver], {
    stdin: Buffer.from(JSON.stringify({ base, tier, program, canaries: asked })),
    stdout: "pipe",
    stderr: "pipe",
    cwd: "/",
    env: { PATH: process.env.PATH ?? "/usr/bin:/bin", TMPDIR: tmpdir() },
    timeout: boundMs,
    killSignal: "SIGKILL",
  });
  const [out, words] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  return out.trim() === "" ? words : Outcome.parse(JSON.parse(out));
}

function judge(tally: Tally, name: string, tier: string, asked: readonly Canary[], outcome: Outcome | string): void {
  if (typeof outcome === "string") return tally.fail(`${name}: the driver broke: ${outcome}`);
  if (outcome.tier !== tier) return tally.fail(`${name} does not work here: ${outcome.description.summary}`);
  const told = outcome.description.notEnforced;
  for (const canary of asked) {
    const result = outcome.results.find((each) => each.name === canary.name);
    tally.trial(`${name}, ${canary.name}`, result ? faults(canary, result, told) : ["it was not tried"]);
  }
  const untold = told.filter(
    (sentence) => !toldElsewhere.test(sentence) && !Object.values(gapWords).some((words) => words.test(sentence)),
  );
  tally.trial(
    `${name}, what it tells`,
    untold.map((sentence) => `no way of the list tries this: ${sentence}`),
  );
  for (const gap of gaps) {
    const isTold = told.some((sentence) => gapWords[gap].test(sentence));
    const isOpen = canaries.some(
      (canary) => canary.gap === gap && escaped(outcome.results.find((each) => each.name === canary.name)),
    );
    if (isTold !== isOpen)
      tally.fail(`${name}: the gap "${gap}" is ${isTold ? "told, and there is none" : "there, and not told"}.`);
  }
}

type Result = Outcome["results"][number];

function faults(canary: Canary, result: Result, told: readonly string[]): string[] {
  const words = result.words.trim();
  if (words.startsWith("not started")) return [words];
  if (canary.name.startsWith("call: ") && words !== "ESCAPED" && words !== "held")
    return [`it could not be tried: ${words.slice(0, 200)}`];
  if (!escaped(result)) return [];
  if (canary.gap && told.some((sentence) => canary.gap && gapWords[canary.gap].test(sentence))) return [];
  return [`it got out: ${[words, ...result.evidence].join("; ").slice(0, 300)}`];
}

function escaped(result: Result | undefined): boolean {
  return result !== undefined && (result.words.includes("ESCAPED") || result.evidence.length > 0);
}
