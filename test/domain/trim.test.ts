/** Trimming: what goes first, what always stays, and that a valid conversation stays valid. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { Json } from "../../src/domain/gate.ts";
import { blocksOf, isObject, roleOf } from "../../src/domain/message-block.ts";
import { estimateMessagesTokens } from "../../src/domain/token-estimate.ts";
import { trimMessages } from "../../src/domain/trim.ts";

function exchange(callId: string, body: string): Json[] {
  return [
    {
      role: "assistant",
      content: [{ type: "tool_use", id: callId, name: "read", input: { file_path: `${callId}.ts` } }],
    },
    { role: "user", content: [{ type: "tool_result", tool_use_id: callId, content: body }] },
  ];
}

const task: Json = { role: "user", content: [{ type: "text", text: "the ticket" }] };
const long = "some words of a file\n".repeat(200);

function bodies(messages: readonly Json[]): string[] {
  return messages.flatMap((message) =>
    blocksOf(message).flatMap((block) =>
      isObject(block) && block.type === "tool_result" ? [String(block.content)] : [],
    ),
  );
}

describe("trimming", () => {
  const messages = [task, ...exchange("a", long), ...exchange("b", long), ...exchange("c", long)];
  const total = estimateMessagesTokens(messages);

  test("changes nothing while all fits", () => {
    expect(trimMessages(messages, total)).toEqual(messages);
  });

  test("takes the body of the oldest result first", () => {
    const [a, b, c] = bodies(trimMessages(messages, total - 10));
    expect(a).toStartWith("[removed to save room: 4200 characters");
    expect([b, c]).toEqual([long, long]);
  });

  test("drops the oldest exchanges next, keeps the task and the newest exchange whole", () => {
    const newest = exchange("c", long);
    expect(trimMessages(messages, estimateMessagesTokens([task, ...newest]))).toEqual([task, ...newest]);
  });

  test("takes the newest bodies only when nothing else is left", () => {
    const trimmed = trimMessages(messages, 1);
    expect(trimmed).toHaveLength(3);
    expect(trimmed[0]).toEqual(task);
    expect(bodies(trimmed)[0]).toStartWith("[removed");
  });

  test("gives the same again when what it gave is trimmed again", () => {
    const once = trimMessages(messages, total / 2);
    expect(trimMessages(once, total / 2)).toEqual(once);
  });
});

const body = fc.integer({ min: 0, max: 400 }).map((count) => "word ".repeat(count));
const conversation = fc
  .array(fc.record({ bodies: fc.array(body, { maxLength: 3 }), text: body, isNudged: fc.boolean() }), { maxLength: 12 })
  .map((turns) => {
    const messages: Json[] = [task];
    for (const [turn, { bodies: results, text, isNudged }] of turns.entries()) {
      const ids = results.map((_, index) => `${turn}/${index}`);
      const calls = ids.map((id): Json => ({ type: "tool_use", id, name: "bash", input: { command: id } }));
      messages.push({ role: "assistant", content: [{ type: "text", text }, ...calls] });
      const answers = ids.map(
        (id, index): Json => ({ type: "tool_result", tool_use_id: id, content: results[index] ?? "" }),
      );
      messages.push({ role: "user", content: answers.length > 0 ? answers : "go on" });
      if (isNudged) messages.push({ role: "user", content: "and mind this" });
    }
    return messages;
  });

function ids(message: Json | undefined, type: string, field: string): string[] {
  return blocksOf(message ?? null).flatMap((block) =>
    isObject(block) && block.type === type ? [String(block[field])] : [],
  );
}

test("keeps each call beside its result, keeps the task, fits or can give no more, and changes nothing that came in", () => {
  fc.assert(
    fc.property(conversation, fc.integer({ min: 1, max: 4_000 }), (messages, maxTokens) => {
      const before = structuredClone(messages);
      const trimmed = trimMessages(messages, maxTokens);
      expect(messages).toEqual(before);
      expect(trimmed[0]).toEqual(task);
      for (const [index, message] of trimmed.entries()) {
        expect(ids(trimmed[index + 1], "tool_result", "tool_use_id")).toEqual(ids(message, "tool_use", "id"));
        if (roleOf(message) === "assistant") expect(roleOf(trimmed[index + 1] ?? null)).toBe("user");
      }
      const isLeast = trimmed.filter((message) => roleOf(message) === "assistant").length <= 1;
      expect(estimateMessagesTokens(trimmed) <= maxTokens || isLeast).toBe(true);
    }),
    { numRuns: 300 },
  );
});
