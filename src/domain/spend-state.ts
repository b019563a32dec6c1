/**
 * The part of the state that tokens and money are in. All of it is bounded by tickets, days and models, never by calls: a
 * log of a million events folds to what a page can add up.
 */
import type { EventOf } from "./event.ts";
import { noSpend, type Spend, type SpendLeaf } from "./usage.ts";

/** Money and tokens held for a call that has not ended. */
export interface Reservation {
  readonly callId: string;
  readonly agentId: string;
  readonly trackId: string | null;
  readonly ticketId: string | null;
  readonly usd: number;
  readonly tokens: number;
  /** Whose call it is: `modelKey`. */
  readonly model: string;
  readonly startedAt: string;
}

/** What had been spent in all when a stretch of time ended. `limitUsd` also counts what was held for calls of unknown cost. */
export interface SpendPoint {
  readonly atMs: number;
  readonly usd: number;
  readonly limitUsd: number;
  readonly tokens: number;
}

/** Spend over time: the last point of each stretch of `stepMs`, which doubles when there are too many points. */
export interface SpendSeries {
  readonly stepMs: number;
  readonly points: readonly SpendPoint[];
}

export const emptySeries: SpendSeries = { stepMs: 1_000, points: [] };

/** What was expected of a track before its work began. */
export type Estimate = EventOf<"estimate.recorded">;

export interface SpendState {
  readonly reservations: Map<string, Reservation>;
  /** Spend of all time by leaf key, of the present run, and by day (UTC date). */
  readonly spend: Map<string, SpendLeaf>;
  readonly runSpend: { usd: number; tokens: number };
  readonly daySpend: Map<string, number>;
  /** What was held for calls whose cost nobody knows, by track id and by ticket id: limits count it, no usage shows it. */
  readonly lostUsd: Map<string, number>;
  /** Sums of the leaves by track id and by ticket id: they are asked for at every call and for every row. */
  readonly spendOf: Map<string, Spend>;
  spendTotal: Spend;
  /** Spend over time, of all time and of the present run. */
  readonly series: { all: SpendSeries; run: SpendSeries };
  /** The last estimate of each track, by track id. */
  readonly estimates: Map<string, Estimate>;
  /** Counts what a view of usage shows: events after which it would look the same leave it alone. */
  usageVersion: number;
}

export function emptySpend(): SpendState {
  return {
    reservations: new Map(),
    spend: new Map(),
    runSpend: { usd: 0, tokens: 0 },
    daySpend: new Map(),
    lostUsd: new Map(),
    spendOf: new Map(),
    spendTotal: noSpend,
    series: { all: emptySeries, run: emptySeries },
    estimates: new Map(),
    usageVersion: 0,
  };
}
