/** Every figure of the accounting, on random logs: parts sum to the total, exactly, and the total is what the calls say. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { Event } from "../../src/domain/event.ts";
import { evolve } from "../../src/domain/evolve.ts";
import { emptyState } from "../../src/domain/state.ts";
import { nanoUsd, totalTokens } from "../../src/domain/usage.ts";
import { apiUsage, type UsageRow } from "../../src/projections/usage.ts";
import { scopeOf } from "../../src/projections/usage-scope.ts";
import { type UsageTable, usageView } from "../../src/projections/view-usage.ts";
import { callsIn } from "../../src/web/pages/usage-calls.ts";
import { FakeEngine } from "../support/fake-engine.ts";
import { known } from "../support/given.ts";
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

describe("every row of the usage page", () => {
  const engineOf = (seed: number) => {
    const engine = new FakeEngine();
    engine.add(...randomUsage(seed, 40));
    return engine;
  };

  test("opens to a part whose total is that row, and whose tables sum to it", () => {
    const opens = (seed: number) => {
      const state = engineOf(seed).state();
      for (const table of usageView(state, {}).tables) {
        for (const row of table.rows) {
          const part = usageView(state, scopeAt(row.href));
          expect(sumOf([part.total])).toEqual(sumOf([row]));
          for (const inner of [part.tiers, ...part.tables.map(shown)]) expect(sumOf(inner)).toEqual(sumOf([row]));
        }
      }
    };
    fc.assert(fc.property(seeds, opens), { numRuns: 15 });
  });

  test("of a track, ticket or attempt opens to single calls that sum to it", () => {
    const opens = (seed: number) => {
      const engine = engineOf(seed);
      const tables = usageView(engine.state(), {}).tables.filter(({ part }) => /^(track|ticket|attempt)$/.test(part));
      for (const row of tables.flatMap((table) => table.rows)) {
        const listed = callsIn(engine, scopeAt(row.href));
        // The part outside tickets is of too many agents to be read one by one.
        if (listed === null) continue;
        const rest = listed.rest === null ? [] : [listed.rest.spend];
        expect(sumOf([...listed.calls.map((call) => call.spend), ...rest])).toEqual(sumOf([row]));
        expect(sumOf([listed.total])).toEqual(sumOf([row]));
      }
    };
    fc.assert(fc.property(seeds, opens), { numRuns: 15 });
  });

  test("that a table leaves out is in the one row that stands for them", () => {
    const state = engineOf(7).state();
    for (const [key, leaf] of [...state.spend]) {
      for (let copy = 0; copy < 60; copy += 1) {
        const ticketId = `T-${key}-${copy}`;
        state.spend.set(ticketId, { ...leaf, ticketId });
      }
    }
    const table = known(
      usageView(state, {}).tables.find(({ part }) => part === "ticket"),
      "table by ticket",
    );
    expect(table.rows).toHaveLength(25);
    expect(sumOf([...table.rows, known(table.rest, "rest").spend])).toEqual(sumOf([table.total]));
  });

  test("shows money with so many digits that what is written adds up", () => {
    const addsUp = (seed: number) => {
      const state = engineOf(seed).state();
      const { total, tables, digits } = usageView(state, {});
      const written = (row: UsageRow) => Number((row.costUsd ?? 0).toFixed(digits).replace(".", ""));
      for (const table of tables) expect(shown(table).reduce((sum, row) => sum + written(row), 0)).toBe(written(total));
    };
    fc.assert(fc.property(seeds, addsUp), { numRuns: 20 });
  });
});

/** Every line of a table, the one that stands for what it leaves out among them. */
function shown({ rows, rest }: UsageTable): readonly UsageRow[] {
  return rest === null ? rows : [...rows, rest.spend];
}

function scopeAt(href: string | null) {
  return scopeOf(new URL(known(href, "link to its parts"), "http://localhost").searchParams);
}
