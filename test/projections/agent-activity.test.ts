/** What an agent does now: every state is told apart from the others, with a sentence that says why it does not move. */
import { expect, test } from "bun:test";
import type { Fact } from "../../src/domain/event.ts";
import { streamId } from "../../src/domain/stream-id.ts";
import { type ActivitySource, agentActivity, stallAfterMs } from "../../src/projections/agent-activity.ts";
import { Story, timeAt } from "../support/given.ts";
import { callFacts, gateFact, planFacts, trackId } from "../support/sample-facts.ts";

const agentId = "A-1";
const call = { callId: "C-1", agentId, streamId: streamId("worker", "T-001"), turn: 1 };
const tool = { toolCallId: "A-1/1/0", agentId, trackId, ticketId: "T-001" };
const [started, asked, settled] = callFacts({ role: "worker", agentId, callId: "C-1" }) as [Fact, Fact, Fact]; // It makes these three.
const command: Fact = {
  type: "command.started",
  ...tool,
  command: "bun test\n  --watch",
  cwd: ".",
  timeoutMs: 1000,
  allowedBy: "level: all",
  isEdited: false,
};

function source(change: Partial<ActivitySource> = {}): ActivitySource {
  return { streamId: call.streamId, agentId, status: "running", reason: null, endedAt: null, ...change };
}

/** What is said right after these facts, about a worker that has just begun. */
function after(facts: readonly Fact[], change: Partial<ActivitySource> = {}, laterMs = 0) {
  const story = new Story().write(...planFacts(), started, ...facts);
  const nowMs = Date.parse(story.state.lastAt) + laterMs;
  return agentActivity(story.state, source(change), nowMs);
}

function failure(status: number, retryInMs: number): Fact {
  const usage = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 };
  const rest = { text: "", usage, costUsd: 0, durationMs: 1, retryInMs };
  return { type: "call.failed", ...call, code: "status", reason: "Too many requests.", status, ...rest };
}

test("a call that is open is thinking, counted from when it went out", () => {
  const said = after([asked], { lastByteMs: Date.parse(timeAt(7)) });
  expect(said).toMatchObject({ kind: "thinking", since: timeAt(7), changesAtMs: Date.parse(timeAt(7)) + stallAfterMs });
});

test("a call that has sent nothing for long is stalled since its last byte, and one that was never listened to is not", () => {
  const lastByteMs = Date.parse(timeAt(7)) + 500;
  expect(after([asked], { lastByteMs }, 499 + stallAfterMs).kind).toBe("thinking");
  const said = after([asked], { lastByteMs }, 500 + stallAfterMs);
  expect(said).toMatchObject({ kind: "stalled", since: new Date(lastByteMs).toISOString(), changesAtMs: null });
  expect(said.sentence).toStartWith("Stalled: its model has sent no byte since ");
  expect(after([asked], {}, 900_000).kind).toBe("thinking");
});

test("silence counts from the request where the last byte is older", () => {
  const said = after([asked], { lastByteMs: 0 });
  expect(said).toMatchObject({ kind: "thinking", changesAtMs: Date.parse(timeAt(7)) + stallAfterMs });
});

test("a command that runs is named, on one line, since it began", () => {
  const said = after([asked, settled, command]);
  expect(said).toMatchObject({ kind: "tool", words: "running bash", since: timeAt(9) });
  expect(said.sentence).toBe("Runs the tool bash: bun test --watch.");
});

test("tools that a thread runs by itself are named, each once", () => {
  const tools = { names: ["read", "read", "grep"], since: timeAt(8) };
  const said = after([asked, settled], { tools });
  expect(said).toMatchObject({ kind: "tool", words: "running read, grep", since: timeAt(8) });
});

test("an open gate of its own is a wait for you, whatever else is so, until it is answered", () => {
  const said = after([asked, gateFact("G-7"), { type: "engine.paused", by: "person" }]);
  expect(said).toMatchObject({ kind: "gate", words: "waiting for you", gateId: "G-7", since: timeAt(8) });
  expect(said.sentence).toContain("decide on a command (G-7): No rule allows this command.");
  const decided: Fact = { type: "gate.withdrawn", gateId: "G-7", kind: "command", reason: "" };
  expect(after([asked, gateFact("G-7"), decided]).kind).toBe("thinking");
});

test("a rate limit says until when, and ends by itself", () => {
  const facts = [asked, failure(429, 60_000)];
  const said = after(facts);
  expect(said.kind).toBe("held");
  expect(said.words).toMatch(/^held by a rate limit until \d\d:\d\d:\d\d$/);
  expect(said.changesAtMs).toBe(Date.parse(timeAt(8)) + 60_000);
  expect(after(facts, {}, 60_001).kind).toBe("slot");
});

test("a pause is told where nothing is under way, and not over a call that still runs", () => {
  const paused: Fact = { type: "engine.paused", by: "person" };
  expect(after([paused])).toMatchObject({ kind: "paused", sentence: "Waits: the engine is paused." });
  expect(after([asked, paused]).kind).toBe("thinking");
});

test("a budget that is reached holds those in its scope", () => {
  const reached = (scopeId: string): Fact => {
    return { type: "budget.reached", limit: "ticketUsd", scopeId, agentId, reason: "The ticket's budget is reached." };
  };
  expect(after([reached("T-001")]).sentence).toBe("Held by a budget: The ticket's budget is reached.");
  expect(after([reached("T-002")]).kind).toBe("slot");
});

test("an agent that is about to begin waits for a slot", () => {
  expect(after([])).toMatchObject({ kind: "slot", words: "waiting for a slot" });
});

test("an agent that has ended is done, one that has failed is dead, with the reason", () => {
  expect(after([{ type: "agent.ended", agentId, text: "" }]).kind).toBe("done");
  const failed: Fact = { type: "agent.failed", agentId, code: "crash", reason: "Its thread died.", isRetryable: true };
  expect(after([failed])).toMatchObject({ kind: "dead", sentence: "Dead: Its thread died." });
});
