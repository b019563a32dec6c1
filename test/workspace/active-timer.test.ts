/** A limit counts the time in which the process runs, and no other. */
import { expect, test } from "bun:test";
import { ActiveTimer } from "../../src/workspace/active-timer.ts";

/** A timer of 20 s with steps of 1 s, on a clock that the test moves. */
function timerOf20s() {
  const clock = { ms: 0 };
  let endCount = 0;
  const timer = new ActiveTimer(
    20_000,
    () => ++endCount,
    () => clock.ms,
  );
  const pass = (ms: number) => {
    clock.ms += ms;
    timer.tick();
  };
  return { timer, pass, endCount: () => endCount };
}

test("ends after its limit", () => {
  const { timer, pass, endCount } = timerOf20s();
  for (let second = 1; second < 20; second += 1) pass(1_000);
  expect(endCount()).toBe(0);
  pass(1_000);
  expect(endCount()).toBe(1);
  timer.stop();
});

test("of two days' sleep counts a moment", () => {
  const { timer, pass, endCount } = timerOf20s();
  pass(2 * 24 * 3_600_000);
  for (let second = 1; second < 18; second += 1) pass(1_000);
  expect(endCount()).toBe(0);
  pass(1_000);
  expect(endCount()).toBe(1);
  timer.stop();
});

test("counts anew when it is refreshed", () => {
  const { timer, pass, endCount } = timerOf20s();
  for (let second = 1; second < 20; second += 1) pass(1_000);
  timer.refresh();
  for (let second = 1; second < 20; second += 1) pass(1_000);
  expect(endCount()).toBe(0);
  timer.stop();
});
