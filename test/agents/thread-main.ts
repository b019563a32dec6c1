/** A main loop in small: starts a thread, allows every call, prints what comes, and ends. */

import type { ToThread } from "../../src/agents/protocol.ts";
import { spawnThread } from "../../src/spawn-thread.ts";

// The test that starts this program writes its one argument.
const input = JSON.parse(process.argv.at(-1) ?? "") as
  | { kind: "run"; start: ToThread }
  | { kind: "raw"; message: ToThread };
const thread = spawnThread();

thread.onMessage((message) => {
  console.log(message.type === "ended" ? `ended: ${message.text}` : message.type);
  if (message.type === "ready") thread.post(input.kind === "run" ? input.start : input.message);
  if (message.type === "call_requested")
    thread.post({ type: "call_allowed", agentId: message.agentId, requestId: message.requestId, callId: "call-1" });
  if (message.type === "ended" || message.type === "failed") thread.terminate();
});
thread.onClose((reason) => console.log(`closed: ${reason.replaceAll("\n", " ")}`));
