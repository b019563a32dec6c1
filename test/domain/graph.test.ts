/** Dependencies and target files: cycles are found if and only if there are any; overlap is never missed. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { findCycle, pathsOverlap } from "../../src/domain/graph.ts";

type Item = { readonly key: string; readonly depends_on: string[] };

const keys = ["a", "b", "c", "d", "e", "f"];
const anyGraph: fc.Arbitrary<Item[]> = fc
  .array(fc.subarray(keys), { minLength: keys.length, maxLength: keys.length })
  .map((lists) => keys.map((key, index) => ({ key, depends_on: lists[index] ?? [] })));

/** The slow and obvious way: a graph has an order exactly when items without open dependencies can be taken away one by one. */
function hasOrder(items: readonly Item[]): boolean {
  let left = [...items];
  for (;;) {
    const open = new Set(left.map((item) => item.key));
    const next = left.filter((item) => item.depends_on.some((needed) => open.has(needed)));
    if (next.length === left.length) return left.length === 0;
    left = next;
  }
}

describe("a cycle", () => {
  test("is found if and only if there is one", () => {
    fc.assert(
      fc.property(anyGraph, (items) => (findCycle(items) === null) === hasOrder(items)),
      { seed: 1 },
    );
  });

  test("is told as a real way round", () => {
    const tellsTheTruth = (items: Item[]) => {
      const cycle = findCycle(items) ?? [];
      const steps = cycle
        .slice(1)
        .map((needed, index) => items.find((item) => item.key === cycle[index])?.depends_on.includes(needed));
      return cycle[0] === cycle.at(-1) && steps.every((isStep) => isStep === true);
    };
    fc.assert(fc.property(anyGraph, tellsTheTruth), { seed: 2 });
  });

  test("is not seen where two ways lead to the same item", () => {
    const diamond = [
      { key: "d", depends_on: ["b", "c"] },
      { key: "b", depends_on: ["a"] },
      { key: "c", depends_on: ["a"] },
      { key: "a" },
    ];
    expect(findCycle(diamond)).toBeNull();
  });

  test("is looked for in a chain of 20,000 without running out of stack", () => {
    const chain = Array.from({ length: 20_000 }, (_, index) => ({ key: `${index}`, depends_on: [`${index + 1}`] }));
    expect(findCycle(chain)).toBeNull();
  });
});

describe("target files overlap", () => {
  test.each([
    ["the same path", "src/a.ts", "src/a.ts", true],
    ["two paths", "src/a.ts", "src/b.ts", false],
    ["one path a prefix of the other", "src/a.ts", "src/a.tsx", false],
    ["a glob and a path under it", "src/**", "src/deep/a.ts", true],
    ["a glob and a path elsewhere", "src/*.ts", "test/a.ts", false],
    ["two globs with one root", "src/*.ts", "src/**/*.tsx", true],
    ["a glob of everything", "**/*", "anything", true],
    ["two ways to write one path", "./src//a.ts", "src/./a.ts", true],
  ])("for %s", (_name, left, right, isOverlap) => {
    expect(pathsOverlap([left], [right])).toBe(isOverlap);
  });

  test("the same way round as the other way round", () => {
    const path = fc.constantFrom("src/a.ts", "src/*.ts", "src/**", "test/a.ts", "**", "lib/[ab].ts");
    fc.assert(
      fc.property(path, path, (a, b) => pathsOverlap([a], [b]) === pathsOverlap([b], [a])),
      { seed: 3 },
    );
  });

  test("whenever a glob matches the other's path", () => {
    const glob = fc.constantFrom("src/*.ts", "src/**", "**/*.ts", "src/{a,b}.ts", "lib/[ab].ts", "src/?.ts");
    const path = fc.constantFrom("src/a.ts", "src/b.ts", "src/x/y.ts", "lib/a.ts", "README.md");
    const isNeverMissed = (a: string, b: string) => !new Bun.Glob(a).match(b) || pathsOverlap([a], [b]);
    fc.assert(fc.property(glob, path, isNeverMissed), { seed: 4 });
  });
});
