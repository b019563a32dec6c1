/** JSON that is taken as it stands gives what zod's own check gives. */
import { expect, test } from "bun:test";
import { z } from "zod";
import { Json } from "../../src/domain/gate.ts";

const samples: readonly unknown[] = [
  null,
  "text",
  true,
  0,
  -1.5,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  undefined,
  1n,
  () => 1,
  [1, ["a", { b: null }]],
  [1, undefined],
  { a: undefined },
  { a: { b: [1, Number.NaN] } },
  new Date(0),
  new Map([["a", 1]]),
  Object.assign(Object.create(null), { a: 1 }),
  JSON.parse('{"a":{"__proto__":{"b":1},"c":[{"__proto__":1}]}}'),
  JSON.parse('{"__proto__":1}'),
];

test.each(samples.map((sample, index) => [index, sample]))("sample %i is judged as zod judges it", (_index, sample) => {
  const [ours, theirs] = [Json.safeParse(sample), z.json().safeParse(sample)];
  expect(ours.success).toBe(theirs.success);
  if (theirs.success) expect(JSON.stringify(ours.data)).toBe(JSON.stringify(theirs.data));
});

test("what is JSON is not copied", () => {
  const value = { a: [{ b: "c" }] };
  expect(Json.parse(value)).toBe(value);
});
