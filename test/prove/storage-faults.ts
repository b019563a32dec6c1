/**
 * A disk that is full, fails to sync, turns read-only or loses the state folder, and a log that was cut, flipped or written
 * by another version. It fails when the binary goes on, dies without a sentence, is slow to stop, shows altered events, or
 * when a resumed run has lost a printed event or gives another tree. What this machine cannot try is said, and not counted.
 */

import { Database } from "bun:sqlite";
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { type Finished, type Launched, summaryOf } from "../support/e2e-binary.ts";
import { makeSite, runAll, type Site } from "../support/e2e-project.ts";
import { crew, ticketPlan, trackPlan } from "../support/foreign-crew.ts";
import { flipBits } from "./bit-flips.ts";
import { inLanes, type Proof, type ProofOptions, type Tally, within } from "./proof.ts";
import { SmallDisk } from "./small-disk.ts";

const boundMs = 120_000;
/** How long the binary may take to end after its disk failed: two seconds, and as much again for a busy machine. */
const stopMs = 4_000;
const flipCount = 400;
const resume = ["resume", "--approve", "all", "--trust", "--land", "--json"];
const first = [...runAll, "--land"];
const roomy = 65_536;
const changedEvent = "with a changed event";

export const storageFaults: Proof = {
  name: "storage-faults",
  promise: `Disk full, failing, read-only or gone, a log cut short or with one of ${flipCount} bits flipped: it stops with a sentence, shows nothing false, and nothing is lost.`,
  async prove(tally, options) {
    const notTried: string[] = [];
    const whole = await newSite();
    const run = await whole.run(first);
    const tree = await userTree(whole);
    if (run.exitCode !== 0 || !tree.includes("src/ant.ts"))
      return tally.fail(`The undisturbed run is not right: ${run.err}`);
    const refused = flipBits(tally, logOf(whole), flipCount, options.seed);
    await failingSyncs(tally, tree, options, notTried);
    await smallDisks(tally, tree, options, notTried);
    await lostFolder(tally);
    await wrongLogs(tally);
    tally.note = [`${refused} flips refused`, ...notTried.map((what) => `NOT tried here: ${what}`)].join("; ");
  },
};

function newSite(): Promise<Site> {
  return makeSite(crew([trackPlan("alpha", [ticketPlan("ant"), ticketPlan("ape")])]));
}

function logOf(site: Site): string {
  return join(site.repository.root, ".signalbox/signalbox.db");
}

async function userTree(site: Site): Promise<string> {
  const entries = (await site.repository.git("ls-tree", "-r", "main")).split("\n");
  return entries.filter((entry) => !entry.includes("\tconductor/")).join("\n");
}

/** The k-th sync or write of the main thread fails, as the kernel would let it fail. */
async function failingSyncs(tally: Tally, tree: string, { isLong }: ProofOptions, notTried: string[]) {
  if (!Bun.which("strace")) return void notTried.push("failing syncs and writes (no strace)");
  const kinds = [
    { calls: "fsync,fdatasync", error: "EIO", words: /disk failed/ },
    { calls: "pwrite64", error: "EIO", words: /disk failed/ },
    { calls: "pwrite64", error: "ENOSPC", words: /is full/ },
    { calls: "pwrite64", error: "EROFS", words: /read-only|disk failed/ },
  ];
  const counts = isLong ? Array.from({ length: 20 }, (_unset, index) => 4 + index * 5) : [17];
  const trials = counts.flatMap((count) => kinds.map((kind) => ({ ...kind, count })));
  await inLanes(trials, 2, async ({ calls, error, count, words }) => {
    const site = await newSite();
    const inject = ["-e", `trace=${calls}`, "-e", `inject=${calls}:error=${error}:when=${count}`];
    const run = site.start(first, { through: ["strace", "-qq", "-o", join(site.home, "strace.txt"), ...inject] });
    const stopped = await stoppedFaults(run, words);
    const isMet = readFileSync(join(site.home, "strace.txt"), "utf8").includes("INJECTED");
    if (!isMet) return;
    tally.trial(`${calls} number ${count} fails with ${error}`, [
      ...stopped,
      ...(await resumedFaults(site, run, tree)),
    ]);
  });
}

/** How a run ends whose disk has failed: soon, with a code and a last sentence. A run that could do without is right too. */
async function stoppedFaults(run: Launched, words: RegExp): Promise<string[]> {
  const ended = await within(run.finished, boundMs);
  if (ended === null) {
    run.kill("SIGKILL");
    return ["it did not stop"];
  }
  const { exitCode, err } = ended;
  const last = err.trimEnd().split("\n").at(-1) ?? "";
  if (exitCode === 0) return [];
  return [
    ...(exitCode === 1 ? [] : [`exit ${exitCode}`]),
    ...(last.startsWith("signalbox: ") && words.test(last) ? [] : [`its last words: ${last.slice(0, 300)}`]),
  ];
}

async function resumedFaults(site: Site, before: Launched, tree: string, through: readonly string[] = []) {
  const printed = printedLines(await before.finished);
  // What failed before the goal was written down is begun anew, as a person would.
  const log = await site.run(["log", "--json"], { through });
  const args = log.out.includes('"epic.created"') ? resume : first;
  const run = await site.run(args, { through });
  const after = await site.run(["log", "--json"], { through });
  const kept = new Set(after.out.split("\n"));
  const isDone = run.exitCode === 0 && summaryOf(run).outcome === "done";
  const found = await userTree(site);
  return [
    ...(isDone ? [] : [`resumed, it ended with ${run.exitCode}: ${run.err.slice(-300)}`]),
    ...(found === tree ? [] : [`the tree differs: ${found}`]),
    ...printed.filter((line) => !kept.has(line)).map((line) => `printed, and lost: ${line.slice(0, 200)}`),
  ];
}

function printedLines({ out }: Finished): string[] {
  return out
    .split("\n")
    .slice(0, -1)
    .filter((line) => line.includes('"position"'));
}

async function smallDisks(tally: Tally, tree: string, { isLong }: ProofOptions, notTried: string[]): Promise<void> {
  const sizes = isLong ? Array.from({ length: 20 }, (_unset, index) => 40 + index * 24) : [128];
  for (const kilobytes of sizes) {
    const isTried = await onSmallDisk(kilobytes, async (site, disk) => {
      const run = site.start(first, disk);
      const stopped = await stoppedFaults(run, /disk is full/);
      disk.makeRoom();
      tally.trial(`a disk of ${kilobytes} kB`, [...stopped, ...(await resumedFaults(site, run, tree, disk.through))]);
    });
    if (!isTried) return void notTried.push("full and read-only disks (no root, or no mount namespaces)");
  }
  await onSmallDisk(roomy, async (site, disk) => {
    const run = site.start(first, disk);
    await run.line(({ type }) => type === "attempt.prepared");
    run.kill("SIGKILL");
    await run.finished;
    // The kernel takes no disk from under a writer.
    disk.makeReadonly();
    const refused = await stoppedFaults(site.start(resume, disk), /read-only/);
    disk.makeWritable();
    tally.trial("a read-only disk", [...refused, ...(await resumedFaults(site, run, tree, disk.through))]);
  });
}

/** Gives false where no such disk can be made. */
async function onSmallDisk(kilobytes: number, work: (site: Site, disk: SmallDisk) => Promise<void>): Promise<boolean> {
  const site = await newSite();
  const disk = await SmallDisk.over(join(site.repository.root, ".signalbox"), kilobytes * 1024);
  if (!disk) return false;
  try {
    await work(site, disk);
  } finally {
    await disk.end();
  }
  return true;
}

/** The state folder is deleted, or moved away, while a server waits and while a run works. */
async function lostFolder(tally: Tally): Promise<void> {
  for (const way of ["deleted", "moved"] as const) {
    const site = await newSite();
    const before = await site.repository.fingerprint();
    const state = join(site.repository.root, ".signalbox");
    const server = site.start(["serve", "--json", "--port", "0", "--no-open", "--trust"]);
    await server.line(({ type }) => type === "listening");
    if (way === "deleted") rmSync(state, { recursive: true });
    else renameSync(state, join(site.home, "moved"));
    const sinceMs = performance.now();
    const faults = await stoppedFaults(server, /moved or deleted/);
    const tookMs = performance.now() - sinceMs;
    const { exitCode } = await server.finished;
    tally.trial(`the state folder is ${way} under a server`, [
      ...faults,
      ...(exitCode === 1 ? [] : [`exit ${exitCode}`]),
      ...(tookMs <= stopMs ? [] : [`it took ${Math.round(tookMs)} ms`]),
      ...((await site.repository.fingerprint()) === before ? [] : ["the user's files were touched"]),
    ]);
  }
}

interface Spoilt {
  readonly how: string;
  /** Whether the log's process was killed, so that a part of the log is in the write-ahead file. */
  readonly isKilled?: boolean;
  act(path: string): void;
}

const spoilt: readonly Spoilt[] = [
  { how: "without its write-ahead file", isKilled: true, act: (path) => rmSync(`${path}-wal`) },
  { how: "with half of its write-ahead file", isKilled: true, act: (path) => halve(`${path}-wal`) },
  { how: "without its database file", isKilled: true, act: (path) => rmSync(path) },
  { how: "with half of its database file", act: halve },
  { how: "that is no database", act: (path) => writeFileSync(path, "A letter.".repeat(1_000)) },
  { how: "of a newer version", act: (path) => change(path, "PRAGMA user_version = 99") },
  {
    how: changedEvent,
    act: (path) => change(path, "UPDATE events SET body = replace(body, 'goal', 'gaol') WHERE position = 4"),
  },
];

/** A log that is not what its process left: refused by all that would use or show it; what is whole can be exported. */
async function wrongLogs(tally: Tally): Promise<void> {
  const site = await newSite();
  const run = site.start(first);
  await run.line(({ type }) => type === "attempt.prepared");
  run.kill("SIGKILL");
  await run.finished;
  const path = logOf(site);
  const killed = keep(path, site);
  await site.run(["pause"]);
  const closed = keep(path, site);
  for (const { how, isKilled, act } of spoilt) {
    for (const ending of ["", "-wal", "-shm", "-head"]) rmSync(`${path}${ending}`, { force: true });
    const kept = isKilled ? killed : closed;
    for (const name of readdirSync(kept)) copyFileSync(join(kept, name), join(dirname(path), name));
    act(path);
    const faults: string[] = [];
    for (const args of [["resume", "--trust"], ["status"], ["log"], ["usage", "--json"]]) {
      const { exitCode, err } = await site.run(args);
      const isRefused = exitCode === 1 && /^signalbox: The event log .+/m.test(err);
      // Without its file there is nothing to look at, and nothing that could be shown falsely.
      const isNothing = !existsSync(path) && args[0] !== "resume" && exitCode === 0;
      if (!isRefused && !isNothing) faults.push(`${args[0]}: exit ${exitCode}: ${err.slice(-200)}`);
    }
    tally.trial(`a log ${how}`, [...faults, ...(how === changedEvent ? await exportFaults(site) : [])]);
  }
}

/** Copies a log's files aside. */
function keep(path: string, site: Site): string {
  const folder = mkdtempSync(join(site.home, "log-"));
  for (const ending of ["", "-wal", "-head"])
    if (existsSync(`${path}${ending}`)) copyFileSync(`${path}${ending}`, join(folder, `signalbox.db${ending}`));
  return folder;
}

function halve(path: string): void {
  truncateSync(path, Math.floor(readFileSync(path).length / 2));
}

function change(path: string, sql: string): void {
  const database = new Database(path);
  database.run(sql);
  database.close();
}

async function exportFaults(site: Site): Promise<string[]> {
  const file = join(site.home, "export.jsonl");
  const { exitCode, err } = await site.run(["export", file]);
  const again = await site.run(["export", file]);
  const lines = existsSync(file) ? readFileSync(file, "utf8").trimEnd().split("\n") : [];
  const isRight = lines.length === 4 && /"type":"export.ended","position":3,"isWhole":false/.test(lines[3] ?? "");
  return [
    ...(exitCode === 0 && isRight ? [] : [`export: exit ${exitCode}, ${lines.length} lines: ${err}`]),
    ...(again.exitCode === 1 ? [] : ["a second export wrote over the first"]),
  ];
}
