/** Workers whose requests begin alike: the first goes ahead, and the others find the provider's cache warm. */
import { expect, test } from "bun:test";
import { CacheWarmth } from "../../src/engine/cache-warmth.ts";

const [model, noon] = ["default m", Date.parse("2026-01-01T12:00:00Z")];

test("the first worker waits for nobody, the others for its answer", () => {
  const warmth = new CacheWarmth();
  expect(warmth.holds(model, noon)).toBe(false);
  warmth.begins(model, "A-1", noon);
  expect(warmth.holds(model, noon + 10)).toBe(true);
  expect(warmth.holds("default other", noon + 10)).toBe(false);
  expect(warmth.heard(model, "A-1", noon + 20)).toBe(true);
  expect(warmth.holds(model, noon + 20)).toBe(false);
});

test("an answer that is long in coming holds nobody up for long", () => {
  const warmth = new CacheWarmth();
  warmth.begins(model, "A-1", noon);
  const [freeAtMs = 0] = warmth.freeAtMs();
  expect(freeAtMs - noon).toBeLessThan(2_000);
  expect([warmth.holds(model, freeAtMs - 1), warmth.holds(model, freeAtMs)]).toEqual([true, false]);
});

test("where the first comes to nothing, the next goes ahead in its place", () => {
  const warmth = new CacheWarmth();
  warmth.begins(model, "A-1", noon);
  expect([warmth.left("A-2"), warmth.left("A-1")]).toEqual([false, true]);
  expect(warmth.holds(model, noon + 1)).toBe(false);
  warmth.begins(model, "A-2", noon + 1);
  expect(warmth.holds(model, noon + 2)).toBe(true);
});

test("a cache that nobody has read for five minutes is cold again", () => {
  const warmth = new CacheWarmth();
  warmth.heard(model, "A-1", noon);
  warmth.begins(model, "A-2", noon + 299_000);
  expect(warmth.holds(model, noon + 299_000)).toBe(false);
  warmth.begins(model, "A-3", noon + 301_000);
  expect(warmth.holds(model, noon + 301_000)).toBe(true);
});
