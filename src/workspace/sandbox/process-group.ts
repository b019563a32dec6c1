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

/** Kills processes by their environment, which names the private folder that only their command was given. Linux only. */
export function sweepProcesses(isMeant: (environment: string) => boolean): void {
  if (process.platform !== "linux") return;
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name) || Number(name) === process.pid || !isMeant(environmentOf(name))) continue;
    killProcess(Number(name));
  }
}

function environmentOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, "latin1");
  } catch {
    // It ended meanwhile, or belongs to another user: then it is not ours to end.
    return "";
  }
}

/** Kills one process; one that is gone is fine. */
export function killProcess(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}

function isGone(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ESRCH" || error.code === "EPERM");
}
