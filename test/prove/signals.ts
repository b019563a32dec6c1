/**
 * The binary is told to end, told twice, hung up on, frozen, and its clock is set two days on and back, while it works. It
 * fails when it is slow to stop, leaves a command running, cannot be resumed to the same tree, gives up on what had not
 * timed out, or waits for a time that the clock has left.
 */
import { existsSync, globSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Finished, type Launched, summaryOf } from "../support/e2e-binary.ts";
import { makeSite, runAll, type Site, secretKey } from "../support/e2e-project.ts";
import { call, crew, ticketPlan, trackPlan } from "../support/foreign-crew.ts";
import type { Reply } from "../support/foreign-provider.ts";
import { inLanes, type Proof, type Tally, until, within } from "./proof.ts";

const boundMs = 90_000;
const stopMs = 5_000;
const atOnceMs = 1_500;
const options = ["--land", "--unsafe-no-sandbox"];
const first = [...runAll, ...options];
const resume = ["resume", "--approve", "all", "--trust", "--json", ...options];
const day = 24 * 3_600;

export const signals: Proof = {
  name: "signals",
  promise:
    "Told to end, frozen, or with its clock set two days off: it stops within 5 s, goes on, and nothing expires wrongly.",
  async prove(tally, { isLong }) {
    const whole = await siteOf("true");
    const run = await whole.run(first);
    const tree = await userTree(whole);
    if (run.exitCode !== 0) return tally.fail(`The undisturbed run is not right: ${run.err}`);
    const when = [
      "epic.created",
      "call.started",
      "command.started",
      ...(isLong ? ["check.started", "merge.started", "attempt.prepared"] : []),
    ];
    const ends = [
      ...when.map((type) => ({ sent: ["SIGTERM"] as const, type })),
      { sent: ["SIGINT", "SIGINT"] as const, type: "command.started" },
      { sent: ["SIGHUP"] as const, type: "command.started" },
    ];
    let notTried: string | null = null;
    const trials = [
      () => frozen(tally, tree, isLong ? 130_000 : 6_000),
      ...ends.map(
        ({ sent, type }, index) =>
          () =>
            ended(tally, tree, sent, type, index),
      ),
      () => hungUpUnderNohup(tally),
      async () => {
        notTried = await clockJumps(tally, tree);
      },
    ];
    await inLanes(trials, 3, (trial) => trial());
    tally.note = notTried === null ? "" : `NOT tried here: ${notTried}`;
  },
};

/** A worker that runs a command before it writes; the command runs once, whatever happens to it. */
function siteOf(command: string, more: (turn: number) => Reply | undefined = () => undefined): Promise<Site> {
  return makeSite(
    crew([trackPlan("alpha", [ticketPlan("ant")])], {
      worker: ({ turn }, { key, target_files = [] }) =>
        more(turn) ??
        [
          call("bash", { command, timeout_ms: 4_000 }),
          call("write", { file_path: target_files[0], content: `export const ${key} = "${key}";\n` }),
        ][turn] ?? { text: "Finished." },
    }),
  );
}

async function userTree(site: Site): Promise<string> {
  const entries = (await site.repository.git("ls-tree", "-r", "main")).split("\n");
  return entries.filter((entry) => !entry.includes("\tconductor/")).join("\n");
}

/** The signals come at the first event of a type, while a command that heeds nothing runs where that is the type. */
async function ended(tally: Tally, tree: string, sent: readonly NodeJS.Signals[], type: string, index: number) {
  const mark = `${process.pid}${index}`.padStart(9, "7");
  const once = join(tmpdir(), `signalbox-once-${mark}`);
  const site = await siteOf(`trap "" TERM INT HUP; [ -e ${once} ] || { touch ${once}; sleep 30.${mark}; }`);
  const run = site.start(first);
  await run.line((line) => line.type === type);
  const isRunning = () => running(mark);
  if (type === "command.started") await until(isRunning, 10_000);
  const sinceMs = performance.now();
  for (const signal of sent) {
    run.kill(signal);
    if (sent.length > 1) await until(() => false, 300);
  }
  const faults = await stopFaults(run, sent.length > 1 ? atOnceMs : stopMs, sinceMs);
  const isLeft = !(await until(() => !isRunning(), 3_000));
  // A second signal ends the process as kill does: without a sandbox its commands are nobody's then.
  const left = isLeft && sent.length === 1 ? ["its command still runs"] : [];
  tally.trial(`${sent.join(" and ")} at ${type}`, [...faults, ...left, ...(await resumeFaults(site, tree))]);
  rmSync(once, { force: true });
}

async function stopFaults(run: Launched, limitMs: number, sinceMs: number): Promise<string[]> {
  const finished = await within(run.finished, boundMs);
  const tookMs = performance.now() - sinceMs;
  if (finished === null) {
    run.kill("SIGKILL");
    return ["it did not stop"];
  }
  return [
    ...(finished.exitCode === 130 ? [] : [`exit ${finished.exitCode}: ${finished.err.slice(-300)}`]),
    ...(tookMs <= limitMs ? [] : [`it took ${Math.round(tookMs)} ms`]),
  ];
}

async function resumeFaults(site: Site, tree: string): Promise<string[]> {
  const { lines } = await site.run(["log", "--json"]);
  const run = await site.run(lines.some(({ type }) => type === "epic.created") ? resume : first);
  return await wholeFaults(site, run, tree);
}

async function wholeFaults(site: Site, run: Finished, tree: string): Promise<string[]> {
  if (run.exitCode !== 0) return [`it ended with ${run.exitCode}: ${run.err.slice(-300)}`];
  const found = await userTree(site);
  return [
    ...(summaryOf(run).outcome === "done" ? [] : [`the outcome is ${summaryOf(run).outcome}`]),
    ...(found === tree ? [] : [`the tree differs: ${found}`]),
  ];
}

function running(mark: string): boolean {
  return Bun.spawnSync(["pgrep", "-f", `sleep 30.${mark}`]).exitCode === 0;
}

/** Whoever starts it under `nohup` wants it to outlive the terminal. */
async function hungUpUnderNohup(tally: Tally): Promise<void> {
  if (process.platform !== "linux") return;
  const site = await siteOf("true");
  const run = site.start(first, { through: ["/bin/sh", "-c", 'trap "" HUP; exec "$@"', "sh"] });
  await run.line(({ type }) => type === "call.started");
  run.kill("SIGHUP");
  const { exitCode, err } = await run.finished;
  tally.trial("SIGHUP under nohup", exitCode === 0 ? [] : [`exit ${exitCode}: ${err.slice(-300)}`]);
}

/** Frozen for longer than the limit of the command that runs, and in the long form than that of a silent provider. */
async function frozen(tally: Tally, tree: string, forMs: number): Promise<void> {
  const answer = Promise.withResolvers<void>();
  const site = await siteOf("sleep 2", (turn) =>
    turn === 2 ? { text: "Finished.", after: answer.promise } : undefined,
  );
  const run = site.start(first);
  for (const type of ["command.started", "call.started"]) {
    const isSecond = type === "call.started";
    await run.line((line) => (isSecond ? line.type === type && line.turn === 3 : line.type === type));
    run.kill("SIGSTOP");
    await until(() => false, forMs);
    run.kill("SIGCONT");
    if (isSecond) answer.resolve();
  }
  const finished = await run.finished;
  const failed = finished.lines.filter(({ type }) => type === "call.failed" || type === "attempt.failed");
  const command = finished.lines.find(({ type }) => type === "command.completed");
  tally.trial(`frozen for ${forMs / 1000} s, twice`, [
    ...(command?.exitCode === 0 && command.isTimedOut === false ? [] : [`the command: ${JSON.stringify(command)}`]),
    ...failed.map((line) => JSON.stringify(line).slice(0, 200)),
    ...(await wholeFaults(site, finished, tree)),
  ]);
}

/** The clock jumps while a model is held by its provider for two seconds, and while a gate is open. Gives what was not tried. */
async function clockJumps(tally: Tally, tree: string): Promise<string | null> {
  const [library] = globSync("/usr/lib/*/faketime/libfaketime.so.1");
  if (!library) return "clock jumps (no libfaketime)";
  for (const seconds of [2 * day, -2 * day]) {
    const limited: Reply = { status: 429, headers: { "retry-after": "2" } };
    let count = 0;
    const site = await siteOf("true", (turn) => (turn === 1 && count++ === 0 ? limited : undefined));
    const clock = join(site.home, "clock");
    writeFileSync(clock, "+0");
    const env = {
      ANTHROPIC_API_KEY: secretKey,
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: clock,
      FAKETIME_NO_CACHE: "1",
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
    };
    const run = site.start(first, { env });
    await run.line(({ type }) => type === "call.failed");
    const sinceMs = performance.now();
    writeFileSync(clock, `${seconds < 0 ? "-" : "+"}${Math.abs(seconds)}`);
    const finished = await within(run.finished, boundMs);
    if (finished === null) run.kill("SIGKILL");
    const times = (finished?.lines ?? []).flatMap(({ at }) => (typeof at === "string" ? Date.parse(at) : []));
    const jumpSeconds = ((times.at(-1) ?? 0) - (times[0] ?? 0)) / 1000;
    const what = `the clock is set ${seconds / day} days on`;
    if (finished && Math.abs(jumpSeconds - seconds) > day) tally.fail(`${what}: it did not see that`);
    tally.trial(what, [
      ...(finished ? await wholeFaults(site, finished, tree) : [`after ${boundMs / 1000} s it still waited`]),
      ...(performance.now() - sinceMs < 60_000 ? [] : ["it waited for longer than it was asked to"]),
      ...(existsSync(clock) ? [] : ["the clock is gone"]),
    ]);
  }
  return null;
}
