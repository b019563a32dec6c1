/** Checks every row of a log in a thread of its own, which only reads: the page is served meanwhile. */
import { z } from "zod";
import { LogError, logFaultCodes } from "./log/log-fault.ts";
import type { Checked } from "./log/log-row.ts";

const ProofMessage = z.discriminatedUnion("type", [
  z.object({ type: z.literal("proven"), position: z.number(), hash: z.string() }),
  z.object({ type: z.literal("refuted"), message: z.string(), code: z.enum(logFaultCodes) }),
]);
export type ProofMessage = z.infer<typeof ProofMessage>;

/** How far the log holds: to its end. Rejects with the `LogError` of the first bad row, or when nobody can say; never settles after an abort. */
export function proveLog(path: string, signal: AbortSignal): Promise<Checked> {
  const { promise, resolve, reject } = Promise.withResolvers<Checked>();
  const thread = new Worker(new URL("./proof-thread.ts", import.meta.url).href, {});
  const unknown = (why: string) =>
    reject(new LogError(`The older events of the log ${path} could not be checked: ${why} Start again.`));
  thread.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
    const message = ProofMessage.safeParse(data);
    if (!message.success) unknown("the thread that checks them said what nobody understands.");
    else if (message.data.type === "refuted") reject(new LogError(message.data.message, message.data.code));
    else resolve(message.data);
    thread.terminate();
  });
  thread.addEventListener("error", (event) => {
    event.preventDefault();
    unknown(`the thread that checks them failed (${event.message}).`);
  });
  // After any of the above it changes nothing.
  thread.addEventListener("close", () => signal.aborted || unknown("the thread that checks them has ended."));
  signal.addEventListener("abort", () => thread.terminate());
  thread.postMessage(path);
  return promise;
}
