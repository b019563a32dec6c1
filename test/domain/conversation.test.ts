/** An agent's conversation as its own events tell it, at any moment of its life. */
import { describe, expect, test } from "bun:test";
import { conversationOf } from "../../src/domain/conversation.ts";
import type { Event, Fact } from "../../src/domain/event.ts";
import type { Json } from "../../src/domain/gate.ts";
import { noUsage } from "../../src/domain/usage.ts";
import { timeAt } from "../support/given.ts";

const ref = { callId: "C-00001", agentId: "A-0001", streamId: "s", turn: 1 };
const first = user("The files.", "Do T-001.");
const useA = { type: "tool_use", id: "u1", name: "bash", input: { command: "ls" } };
const useB = { type: "tool_use", id: "u2", name: "read", input: { file_path: "a" } };

const started: Fact = {
  type: "agent.started",
  agentId: "A-0001",
  role: "worker",
  purpose: "work",
  streamId: "s",
  model: "m",
  provider: "default",
  maxTokens: 100,
  system: "You are a worker.",
  message: ["The files.", "Do T-001."],
};

function user(...texts: string[]): Json {
  return { role: "user", content: texts.map(text) };
}

function text(words: string): Json {
  return { type: "text", text: words };
}

function result(id: string, content: string): Json {
  return { type: "tool_result", tool_use_id: id, content };
}

function asked(...messages: Json[]): Fact {
  const held = { reservedInputTokens: 1, reservedOutputTokens: 1, reservedUsd: null };
  return { type: "call.started", ...ref, tries: 1, model: "m", provider: "p", messages, tools: ["bash"], ...held };
}

function answered(...content: Json[]): Fact {
  return {
    type: "call.settled",
    ...ref,
    content,
    stopReason: "end_turn",
    usage: noUsage,
    costUsd: null,
    durationMs: 1,
    firstByteMs: 1,
  };
}

const failed: Fact = {
  type: "call.failed",
  ...ref,
  code: "overloaded",
  reason: "",
  text: "half an ans",
  usage: noUsage,
  costUsd: null,
  durationMs: 1,
};

function prompted(...message: string[]): Fact {
  return { type: "agent.prompted", agentId: "A-0001", purpose: "review", message };
}

function told(...facts: Fact[]) {
  return conversationOf(facts.map((fact, index): Event => ({ ...fact, position: index + 1, at: timeAt(index + 1) })));
}

describe("a conversation", () => {
  test("begins with its first message, still to be sent", () => {
    expect(told(started)).toMatchObject({ system: "You are a worker.", model: "m", messages: [first], turnCount: 0 });
  });

  test("holds what was asked and answered, turn by turn", () => {
    const results = { role: "user", content: [result("u1", "a b")] };
    const { messages, turnCount, tools } = told(
      started,
      asked(first),
      answered(useA),
      asked(results),
      answered(text("Done.")),
    );
    expect(messages).toEqual([
      first,
      { role: "assistant", content: [useA] },
      results,
      { role: "assistant", content: [text("Done.")] },
    ]);
    expect(turnCount).toBe(2);
    expect(tools).toEqual(["bash"]);
  });

  test("stops at the tool calls that a crash left undone", () => {
    expect(told(started, asked(first), answered(useA, useB)).messages.at(-1)).toEqual({
      role: "assistant",
      content: [useA, useB],
    });
  });

  test("keeps the results that a failed or lost call was to bring", () => {
    const results = { role: "user", content: [result("u1", "a b")] };
    const { messages, turnCount } = told(started, asked(first), answered(useA), asked(results), failed);
    expect(messages.at(-1)).toEqual(results);
    expect(turnCount).toBe(1);
    expect(told(started, asked(first), answered(useA), asked(results)).messages.at(-1)).toEqual(results);
  });

  test("sends a message once, however often its call failed", () => {
    expect(
      told(started, asked(first), failed, asked(first), failed, asked(first), answered(text("Yes."))).messages.length,
    ).toBe(2);
  });

  test("answers every open tool call before a prompt, as the API wants it", () => {
    const { messages } = told(started, asked(first), answered(useA, useB), prompted("Look at T-001."));
    expect(messages.at(-1)).toEqual({
      role: "user",
      content: [result("u1", "Recorded."), result("u2", "Recorded."), text("Look at T-001.")],
    });
  });

  test("says of calls that a dead thread left open that they were not made", () => {
    const died: Fact = { type: "agent.failed", agentId: "A-0001", code: "crash", reason: "", isRetryable: true };
    const { messages } = told(started, asked(first), answered(useA), died, prompted("Look at T-001."));
    expect(JSON.stringify(messages.at(-1))).toContain("Not done: the program was interrupted.");
  });

  test("adds a prompt to what was not sent yet", () => {
    const results = { role: "user", content: [result("u1", "a b")] };
    const { messages } = told(started, asked(first), answered(useA), asked(results), failed, prompted("Look."));
    expect(messages.at(-1)).toEqual({ role: "user", content: [result("u1", "a b"), text("Look.")] });
    expect(told(started, prompted("Look.")).messages).toEqual([user("The files.", "Do T-001.", "Look.")]);
  });
});
