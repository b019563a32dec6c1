/**
 * Tokens and money: what a call took, as the provider reported it, and how amounts add up. Every total is a sum of leaves
 * (tier, model, track, ticket, attempt), so the parts always sum to the whole.
 */
import { z } from "zod";
import type { Price } from "./settings.ts";
import type { Tier } from "./stream-id.ts";

/** Token counts of one call, from the provider's own `usage`. */
export const Usage = z.object({
  inputTokens: z.number().int().nonnegative(),
  outputTokens: z.number().int().nonnegative(),
  cacheReadTokens: z.number().int().nonnegative(),
  cacheWriteTokens: z.number().int().nonnegative(),
});
export type Usage = z.infer<typeof Usage>;

export const noUsage: Usage = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 };

/**
 * Usage with its money. `unpricedCallCount` and `unpricedTokens` are of calls whose model has no price, and whose money is
 * therefore unknown; `estimatedCallCount` counts those whose figures the endpoint did not say in full.
 */
export interface Spend extends Usage {
  readonly costUsd: number;
  readonly callCount: number;
  readonly unpricedCallCount: number;
  readonly unpricedTokens: number;
  readonly estimatedCallCount: number;
}

export const noSpend: Spend = {
  ...noUsage,
  costUsd: 0,
  callCount: 0,
  unpricedCallCount: 0,
  unpricedTokens: 0,
  estimatedCallCount: 0,
};

/** What an agent is asked to do: the spend of a call is work, or what stands around it. */
export type Purpose = "tracks" | "tickets" | "work" | "diagnosis" | "verdict" | "review";

/** The smallest part that spend is kept for. */
export interface SpendLeaf extends Spend {
  readonly tier: Tier;
  readonly model: string;
  readonly epicId: string | null;
  readonly trackId: string | null;
  readonly ticketId: string | null;
  readonly attempt: number | null;
  readonly purpose: Purpose;
  /** Whether these are calls that failed, and so gave nothing. */
  readonly isFailed: boolean;
  /** The day (UTC date) on which the calls ended. */
  readonly day: string;
}

/** The money that a usage costs at a price, in US dollars; null when the model has no price. */
export function costUsd(usage: Usage, price: Price | undefined): number | null {
  if (!price) return null;
  const promptTokens = usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens;
  const rates = price.longPrompt && promptTokens > price.longPrompt.aboveTokens ? price.longPrompt : price;
  const microUsd =
    usage.inputTokens * rates.input +
    usage.outputTokens * rates.output +
    usage.cacheReadTokens * rates.cacheRead +
    usage.cacheWriteTokens * rates.cacheWrite;
  return microUsd / 1_000_000;
}

/** All tokens of a usage, of every kind. */
export function totalTokens(usage: Usage): number {
  return usage.inputTokens + usage.outputTokens + usage.cacheReadTokens + usage.cacheWriteTokens;
}

export function addSpend(a: Spend, b: Spend): Spend {
  return {
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    cacheReadTokens: a.cacheReadTokens + b.cacheReadTokens,
    cacheWriteTokens: a.cacheWriteTokens + b.cacheWriteTokens,
    costUsd: addUsd(a.costUsd, b.costUsd),
    callCount: a.callCount + b.callCount,
    unpricedCallCount: a.unpricedCallCount + b.unpricedCallCount,
    unpricedTokens: a.unpricedTokens + b.unpricedTokens,
    estimatedCallCount: a.estimatedCallCount + b.estimatedCallCount,
  };
}

/** The spend of one finished call; `cost` null means that its model has no price. */
export function callSpend(usage: Usage, cost: number | null, isReported = true): Spend {
  return {
    ...usage,
    costUsd: addUsd(cost ?? 0, 0),
    callCount: 1,
    unpricedCallCount: cost === null ? 1 : 0,
    unpricedTokens: cost === null ? totalTokens(usage) : 0,
    estimatedCallCount: isReported ? 0 : 1,
  };
}

/** Money in whole billionths of a dollar: a token of the cheapest model costs ten of them, and whole numbers add up exactly. */
export function nanoUsd(usd: number): number {
  return Math.round(usd * 1e9);
}

/** The sum of two amounts, each to a billionth of a dollar: parts sum to their total in whatever order they are added. */
export function addUsd(a: number, b: number): number {
  return (nanoUsd(a) + nanoUsd(b)) / 1e9;
}
