/** CPU time and memory of a process, all threads together, as Linux counts them. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

const ticksPerSecond = 100;
const pageBytes = 4096;

/**
 * Seconds of CPU that a process has used, its children apart. The process's own clock has ticks of 10 ms; those of its
 * threads are exact, but forget the threads that have ended: the larger one is nearer.
 */
export function cpuSeconds(pid: number): number {
  const { user, system } = statOf(pid);
  const threads = readdirSync(`/proc/${pid}/task`);
  const nanoseconds = threads.map((thread) =>
    unlessUnseen(0, () => Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ")[0])),
  );
  const ofThreads = nanoseconds.reduce((sum, each) => sum + each, 0) / 1e9;
  return Math.max((user + system) / ticksPerSecond, ofThreads);
}

/** Seconds of CPU of a process with those of its children that have ended. */
export function cpuSecondsWithChildren(pid: number): number {
  return cpuSeconds(pid) + statOf(pid).ofChildren / ticksPerSecond;
}

/** Its resident memory in MB. */
export function residentMb(pid: number): number {
  return fieldMb(pid, "status", "VmRSS");
}

/** The most that was ever resident of it, in MB. */
export function peakMb(pid: number): number {
  return fieldMb(pid, "status", "VmHWM");
}

/** Its resident memory in MB, where a page that processes share counts only in part. */
export function proportionalMb(pid: number): number {
  return fieldMb(pid, "smaps_rollup", "Pss");
}

/**
 * The resident memory in MB of all that a process has started, and what that has started, as far as it lives. A child that
 * still runs the process's own program has not begun its own: what it shows is its parent's memory.
 */
export function descendantsMb(pid: number): number {
  const own = programOf(pid);
  const all = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  // The program first: one that begins between the two looks is left out.
  const living = all.map(Number).flatMap((each) => {
    const program = programOf(each);
    return unlessUnseen([], () => [{ pid: each, program, ...statOf(each) }]);
  });
  const sum = (of: number): number =>
    living
      .filter(({ parent, program }) => parent === of && program !== own)
      .reduce((mb, child) => mb + child.residentMb + sum(child.pid), 0);
  return sum(pid);
}

function programOf(pid: number): string {
  return unlessUnseen("", () => readlinkSync(`/proc/${pid}/exe`));
}

/** The fields after the program's name, which may hold anything: state is the first of them. */
function statOf(pid: number) {
  const text = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = text
    .slice(text.lastIndexOf(") ") + 2)
    .split(" ")
    .map(Number);
  const at = (index: number) => fields[index] ?? 0;
  return {
    parent: at(1),
    user: at(11),
    system: at(12),
    ofChildren: at(13) + at(14),
    residentMb: (at(21) * pageBytes) / 1e6,
  };
}

function fieldMb(pid: number, file: string, field: string): number {
  const kb = new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(readFileSync(`/proc/${pid}/${file}`, "utf8"))?.[1];
  if (kb === undefined) throw new Error(`/proc/${pid}/${file} has no ${field}: the process has ended.`);
  return (Number(kb) * 1024) / 1e6;
}

/** A process that has ended, and one of somebody else. */
const unseen: ReadonlySet<unknown> = new Set(["ENOENT", "ESRCH", "EACCES"]);

function unlessUnseen<T>(fallback: T, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof Error && "code" in error && unseen.has(error.code)) return fallback;
    throw error;
  }
}
