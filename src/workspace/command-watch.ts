/**
 * Ends a command's process group at its time limit, on abort, or when it has nearly filled the disk: SIGTERM, then SIGKILL after
 * the grace time.
 */
import { ActiveTimer } from "./active-timer.ts";
import { watchDisk } from "./sandbox/disk-watch.ts";
import { signalGroup } from "./sandbox/process-group.ts";

const defaultGraceMs = 2_000;

export type EndCause = "time" | "abort" | "disk";

export interface CommandWatch {
  /** Why the command was ended; null when it ended by itself. */
  cause(): EndCause | null;
  stop(): void;
}

/**
 * Watches a group. SIGTERM waits for `setUp`: bubblewrap's inner process leaves the group before it is bound to the outer
 * one's life, and would be left behind.
 */
export function watchCommand(
  groupId: number,
  request: { readonly timeoutMs: number; readonly graceMs?: number; readonly signal?: AbortSignal },
  folders: readonly string[],
  setUp: Promise<void>,
): CommandWatch {
  let cause: EndCause | null = null;
  let killTimer: ReturnType<typeof setTimeout> | undefined;
  let isStopped = false;
  const end = (why: EndCause) => {
    if (cause || isStopped) return;
    cause = why;
    void setUp.then(() => signalGroup(groupId, "SIGTERM"));
    killTimer = setTimeout(() => signalGroup(groupId, "SIGKILL"), request.graceMs ?? defaultGraceMs);
  };
  const onAbort = () => end("abort");
  const timer = new ActiveTimer(request.timeoutMs, () => end("time"));
  const stopDisk = watchDisk(folders, () => end("disk"));
  request.signal?.addEventListener("abort", onAbort, { once: true });
  return {
    cause: () => cause,
    stop: () => {
      isStopped = true;
      timer.stop();
      clearTimeout(killTimer);
      stopDisk();
      request.signal?.removeEventListener("abort", onAbort);
    },
  };
}
