/**
 * Tokens and money as views show them: one total, and its parts by tier, model, track, ticket, attempt, day. Every part is a
 * sum of the same leaves, so the parts always sum to the total; what belongs to no track or ticket stands under null.
 */
import type { State } from "../domain/state.ts";
import type { Tier } from "../domain/stream-id.ts";
import { addSpend, addUsd, nanoUsd, noSpend, type Spend, type SpendLeaf } from "../domain/usage.ts";
import { isOverhead, type UsageClass, usageClass, usageClasses } from "./usage-class.ts";

/** One line of a usage table; `costUsd` is null when none of its calls has a price. */
export interface UsageRow {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  readonly costUsd: number | null;
  readonly callCount: number;
  readonly unpricedCallCount: number;
  /** Tokens of calls without a price: what the money does not count. */
  readonly unpricedTokens: number;
  /** Calls whose figures the endpoint did not report in full: more may have been taken than is said. */
  readonly estimatedCallCount: number;
}

export interface ApiUsage {
  readonly total: UsageRow;
  readonly byTier: readonly ({ readonly tier: Tier } & UsageRow)[];
  readonly byModel: readonly ({ readonly model: string } & UsageRow)[];
  readonly byTrack: readonly ({ readonly trackId: string | null } & UsageRow)[];
  readonly byTicket: readonly ({ readonly ticketId: string | null; readonly trackId: string | null } & UsageRow)[];
  readonly byAttempt: readonly AttemptUsage[];
  readonly byDay: readonly ({ readonly day: string } & UsageRow)[];
  readonly byClass: readonly ({ readonly name: UsageClass; readonly isOverhead: boolean } & UsageRow)[];
}

export interface AttemptUsage extends UsageRow {
  readonly ticketId: string | null;
  readonly trackId: string | null;
  readonly attempt: number | null;
}

const tiers: readonly Tier[] = [1, 2, 3, 4];

/** The whole of the accounting, of all time. Tiers without a call have a row of zeros. */
export function apiUsage(state: State): ApiUsage {
  const leaves = [...state.spend.values()];
  return {
    total: usageRow(leaves),
    byTier: tierRows(leaves),
    byModel: usageRows(leaves, (leaf) => ({ model: leaf.model })),
    byTrack: usageRows(leaves, (leaf) => ({ trackId: leaf.trackId })),
    byTicket: usageRows(leaves, (leaf) => ({ ticketId: leaf.ticketId, trackId: leaf.trackId })),
    byAttempt: usageRows(leaves, ({ ticketId, trackId, attempt }) => ({ ticketId, trackId, attempt })),
    byDay: usageRows(leaves, ({ day }) => ({ day })),
    byClass: classRows(state, leaves),
  };
}

/** A row for each tier, also where it took nothing. */
export function tierRows(leaves: readonly SpendLeaf[]): ApiUsage["byTier"] {
  return tiers.map((tier) => ({ tier, ...usageRow(leaves.filter((leaf) => leaf.tier === tier)) }));
}

/** A row for each class that took something, work first. */
export function classRows(state: State, leaves: readonly SpendLeaf[]): ApiUsage["byClass"] {
  const rows = usageRows(leaves, (leaf) => ({ name: usageClass(state, leaf) }));
  return usageClasses.flatMap((name) => {
    const row = rows.find((each) => each.name === name);
    return row ? [{ ...row, name, isOverhead: isOverhead(name) }] : [];
  });
}

/** Leaves summed by a key of named parts, in the order in which the keys first appear. */
export function usageRows<K extends Record<string, string | number | null>>(
  leaves: readonly SpendLeaf[],
  keyOf: (leaf: SpendLeaf) => K,
): (K & UsageRow)[] {
  const groups = new Map<string, { readonly key: K; readonly leaves: SpendLeaf[] }>();
  for (const leaf of leaves) {
    const key = keyOf(leaf);
    const name = JSON.stringify(Object.values(key));
    const group = groups.get(name) ?? { key, leaves: [] };
    group.leaves.push(leaf);
    groups.set(name, group);
  }
  return [...groups.values()].map((group) => ({ ...group.key, ...usageRow(group.leaves) }));
}

/** The sum of some spend as one line. */
export function usageRow(spends: readonly Spend[]): UsageRow {
  const sum = spends.reduce<Spend>(addSpend, noSpend);
  return {
    inputTokens: sum.inputTokens,
    outputTokens: sum.outputTokens,
    cacheReadTokens: sum.cacheReadTokens,
    cacheWriteTokens: sum.cacheWriteTokens,
    costUsd: sum.callCount > 0 && sum.unpricedCallCount === sum.callCount ? null : roundUsd(sum.costUsd),
    callCount: sum.callCount,
    unpricedCallCount: sum.unpricedCallCount,
    unpricedTokens: sum.unpricedTokens,
    estimatedCallCount: sum.estimatedCallCount,
  };
}

/** What a track or a ticket has cost so far, in US dollars. */
export function spentOf(state: State, scopeId: string): number {
  return state.spendOf.get(scopeId)?.costUsd ?? 0;
}

/** What some leaves have cost so far, in US dollars; a whole track or ticket is asked for with `spentOf`. */
export function costWhere(state: State, matches: (leaf: SpendLeaf) => boolean): number {
  let usd = 0;
  for (const leaf of state.spend.values()) if (matches(leaf)) usd = addUsd(usd, leaf.costUsd);
  return usd;
}

/** Money to a billionth of a dollar, so that sums of binary fractions read as people expect. */
export function roundUsd(usd: number): number {
  return nanoUsd(usd) / 1e9;
}
