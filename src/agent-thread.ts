/**
 * The entry point of a thread (a Bun Worker): connects its message port to the agents that live in it. It stands beside
 * `main.ts` because the compiled binary finds a thread's file only there.
 */
import { AgentHost } from "./agents/agent-host.ts";

declare const self: Worker;

const host = new AgentHost((message) => self.postMessage(message));

self.onmessage = (event: MessageEvent<unknown>) => host.receive(event.data);

// An exception that belongs to no agent fails them all with its stack, and then ends the thread, so that the main loop sees
// it also when no agent lives here. Without a handler a rejection would close the thread with code 0.
process.on("unhandledRejection", die);
process.on("uncaughtException", die);

self.postMessage({ type: "ready" });

function die(error: unknown): never {
  host.failAll(error);
  throw error;
}
