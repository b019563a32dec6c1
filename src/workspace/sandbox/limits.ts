/**
 * What a command may use, and who sees to it: control groups where they can be made, else the limits that a shell can set.
 * Output, time and disk are the runner's own to watch.
 */
import { readdirSync, statSync } from "node:fs";
import { totalmem } from "node:os";
import { ControlGroups } from "./control-group.ts";

/** Processes and threads of one command: enough for a parallel build and its tests. */
const mostProcesses = 1_024;
/** Half of the machine; runtimes with a garbage collector do not start below this. */
const leastMemoryBytes = 2 * 1024 ** 3;

export interface CommandLimits {
  readonly processes: number;
  readonly memoryBytes: number;
  /** Null where none can be made: the shell's own limits have to do. */
  readonly groups: ControlGroups | null;
}

/** Looks at what this machine lets us limit. */
export function observeLimits(findGroups = ControlGroups.find): CommandLimits {
  const limits = { processes: mostProcesses, memoryBytes: Math.max(leastMemoryBytes, Math.floor(totalmem() / 2)) };
  return { ...limits, groups: findGroups(limits) };
}

/** Without a control group the kernel counts no process of root's. */
export function hasProcessLimit({ groups }: CommandLimits): boolean {
  return groups !== null || process.getuid?.() !== 0;
}

/** How the kernel counts processes for `ulimit -u`: those of the command alone, or all of this user's. */
export type ProcessCount = "own" | "user";

/**
 * The words of a shell that set what no control group sees to. Memory is limited by data, because runtimes reserve far more
 * address space than they use: node and bun start under this limit and not under `ulimit -v`.
 */
export function shellLimits({ processes, memoryBytes, groups }: CommandLimits, count: ProcessCount): string {
  const limits = ["-c 0", "-f 4194304"];
  if (!groups) limits.push(`-d ${Math.floor(memoryBytes / 1024)}`);
  if (!groups && process.getuid?.() !== 0)
    limits.push(`-u ${processes + (count === "user" ? threadsOfThisUser() : 0)}`);
  return limits.map((limit) => `ulimit ${limit} 2>/dev/null || :`).join("; ");
}

/**
 * In front of a command line, outside of any sandbox: where the machine itself runs out of memory, the command goes before the
 * person's own programs. A group's `join` does the same.
 */
export function firstToGo(): readonly string[] {
  if (process.platform !== "linux") return [];
  return ["/bin/sh", "-c", '{ echo 500 > /proc/$$/oom_score_adj; } 2>/dev/null; exec "$@"', "sh"];
}

function threadsOfThisUser(): number {
  if (process.platform !== "linux") return mostProcesses;
  const uid = process.getuid?.();
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .reduce((count, pid) => count + threadsOf(pid, uid), 0);
}

function threadsOf(pid: string, uid: number | undefined): number {
  try {
    return statSync(`/proc/${pid}`).uid === uid ? readdirSync(`/proc/${pid}/task`).length : 0;
  } catch {
    // It ended while we looked.
    return 0;
  }
}

/** The limits in sentences, for `doctor` and the page. */
export function limitWords(limits: CommandLimits): { readonly enforced: string[]; readonly notEnforced: string[] } {
  const memory = `${Math.round((limits.memoryBytes / 1024 ** 3) * 10) / 10} GiB of memory`;
  const always = "Time, output, the size of one file (2 GiB) and the room left on the disk are limited.";
  if (limits.groups)
    return {
      enforced: [`Each command has at most ${limits.processes} processes and ${memory} (control groups).`, always],
      notEnforced: [],
    };
  const isRoot = process.getuid?.() === 0;
  return {
    enforced: [
      ...(isRoot ? [] : [`Each command has at most ${limits.processes} processes more than there were.`]),
      `Each process has at most ${memory}.`,
      always,
    ],
    notEnforced: [
      ...(isRoot
        ? [
            "The number of processes is not limited: the kernel does not count root's, and no control group can be made here.",
          ]
        : []),
      "The memory of all processes of a command together is not limited, because no control group can be made here.",
    ],
  };
}
