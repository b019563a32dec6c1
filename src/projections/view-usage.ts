/** Usage as tables. Every row is a sum of the state's leaves, so rows always add up to their table's total. */
import type { BudgetLimit } from "../domain/settings.ts";
import { limitInForce, type State } from "../domain/state.ts";
import type { Tier } from "../domain/stream-id.ts";
import { addSpend, noSpend, type Spend, type SpendLeaf } from "../domain/usage.ts";

export interface UsageRow {
  readonly key: string;
  readonly label: string;
  readonly href: string | null;
  readonly spend: Spend;
}

export interface UsageTable {
  readonly title: string;
  readonly rows: readonly UsageRow[];
  readonly total: Spend;
}

export interface TierRow extends UsageRow {
  readonly tier: Tier;
}

export interface BudgetRow {
  readonly label: string;
  readonly spent: number;
  readonly limit: number;
  readonly isMoney: boolean;
}

const tiers: readonly { readonly tier: Tier; readonly label: string }[] = [
  { tier: 1, label: "Orchestrator" },
  { tier: 2, label: "Tech Lead" },
  { tier: 3, label: "Worker" },
  { tier: 4, label: "QA" },
];

/** Always four rows, in the order of the tiers, also where nothing was spent. */
export function tierUsage(state: State): { readonly rows: readonly TierRow[]; readonly total: Spend } {
  const leaves = [...state.spend.values()];
  const rows = tiers.map(({ tier, label }) => ({
    key: String(tier),
    tier,
    label: `${tier} ${label}`,
    href: null,
    spend: sum(leaves.filter((leaf) => leaf.tier === tier)),
  }));
  return { rows, total: sum(leaves) };
}

/** Every other way to cut the same leaves: by model, track, ticket and attempt. */
export function usageTables(state: State): readonly UsageTable[] {
  const leaves = [...state.spend.values()];
  const total = sum(leaves);
  const table = (title: string, rowOf: (leaf: SpendLeaf) => Omit<UsageRow, "spend">): UsageTable => ({
    title,
    rows: groupRows(leaves, rowOf),
    total,
  });
  return [
    table("By model", (leaf) => ({ key: leaf.model, label: leaf.model, href: null })),
    table("By track", (leaf) => trackRow(state, leaf.trackId)),
    table("By ticket", (leaf) => ticketRow(state, leaf.ticketId)),
    table("By attempt", (leaf) =>
      leaf.ticketId === null || leaf.attempt === null
        ? { key: "", label: "outside attempts (planning, reviews)", href: null }
        : {
            ...ticketRow(state, leaf.ticketId),
            key: `${leaf.ticketId}/${leaf.attempt}`,
            label: `${leaf.ticketId} attempt ${leaf.attempt}`,
          },
    ),
  ];
}

/** What a ticket, an attempt or a track has cost so far. */
export function spendWhere(state: State, matches: (leaf: SpendLeaf) => boolean): Spend {
  return sum([...state.spend.values()].filter(matches));
}

/** The limits of the run and the day that are in force, with what has been spent of them. */
export function budgetRows(state: State): readonly BudgetRow[] {
  const day = state.lastAt.slice(0, 10);
  const parts: readonly [BudgetLimit, string, string, number, boolean][] = [
    ["runUsd", "run", "this run", state.runSpend.usd, true],
    ["dayUsd", day, "today", state.daySpend.get(day) ?? 0, true],
    ["runTokens", "run", "tokens of this run", state.runSpend.tokens, false],
  ];
  return parts.flatMap(([name, scopeId, label, spent, isMoney]) => {
    const limit = limitInForce(state, name, scopeId);
    return limit === undefined ? [] : [{ label, spent, limit, isMoney }];
  });
}

function groupRows(leaves: readonly SpendLeaf[], rowOf: (leaf: SpendLeaf) => Omit<UsageRow, "spend">): UsageRow[] {
  const rows = new Map<string, UsageRow>();
  for (const leaf of leaves) {
    const row = rowOf(leaf);
    const seen = rows.get(row.key);
    rows.set(row.key, { ...row, spend: addSpend(seen?.spend ?? noSpend, leaf) });
  }
  return [...rows.values()].sort((a, b) => b.spend.costUsd - a.spend.costUsd || a.key.localeCompare(b.key));
}

function trackRow(state: State, trackId: string | null): Omit<UsageRow, "spend"> {
  if (trackId === null) return { key: "", label: "outside tracks (planning)", href: null };
  const title = state.tracks.get(trackId)?.title;
  return { key: trackId, label: title ?? trackId, href: `/tracks/${encodeURIComponent(trackId)}` };
}

function ticketRow(state: State, ticketId: string | null): Omit<UsageRow, "spend"> {
  if (ticketId === null) return { key: "", label: "outside tickets (planning)", href: null };
  const title = state.tickets.get(ticketId)?.title;
  return {
    key: ticketId,
    label: title === undefined ? ticketId : `${ticketId} ${title}`,
    href: `/tickets/${encodeURIComponent(ticketId)}`,
  };
}

function sum(leaves: readonly Spend[]): Spend {
  return leaves.reduce(addSpend, noSpend);
}
