/**
 * The entry point of a thread (a Bun Worker): connects its message port to the agents that live in it. It stands beside
 * `main.ts` because the compiled binary finds a thread's file only there.
 */
import { AgentHost } from "./agents/agent-host.ts";

declare const self: Worker;

const host = new AgentHost((message) => self.postMessage(message));

self.onmessage = (event: MessageEvent<unknown>) => host.receive(event.data);

// An unhandled rejection would close the thread with code 0 and no reason; here its agents fail with the stack.
process.on("unhandledRejection", (error) => host.failAll(error));
process.on("uncaughtException", (error) => host.failAll(error));

self.postMessage({ type: "ready" });
