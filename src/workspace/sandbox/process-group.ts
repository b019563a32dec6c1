/**
 * Ends everything that a command started: its process group by signal, and, where there is no process namespace, whatever
 * left the group but still carries the command's private temporary folder in its environment (Linux only).
 */
import { readdirSync, readFileSync } from "node:fs";

/** Signals a whole process group; a group that is gone is fine. */
export function signalGroup(groupId: number, signal: "SIGTERM" | "SIGKILL"): void {
  try {
    process.kill(-groupId, signal);
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}

/** Kills processes whose environment names `marker` (a path that only this command was given). Gives their number. */
export function sweepProcesses(marker: string): number {
  if (process.platform !== "linux") return 0;
  const found = readdirSync("/proc").filter((name) => /^\d+$/.test(name) && environmentOf(name).includes(marker));
  for (const name of found.filter((one) => Number(one) !== process.pid)) killOne(Number(name));
  return found.length;
}

function environmentOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, "latin1");
  } catch {
    // It ended meanwhile, or belongs to another user: then it is not ours to end.
    return "";
  }
}

function killOne(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}

function isGone(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ESRCH" || error.code === "EPERM");
}
