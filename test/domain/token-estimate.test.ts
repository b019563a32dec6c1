/** Token estimates: near enough to known counts, and on the high side. */
import { expect, test } from "bun:test";
import { estimateTokens } from "../../src/domain/token-estimate.ts";

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
