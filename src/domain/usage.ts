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

/** Usage with its money; `unpricedCallCount` counts the calls whose model has no price and whose money is therefore unknown. */
export interface Spend extends Usage {
  readonly costUsd: number;
  readonly callCount: number;
  readonly unpricedCallCount: number;
}

export const noSpend: Spend = { ...noUsage, costUsd: 0, callCount: 0, unpricedCallCount: 0 };

/** The smallest part that spend is kept for. */
export interface SpendLeaf extends Spend {
  readonly tier: Tier;
  readonly model: string;
  readonly epicId: string | null;
  readonly trackId: string | null;
  readonly ticketId: string | null;
  readonly attempt: number | null;
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
    costUsd: a.costUsd + b.costUsd,
    callCount: a.callCount + b.callCount,
    unpricedCallCount: a.unpricedCallCount + b.unpricedCallCount,
  };
}

/** The spend of one finished call; `cost` null means that its model has no price. */
export function callSpend(usage: Usage, cost: number | null): Spend {
  return { ...usage, costUsd: cost ?? 0, callCount: 1, unpricedCallCount: cost === null ? 1 : 0 };
}
