/** Every figure of the accounting, on random logs: parts sum to the total, exactly, and the total is what the calls say. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { Event } from "../../src/domain/event.ts";
import { evolve } from "../../src/domain/evolve.ts";
import { emptyState } from "../../src/domain/state.ts";
import { nanoUsd, totalTokens } from "../../src/domain/usage.ts";
import { apiUsage, type UsageRow } from "../../src/projections/usage.ts";
import { randomUsage } from "../support/random-usage.ts";

const hourMs = 3_600_000;

/** A random log, an event every twenty minutes so that it spans days. */
function randomLog(seed: number, stepCount = 60): Event[] {
  return randomUsage(seed, stepCount).map((fact, index) => ({
    ...fact,
    position: index + 1,
    at: new Date(Date.UTC(2026, 0, 1) + (index * hourMs) / 3).toISOString(),
  }));
}

const figures = [
  "inputTokens",
  "outputTokens",
  "cacheReadTokens",
  "cacheWriteTokens",
  "callCount",
  "unpricedCallCount",
  "unpricedTokens",
  "estimatedCallCount",
] as const;
type Figures = Readonly<Record<(typeof figures)[number] | "nanoUsd", number>>;

/** The calls of a log added up by hand, without any state. */
function naive(events: readonly Event[]): Figures {
  const sum = { ...sumOf([]) };
  for (const event of events) {
    if (event.type !== "call.settled" && event.type !== "call.failed") continue;
    const { usage, costUsd } = event;
    const isReported = event.isUsageKnown !== false && !(event.type === "call.failed" && event.code === "lost");
    sum.inputTokens += usage.inputTokens;
    sum.outputTokens += usage.outputTokens;
    sum.cacheReadTokens += usage.cacheReadTokens;
    sum.cacheWriteTokens += usage.cacheWriteTokens;
    sum.callCount += 1;
    sum.unpricedCallCount += costUsd === null ? 1 : 0;
    sum.unpricedTokens += costUsd === null ? totalTokens(usage) : 0;
    sum.estimatedCallCount += isReported ? 0 : 1;
    sum.nanoUsd += nanoUsd(costUsd ?? 0);
  }
  return sum;
}

function sumOf(rows: readonly UsageRow[]): Figures {
  const sums = figures.map((name) => [name, rows.reduce((sum, row) => sum + row[name], 0)] as const);
  // `figures` names every field but the money.
  const counted = Object.fromEntries(sums) as Omit<Figures, "nanoUsd">;
  return { ...counted, nanoUsd: rows.reduce((sum, row) => sum + nanoUsd(row.costUsd ?? 0), 0) };
}

const seeds = fc.integer({ min: 0, max: 2 ** 31 });

describe("on random logs", () => {
  test("the total is what the calls say, and every way of parting it sums to it", () => {
    const addsUp = (seed: number) => {
      const events = randomLog(seed);
      const { total, ...parts } = apiUsage(events.reduce(evolve, emptyState()));
      const expected = naive(events);
      expect(sumOf([total])).toEqual(expected);
      for (const rows of Object.values(parts)) expect(sumOf(rows)).toEqual(expected);
    };
    fc.assert(fc.property(seeds, addsUp), { numRuns: 60 });
  });

  test("what is kept of each track and ticket is what its rows say", () => {
    const isSame = (seed: number) => {
      const state = randomLog(seed).reduce(evolve, emptyState());
      const { byTrack, byTicket, total } = apiUsage(state);
      for (const row of byTrack) if (row.trackId !== null) same(state.spendOf.get(row.trackId)?.costUsd, row);
      for (const row of byTicket) if (row.ticketId !== null) same(state.spendOf.get(row.ticketId)?.costUsd, row);
      same(state.spendTotal.costUsd, total);
    };
    const same = (kept: number | undefined, row: UsageRow) =>
      expect(nanoUsd(kept ?? 0)).toBe(nanoUsd(row.costUsd ?? 0));
    fc.assert(fc.property(seeds, isSame), { numRuns: 30 });
  });

  test("spend over time ends at the total, never falls, and has a bounded number of points", () => {
    const ends = (seed: number) => {
      const state = randomLog(seed, 400).reduce(evolve, emptyState());
      const { points } = state.series.all;
      expect(points.at(-1)?.usd).toBe(state.spendTotal.costUsd);
      expect(points.length).toBeLessThanOrEqual(240);
      expect(points.every(({ usd, atMs }, index) => usd >= (points[index - 1]?.usd ?? 0) && atMs > 0)).toBe(true);
    };
    fc.assert(fc.property(seeds, ends), { numRuns: 10 });
  });
});
