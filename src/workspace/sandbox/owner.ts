/**
 * A tag that says which Signalbox process made something that may outlive it, such as a scratch folder or a control group, so
 * that a later start can tell what a killed one left behind. Linux only; elsewhere nothing is ever found to be left.
 */
import { readFileSync, readlinkSync } from "node:fs";

const tagPattern = /signalbox-(\d+)-(\d+)-(\d+)-/;
let own: string | null = null;

/** `signalbox-<pid namespace>-<pid>-<start time>-`: no other process has it, not even after the pid is used again. */
export function ownTag(): string {
  own ??= `signalbox-${pidNamespace()}-${process.pid}-${startTime(process.pid) ?? 0}-`;
  return own;
}

/** Whether a text carries the tag of a process that has ended. False where that cannot be known. */
export function isLeftBehind(text: string): boolean {
  const [, namespace, pid, start] = tagPattern.exec(text) ?? [];
  if (namespace === undefined || namespace === "0" || namespace !== pidNamespace()) return false;
  return String(startTime(Number(pid))) !== start;
}

/** Pids mean something only in their namespace: a container that shares our /tmp has others. "0" where there is none. */
function pidNamespace(): string {
  if (process.platform !== "linux") return "0";
  try {
    return /\d+/.exec(readlinkSync("/proc/self/ns/pid"))?.[0] ?? "0";
  } catch {
    // A kernel without namespaces, or no /proc: nothing can be told apart.
    return "0";
  }
}

/** In clock ticks since the machine's start; null when there is no such process. */
function startTime(pid: number): number | null {
  try {
    // The program's name may hold anything, spaces and brackets too: the fields are counted from behind it.
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]);
  } catch {
    // No such process, or no /proc.
    return null;
  }
}
