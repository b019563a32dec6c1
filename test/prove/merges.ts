/**
 * No work is dropped: fuzzed merges, a repository that is damaged, locked or of an odd kind, and a landing that is killed
 * between the user's files and their branch. It fails when one line of a merged ticket is gone, one commit that was a tip
 * cannot be found after a garbage collection, or one byte of the user's changes before a landing.
 */
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openRepository } from "../../src/workspace/repository.ts";
import { makeSite, runAll, secretKey } from "../support/e2e-project.ts";
import { call, crew, ticketPlan, trackPlan } from "../support/foreign-crew.ts";
import { makeTempRepository } from "../support/temp-repository.ts";
import { merge, stage, trackId, work } from "../support/track-work.ts";
import { brokenBy, fuzzTrack, userState } from "./merge-fuzz.ts";
import type { Proof, Tally } from "./proof.ts";

export const merges: Proof = {
  name: "merges",
  promise: "Every merge is a conflict or holds every line of every merged ticket; nothing thrown away is lost.",
  async prove(tally, { isLong, seed }) {
    let [conflictCount, raceCount] = [0, 0];
    for (let round = 0; round < (isLong ? 60 : 1); round += 1) {
      const fuzz = await fuzzTrack(tally, seed + round, isLong ? 5 : 3);
      conflictCount += fuzz.conflictCount;
      raceCount += fuzz.raceCount;
    }
    if (conflictCount === 0) tally.fail("No two edits overlapped: the proof would prove nothing.");
    await damaged(tally);
    await killedLanding(tally);
    await overlapping(tally);
    tally.note = `${conflictCount} conflicts, ${raceCount} races with an outsider`;
  },
};

/** A lock that a killed git left, and an object that cannot be read: words, and everything as it was. */
async function damaged(tally: Tally): Promise<void> {
  const temp = await makeTempRepository({ "a.txt": "one\ntwo\n" });
  try {
    const repository = await openRepository(temp.root);
    await repository.prepareTrack(trackId, []);
    const ticket = await work(repository, "T-001", { "new.txt": "of the ticket\n" });
    const tip = () => temp.git("rev-parse", `signalbox/${trackId}/track`);
    const before = [await userState(temp), await tip()].join();
    const staged = await stage(repository, "T-001");
    const tried = async (what: string, attempt: () => Promise<unknown>) => {
      const words = await brokenBy(attempt);
      const after = [await userState(temp), await tip()].join();
      const faults = words.length === 0 ? ["nothing was said"] : [];
      tally.trial(what, after === before ? faults : [...faults, "something changed"]);
    };
    const lock = join(temp.root, `.git/refs/heads/signalbox/${trackId}/track.lock`);
    await writeFile(lock, "");
    await tried("a lock that was left behind", () => repository.publishMerge({ trackId, ...staged }));
    await rm(lock);
    const blob = await temp.git("rev-parse", `${ticket.commit}:new.txt`);
    const object = join(temp.root, ".git/objects", blob.slice(0, 2), blob.slice(2));
    const content = await readFile(object);
    await rm(object);
    await writeFile(object, "not an object");
    await rm(join(temp.root, `.signalbox/worktrees/_${trackId}`), { recursive: true });
    await tried("an object that is damaged", () => repository.stageMerge({ trackId, ticketId: "T-001", title: "t" }));
    await writeFile(object, content);
    tally.trial("the same, mended", await brokenBy(() => merge(repository, "T-001")));
    tally.trial("git fsck after it", await brokenBy(() => temp.git("fsck", "--strict")));
  } finally {
    await temp.remove();
  }
}

/** The binary is killed by the very git that would have moved the user's branch: the next start finishes the landing. */
async function killedLanding(tally: Tally): Promise<void> {
  const site = await makeSite(crew([trackPlan("alpha", [ticketPlan("ant")])]));
  const { repository: temp } = site;
  const programs = await mkdtemp(join(tmpdir(), "signalbox-git-"));
  try {
    const real = Bun.which("git") ?? "git";
    const script = `#!/bin/sh\ncase "$*" in *"signalbox: land"*) kill -9 $PPID; exit 1;; esac\nexec ${real} "$@"\n`;
    await writeFile(join(programs, "git"), script);
    await chmod(join(programs, "git"), 0o755);
    const env = { ANTHROPIC_API_KEY: secretKey };
    const killed = await site.run([...runAll, "--land"], { env: { ...env, PATH: `${programs}:${process.env.PATH}` } });
    const hasFile = async () => (await brokenBy(() => temp.read("src/ant.ts"))).length === 0;
    const isCut = killed.exitCode !== 0 && (await hasFile()) && (await temp.git("log", "--format=%s")) === "first";
    tally.trial("a landing that is killed", isCut ? [] : ["it was not cut between files and branch"]);
    const resumed = await site.run(["resume", "--approve", "all", "--land", "--trust", "--json"]);
    const changes = await temp.git("status", "--porcelain", "--untracked-files=no");
    const log = await temp.git("log", "--format=%s");
    const faults = resumed.exitCode === 0 ? [] : [`exit ${resumed.exitCode}: ${resumed.err.slice(-300)}`];
    if (changes !== "") faults.push(`changes are left: ${changes}`);
    if (!log.includes("Merge T-001")) faults.push("the branch does not have it");
    tally.trial("the start after it", faults);
  } finally {
    await rm(programs, { recursive: true, force: true });
  }
}

/** Through the binary: two workers change neighbouring lines of one file; the second does its work again on the first's. */
async function overlapping(tally: Tally): Promise<void> {
  const target = { target_files: ["src/base.ts"] };
  const plans = [trackPlan("alpha", [ticketPlan("ant", target), ticketPlan("bee", target)])];
  const site = await makeSite(
    crew(plans, {
      worker: ({ turn }, ticket) =>
        turn === 0
          ? call("bash", { command: `echo 'export const ${ticket.key} = 1;' >> src/base.ts` })
          : { text: "Finished." },
    }),
  );
  const run = await site.run([...runAll, "--land", "--unsafe-no-sandbox"]);
  const text = await site.repository.read("src/base.ts");
  const gone = ["base", "ant", "bee"].filter((name) => !text.includes(`const ${name} = 1;`));
  const faults = run.exitCode === 0 ? [] : [`exit ${run.exitCode}: ${run.err.slice(-300)}`];
  tally.trial("two tickets in one file", [...faults, ...gone.map((name) => `${name} is gone`)]);
}
