/**
 * The entry point of a thread that checks a whole log beside the one that serves it, says once what came of it, and ends. It
 * stands beside `main.ts` because the compiled binary finds a thread's file only there.
 */
import { EventLog } from "./log/event-log.ts";
import { LogError } from "./log/log-fault.ts";
import type { ProofMessage } from "./prove-log.ts";

declare const self: Worker;

self.onmessage = ({ data }: MessageEvent<unknown>) => self.postMessage(outcomeOf(String(data)));

/** Anything but a fault of the log ends the thread, which its maker sees. */
function outcomeOf(path: string): ProofMessage {
  try {
    const log = EventLog.open(path, { isReadonly: true });
    try {
      return { type: "proven", ...log.verify() };
    } finally {
      log.close();
    }
  } catch (error) {
    if (!(error instanceof LogError)) throw error;
    return { type: "refuted", message: error.message, code: error.code };
  }
}
