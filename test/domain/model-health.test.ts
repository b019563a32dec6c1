/** What the calls of all agents tell of their provider: when it is left in peace, and how fast it is called again. */
import { describe, expect, test } from "bun:test";
import {
  afterAnswer,
  afterFailure,
  afterStart,
  crowdFreeAtMs,
  freshHealth,
  holdOf,
  isHopeless,
  type ModelHealth,
} from "../../src/domain/model-health.ts";
import { Dice } from "../support/dice.ts";

const patienceMs = 900_000;
const fresh = freshHealth("default", "model-a");

function failed(
  health: ModelHealth,
  atMs: number,
  more: Partial<Parameters<typeof afterFailure>[1]> = {},
): ModelHealth {
  const failure = { callId: `call-${atMs}`, code: "overloaded_error", status: 529, reason: "Overloaded.", atMs };
  return afterFailure(health, { ...failure, retryInMs: undefined, startedAtMs: atMs, ...more }, patienceMs);
}

/** Open since 5000 ms. */
function opened(): ModelHealth {
  return [1000, 2000, 3000, 4000, 5000].reduce((health, atMs) => failed(health, atMs), fresh);
}

describe("a provider that fails", () => {
  test("five times in a row is left in peace for half a minute", () => {
    const four = [1000, 2000, 3000, 4000].reduce((health, atMs) => failed(health, atMs), fresh);
    expect(holdOf(four, 4001)).toBeNull();
    expect(holdOf(opened(), 5001)).toEqual({ kind: "broken", untilMs: 35_000 });
    expect(holdOf(opened(), 35_000)).toBeNull();
  });

  test.each([
    ["a broken connection", "network", undefined, true],
    ["a cut stream", "cut", undefined, true],
    ["a server error", "api_error", 500, true],
    ["a wrong request", "invalid_request_error", 400, false],
    ["a stop of ours", "stopped", undefined, false],
  ] as const)("by %s counts or not", (_name, code, status, isCounted) => {
    const health = [1, 2, 3, 4, 5].reduce((known, atMs) => failed(known, atMs, { code, status }), fresh);
    expect(holdOf(health, 6) !== null).toBe(isCounted);
  });

  test("is asked by one call when the time is over; the others wait for what comes of it", () => {
    const probing = afterStart(opened(), "probe", 35_000);
    expect(holdOf(probing, 36_000)).toEqual({ kind: "probing", untilMs: null });
    expect(afterAnswer(probing, 37_000)).toBeNull();
    const again = failed(probing, 37_000, { callId: "probe" });
    expect(holdOf(again, 37_001)).toEqual({ kind: "broken", untilMs: 97_000 });
  });

  test("is not held longer for calls that were under way when it was left in peace", () => {
    const late = failed(opened(), 20_000, { startedAtMs: 4500 });
    expect(holdOf(late, 20_001)).toEqual({ kind: "broken", untilMs: 35_000 });
  });

  test("is asked again by another call when the first was stopped", () => {
    const probing = afterStart(opened(), "probe", 35_000);
    expect(holdOf(failed(probing, 36_000, { callId: "probe", code: "stopped", status: undefined }), 36_000)).toBeNull();
  });

  test("is waited for twice as long each time, five minutes at most, and in the end no more", () => {
    let health = opened();
    const waits: number[] = [];
    while (!isHopeless(health, 0, health.heldAtMs)) {
      waits.push(health.heldUntilMs - health.heldAtMs);
      const atMs = health.heldUntilMs;
      health = failed(afterStart(health, "probe", atMs), atMs, { callId: "probe" });
    }
    expect(waits.map((wait) => wait / 1000)).toEqual([30, 60, 120, 240, 300, 300]);
    expect(isHopeless(health, health.heldAtMs + 1, health.heldAtMs + 2)).toBe(false);
    expect(isHopeless(health, 0, health.heldUntilMs)).toBe(false);
  });
});

test("calls that crowd a model go out one by one", () => {
  expect(crowdFreeAtMs([10, 20, 30])).toBe(0);
  expect(crowdFreeAtMs([10, 40, 20, 30])).toBe(55);
  expect(crowdFreeAtMs(Array.from({ length: 12 }, () => 10))).toBe(0);
});

/** A provider's bucket that fills evenly, and workers that always want the next call. */
interface Storm {
  readonly workers: number;
  readonly capacity: number;
  readonly everyMs: number;
  readonly callMs: number;
  readonly inSeconds: boolean;
}

interface SentCall {
  readonly atMs: number;
  readonly startedAtMs: number;
  readonly worker: number;
  readonly waitMs: number | null;
}

function storm(options: Storm) {
  const { workers, capacity, everyMs, callMs, inSeconds } = options;
  const durationMs = 100 * everyMs;
  const stepMs = Math.max(5, everyMs / 240);
  const dice = new Dice(7);
  let health: ModelHealth | undefined;
  let level = capacity;
  let refused = 0;
  let taken = 0;
  const wants = Array.from({ length: workers }, () => 0);
  let calls: SentCall[] = [];
  const answer = ({ startedAtMs, worker, waitMs }: SentCall, atMs: number) => {
    if (waitMs === null) health = health && (afterAnswer(health, atMs) ?? undefined);
    else health = failed(health ?? fresh, atMs, { status: 429, retryInMs: waitMs, startedAtMs });
    wants[worker] = atMs + (waitMs ?? 0);
  };
  const send = (worker: number, nowMs: number) => {
    health = health && afterStart(health, "c", nowMs);
    const leftMs = Math.max(0, 1 - level) * everyMs;
    const askedMs = inSeconds ? Math.ceil(leftMs / 1000) * 1000 : leftMs;
    const waitMs = leftMs > 0 ? Math.ceil(askedMs * (1 + dice.roll() / 10)) : null;
    if (waitMs === null) level -= 1;
    if (waitMs === null) taken += 1;
    else refused += 1;
    const lastsMs = waitMs === null ? callMs * (0.5 + dice.roll()) : stepMs;
    calls.push({ atMs: nowMs + lastsMs, startedAtMs: nowMs, worker, waitMs });
    wants[worker] = Number.POSITIVE_INFINITY;
  };
  for (let nowMs = 0; nowMs < durationMs; nowMs += stepMs) {
    level = Math.min(capacity, level + stepMs / everyMs);
    for (const call of calls) if (call.atMs <= nowMs) answer(call, nowMs);
    calls = calls.filter(({ atMs }) => atMs > nowMs);
    for (const [worker, wantsAtMs] of wants.entries()) {
      const isCrowded = crowdFreeAtMs(calls.map(({ startedAtMs }) => startedAtMs)) > nowMs;
      if (wantsAtMs <= nowMs && !holdOf(health, nowMs) && !isCrowded) send(worker, nowMs);
    }
  }
  return { refused, share: taken / (capacity + durationMs / everyMs) };
}

describe("a storm of calls against a rate limit", () => {
  test.each([
    { workers: 8, capacity: 10, everyMs: 6000, callMs: 500, inSeconds: true },
    { workers: 8, capacity: 10, everyMs: 6000, callMs: 20_000, inSeconds: true },
    { workers: 8, capacity: 10, everyMs: 600, callMs: 50, inSeconds: true },
    { workers: 8, capacity: 10, everyMs: 600, callMs: 50, inSeconds: false },
    { workers: 8, capacity: 5, everyMs: 1200, callMs: 300, inSeconds: true },
    { workers: 32, capacity: 40, everyMs: 1500, callMs: 300, inSeconds: true },
  ])("%j: at most 3 refusals after the first, and nine tenths of what the limit lets through", (options) => {
    const { refused, share } = storm(options);
    expect(refused).toBeGreaterThanOrEqual(1);
    expect(refused).toBeLessThanOrEqual(4);
    expect(share).toBeGreaterThanOrEqual(0.9);
  });
});
