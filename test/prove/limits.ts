/**
 * Commands that take all they can get (processes, memory, output, time, disk), in every tier of this machine, with and without
 * control groups. It fails when a limit does not bite, when the words do not say which, when something is left running, or when
 * this process's own loop was held up: its 99th percentile must stay below a second.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CommandResult, runCommand } from "../../src/workspace/command-runner.ts";
import type { SandboxPlan } from "../../src/workspace/sandbox/plan.ts";
import { probeSandbox } from "../../src/workspace/sandbox/probe.ts";
import { type Proof, type Tally, until } from "./proof.ts";

const latencyMs = 1_000;
const mebibyte = 1024 ** 2;
const smallDisk = "48m";

export const limits: Proof = {
  name: "limits",
  promise:
    "A fork bomb, a flood, a hog, a daemon, an endless command or a disk filler ends in words, leaves nothing, and the tool answers.",
  async prove(tally, { isLong }) {
    if (process.platform !== "linux") return tally.fail("Only Linux has what this proof needs.");
    const place = makePlace();
    const loop = watchLoop();
    try {
      for (const tier of ["bubblewrap", "landlock"] as const) {
        const probed = await probeSandbox({ mode: "auto", network: false, isUnsafe: false, ...place, tiers: [tier] });
        if (probed.tier !== tier) tally.fail(`${tier} does not work here: ${probed.describe().summary}`);
        else await tryAll(tally, place, withSmallLimits(probed), isLong);
      }
      const p99 = loop.percentile(0.99);
      tally.trial("the main loop", p99 < latencyMs ? [] : [`its 99th percentile was ${Math.round(p99)} ms`]);
      tally.note = `main loop held up ${Math.round(p99)} ms at the 99th percentile, ${Math.round(loop.percentile(1))} ms at most`;
    } finally {
      loop.stop();
      unmount(place.disk);
      rmSync(place.projectRoot, { recursive: true, force: true });
    }
  },
};

interface Place {
  readonly projectRoot: string;
  readonly stateDir: string;
  readonly worktree: string;
  /** A worktree on a disk of its own that is nearly nothing, where this user may mount one; "" otherwise. */
  readonly disk: string;
}

function makePlace(): Place {
  const projectRoot = realpathSync(mkdtempSync(join(tmpdir(), "signalbox-limits-")));
  const stateDir = join(projectRoot, ".signalbox");
  const worktree = join(stateDir, "worktrees", "T-001");
  const disk = join(stateDir, "worktrees", "T-002");
  for (const folder of [worktree, disk]) mkdirSync(folder, { recursive: true });
  const mounted = Bun.spawnSync(["mount", "-t", "tmpfs", "-o", `size=${smallDisk}`, "tmpfs", disk], {
    stderr: "ignore",
  });
  return { projectRoot, stateDir, worktree, disk: mounted.exitCode === 0 ? disk : "" };
}

function unmount(disk: string): void {
  if (disk) Bun.spawnSync(["umount", "-l", disk], { stderr: "ignore" });
}

/** The tier with limits that are reached soon; how they are enforced stays as it is. */
function withSmallLimits(plan: SandboxPlan): SandboxPlan {
  const small = { processes: 100, memoryBytes: 384 * mebibyte };
  const groups = plan.limits.groups?.withLimits(small) ?? null;
  return { ...plan, limits: { ...small, groups } };
}

async function tryAll(tally: Tally, place: Place, plan: SandboxPlan, isLong: boolean): Promise<void> {
  const hasGroups = plan.limits.groups !== null;
  const isRoot = process.getuid?.() === 0;
  for (const hazard of hazards) {
    if (hazard.isOfGroups && !hasGroups) continue;
    const mark = `9${process.pid}.${Math.floor(performance.now() * 1000)}`;
    const name = `${plan.tier}, ${hazard.name}`;
    const run = { cwd: place.worktree, timeoutMs: hazard.timeoutMs ?? 10_000, graceMs: 300, sandbox: plan };
    const before = process.memoryUsage.rss();
    const result = await runCommand({ ...run, command: hazard.command(mark, isLong) });
    const grown = process.memoryUsage.rss() - before;
    const isLeft = !(await until(() => alive(mark) === 0, 3_000));
    tally.trial(name, [
      ...hazard.judge(result, isLong),
      ...(isLeft ? [`${alive(mark)} processes are left`] : []),
      ...(grown > 96 * mebibyte ? [`this process grew by ${Math.round(grown / mebibyte)} MiB`] : []),
    ]);
  }
  const shell: SandboxPlan = { ...plan, limits: { ...plan.limits, memoryBytes: 2048 * mebibyte, groups: null } };
  const ask = { cwd: place.worktree, timeoutMs: 20_000, sandbox: shell };
  const hog = await runCommand({
    ...ask,
    command: `BUN_BE_BUN=1 '${process.execPath}' -e '${eatMemory(6)}' && echo ATE`,
  });
  tally.trial(`${plan.tier}, memory without control groups`, hog.output.includes("ATE") ? ["6 GiB were given"] : []);
  const small = await runCommand({ ...ask, command: `BUN_BE_BUN=1 '${process.execPath}' -e 'console.log("STARTS")'` });
  tally.trial(`${plan.tier}, a runtime under that limit`, small.output.includes("STARTS") ? [] : [small.output]);
  if (!isRoot) {
    const bomb = await runCommand({ ...ask, timeoutMs: 3_000, command: `${forks(2_000, "8.125")}; echo "FORKED $n"` });
    tally.trial(
      `${plan.tier}, processes without control groups`,
      bomb.output.includes("FORKED 2000") ? ["all were given"] : [],
    );
  }
  if (!place.disk) return;
  const filler = await runCommand({
    ...ask,
    cwd: place.disk,
    command: "trap '' TERM; head -c 1G /dev/zero > fill; sleep 30",
  });
  tally.trial(`${plan.tier}, a disk filler`, [
    ...(filler.hint?.includes("nearly filled the disk") ? [] : [`the words are: ${filler.hint ?? filler.output}`]),
    ...(filler.durationMs < 10_000 ? [] : [`it took ${filler.durationMs} ms`]),
  ]);
  rmSync(join(place.disk, "fill"), { force: true });
}

interface Hazard {
  readonly name: string;
  readonly timeoutMs?: number;
  /** Whether only control groups can stop it for every user. */
  readonly isOfGroups?: boolean;
  command(mark: string, isLong: boolean): string;
  judge(result: CommandResult, isLong: boolean): string[];
}

const says = (result: CommandResult, words: string) =>
  result.output.includes(words) ? [] : [`its output does not say "${words}": ${result.output.slice(-300)}`];
const stopped = (result: CommandResult) =>
  result.isTimedOut ? [] : [`it was not stopped at its time limit, it ended with ${result.exitCode}`];

const hazards: readonly Hazard[] = [
  {
    name: "a fork bomb",
    timeoutMs: 3_000,
    isOfGroups: true,
    command: (mark) => `bomb() { sleep ${mark} & bomb | bomb & }; bomb; sleep ${mark}`,
    judge: (result) => [...stopped(result), ...says(result, "stopped after its limit")],
  },
  {
    name: "three hundred processes",
    timeoutMs: 8_000,
    isOfGroups: true,
    command: (mark) => `${forks(300, mark)}; echo "$n"`,
    judge: (result) => [...says(result, "limit of 100 processes")],
  },
  {
    name: "a memory hog",
    timeoutMs: 30_000,
    isOfGroups: true,
    command: () => `BUN_BE_BUN=1 '${process.execPath}' -e '${eatMemory(2)}' && echo ATE`,
    judge: (result) => [
      ...says(result, "of memory, and processes of it were ended"),
      ...(result.output.includes("ATE") ? ["2 GiB were given"] : []),
    ],
  },
  { name: "endless output", timeoutMs: 2_000, command: (mark) => `sleep ${mark} & yes`, judge: stopped },
  {
    name: "one line without end",
    timeoutMs: 90_000,
    command: (_mark, isLong) => `head -c ${lineBytes(isLong)} /dev/zero | tr '\\0' x`,
    judge: (result, isLong) => [
      ...(result.outputBytes === lineBytes(isLong) ? [] : [`${result.outputBytes} bytes were counted`]),
      ...(result.output.length < 70_000 ? [] : [`${result.output.length} characters were kept`]),
      ...says(result, "bytes of output cut here"),
    ],
  },
  {
    name: "no text at all",
    command: () => "head -c 3000000 /dev/urandom; printf '\\033[2J\\033]0;title\\007\\377\\000'",
    judge: (result) => (result.exitCode === 0 ? [] : [`it ended with ${result.exitCode}`]),
  },
  {
    name: "an endless command that heeds no signal",
    timeoutMs: 1_500,
    command: (mark) => `trap '' TERM INT HUP; sleep ${mark} & while :; do sleep ${mark}; done`,
    judge: stopped,
  },
  {
    name: "a daemon that keeps the output",
    command: (mark) => `(setsid sh -c 'trap "" TERM HUP; sleep ${mark}; sleep ${mark}' &); echo done; sleep 0.3`,
    judge: (result) => [
      ...says(result, "done"),
      ...(result.durationMs < 5_000 ? [] : [`it took ${result.durationMs} ms`]),
    ],
  },
  {
    name: "a daemon without environment in a session of its own",
    isOfGroups: true,
    command: (mark) =>
      `(env -i /bin/sh -c 'setsid sleep ${mark} </dev/null >/dev/null 2>&1 &' &); echo done; sleep 0.3`,
    judge: (result) => says(result, "done"),
  },
  { name: "a pipe that nobody writes", timeoutMs: 1_000, command: () => "rm -f p; mkfifo p; cat p", judge: stopped },
  {
    name: "a file over its limit",
    timeoutMs: 60_000,
    command: () => "truncate -s 5G big && echo GREW; rm -f big",
    judge: (result) => (result.output.includes("GREW") ? ["5 GiB were given"] : []),
  },
  {
    name: "a crash",
    command: () => "kill -SEGV $$",
    judge: (result) => [...(result.exitCode === 139 ? [] : [`it ended with ${result.exitCode}`])],
  },
];

/** A gigabyte, or a sample of it that takes a few seconds. */
function lineBytes(isLong: boolean): number {
  return isLong ? 1_000_000_000 : 100_000_000;
}

function forks(count: number, mark: string): string {
  return `n=0; while [ $n -lt ${count} ]; do sleep ${mark} & n=$((n+1)); done 2>/dev/null`;
}

function eatMemory(gibibytes: number): string {
  return `const kept = []; for (let i = 0; i < ${gibibytes * 64}; i++) kept.push(Buffer.alloc(16 << 20, 1));`;
}

/** Processes whose command line holds the mark. */
function alive(mark: string): number {
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name) && commandLine(name).includes(mark)).length;
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "latin1");
  } catch {
    return ""; // It has ended since it was listed.
  }
}

/** How late a timer of this loop is, every 20 ms. */
function watchLoop() {
  const lates: number[] = [];
  let dueMs = performance.now() + 20;
  const timer = setInterval(() => {
    const nowMs = performance.now();
    lates.push(Math.max(0, nowMs - dueMs));
    dueMs = nowMs + 20;
  }, 20);
  return {
    stop: () => clearInterval(timer),
    percentile: (part: number) => lates.toSorted((a, b) => a - b)[Math.ceil(lates.length * part) - 1] ?? 0,
  };
}
