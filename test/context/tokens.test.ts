/** Token estimates: near enough to known counts, on the high side, and additive over the parts of a request. */
import { expect, test } from "bun:test";
import { contextMap } from "../../src/context/context-map.ts";
import { estimateMessagesTokens, estimateTokens } from "../../src/context/tokens.ts";
import type { Json } from "../../src/domain/gate.ts";

/** Counts by Claude 2's public tokenizer, taken once. */
const counted: [text: string, tokens: number][] = [
  ["A signal box is where a person, with hands on levers, decides which track a train may enter.", 22],
  [
    'export function estimateTokens(text: string): number {\n  let total = 0;\n  for (const part of text.split(" ")) total += part.length;\n  return Math.ceil(total);\n}\n',
    45,
  ],
  ['{"path":"src/a.ts","line":12,"notes":["one","two"],"isDone":false}', 24],
  ["2026-11-23T07:12:12.305Z ERROR at handler (/srv/app/src/a1.ts:118:17) 0x18a4f", 40],
  ["信号箱は、目標をテスト済みのコードに変えるプログラムです。", 27],
];

test("stays within 0.9 and 1.5 times a real tokenizer's count", () => {
  for (const [text, tokens] of counted) {
    expect(estimateTokens(text)).toBeGreaterThanOrEqual(tokens * 0.9);
    expect(estimateTokens(text)).toBeLessThanOrEqual(tokens * 1.5);
  }
});

test("grows with the text and is 0 for none", () => {
  expect(estimateTokens("")).toBe(0);
  expect(estimateTokens("a b c d")).toBeLessThan(estimateTokens("a b c d e f g h"));
});

const call: Json = { type: "tool_use", id: "t1", name: "read", input: { file_path: "src/a.ts" } };
const messages: Json[] = [
  { role: "user", content: "the ticket" },
  { role: "assistant", content: [{ type: "text", text: "I look." }, call] },
  { role: "user", content: [{ type: "tool_result", tool_use_id: "t1", content: "line of source\n".repeat(100) }] },
  { role: "assistant", content: [] },
];
const input = {
  system: "You are a worker.",
  tools: ["read", "write"],
  messages,
  windowTokens: 200_000,
  historyTokens: 100_000,
};

test("the parts of a context map sum to what is used", () => {
  const map = contextMap(input);
  expect(map.parts.map((part) => part.name)).toEqual([
    "system",
    "tools",
    "first message",
    "text",
    "tool calls",
    "tool results",
    "other",
  ]);
  expect(map.parts.reduce((sum, part) => sum + part.tokens, 0)).toBe(map.usedTokens);
  expect(map.parts.reduce((sum, part) => sum + part.share, 0)).toBeCloseTo(1);
  expect(map.headroomTokens).toBe(100_000 - estimateMessagesTokens(messages));
  expect(map.shareUsed).toBeCloseTo(map.usedTokens / 200_000);
});

test("says what would go first while all fits, and what goes when it does not", () => {
  const early = contextMap({ ...input, messages: [...messages, ...messages.slice(1, 3)] });
  expect(early.wouldTrim).toBe(false);
  expect(early.trimmedNext[0]).toMatchObject({ role: "user", name: "result of read src/a.ts" });
  const late = contextMap({ ...input, messages: [...messages, ...messages.slice(1, 3)], historyTokens: 150 });
  expect(late.wouldTrim).toBe(true);
  expect(late.headroomTokens).toBe(0);
  expect(late.trimmedNext.length).toBeGreaterThan(1);
});

test("a map of nothing is empty, not an error", () => {
  const map = contextMap({ system: "", tools: [], messages: [], windowTokens: 0, historyTokens: 1 });
  expect(map).toMatchObject({ usedTokens: 0, shareUsed: 0, wouldTrim: false, trimmedNext: [] });
});
