/** The turnstile of a replay: the recorded order, whoever comes first; and no end of waiting for what never comes. */
import { expect, test } from "bun:test";
import { Turnstile } from "../../src/cli/cassette/turnstile.ts";

function follow(
  turnstile: Turnstile,
  steps: readonly number[],
): { readonly seen: number[]; readonly all: Promise<unknown> } {
  const seen: number[] = [];
  const all = Promise.all(
    steps.map(async (step) => {
      await turnstile.enter(step);
      seen.push(step);
      turnstile.pass(step);
    }),
  );
  return { seen, all };
}

test("lets steps through in their order, in whatever order they come", async () => {
  const turnstile = new Turnstile([1, 4, 6, 9]);
  const walk = follow(turnstile, [9, 4, 6, 1]);
  await walk.all;
  expect(walk.seen).toEqual([1, 4, 6, 9]);
  await turnstile.idle();
});

test("lets the first that waits through when what is before it does not come, and then what comes too late", async () => {
  const turnstile = new Turnstile([1, 4, 6, 9], { quietMs: 5 });
  const walk = follow(turnstile, [9, 6]);
  await walk.all;
  expect(walk.seen).toEqual([6, 9]);
  await follow(turnstile, [4]).all;
});

test("waits for what runs, however long it takes", async () => {
  const turnstile = new Turnstile([1, 2], { quietMs: 1 });
  const ended = turnstile.run();
  const walk = follow(turnstile, [2]);
  await follow(new Turnstile([7, 8], { quietMs: 20 }), [8]).all;
  expect(walk.seen).toEqual([]);
  ended();
  await walk.all;
});
