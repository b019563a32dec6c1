/** Usage as tables, and the budget as meters: the rows of `usage.ts` and `budget.ts` with labels and links. */
import type { BudgetLimit } from "../domain/settings.ts";
import type { State } from "../domain/state.ts";
import type { SpendLeaf } from "../domain/usage.ts";
import { apiBudget } from "./budget.ts";
import { type UsageRow, usageRow, usageRows } from "./usage.ts";

/** What a row of a table is about. */
type Subject = { readonly key: string; readonly label: string; readonly href: string | null };

export interface UsageTable {
  readonly title: string;
  readonly rows: readonly (Subject & UsageRow)[];
  readonly total: UsageRow;
}

export interface BudgetRow {
  readonly label: string;
  readonly spent: number;
  readonly limit: number;
  readonly isMoney: boolean;
}

/** Every way but by tier to cut the spend: by model, track, ticket and attempt; dearest first. */
export function usageTables(state: State): readonly UsageTable[] {
  const leaves = [...state.spend.values()];
  const total = usageRow(leaves);
  const table = (title: string, subjectOf: (leaf: SpendLeaf) => Subject): UsageTable => ({
    title,
    rows: usageRows(leaves, subjectOf).sort(
      (a, b) => (b.costUsd ?? 0) - (a.costUsd ?? 0) || a.key.localeCompare(b.key),
    ),
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

const budgetLabels: Readonly<Partial<Record<BudgetLimit, string>>> = {
  runUsd: "this run",
  dayUsd: "today",
  runTokens: "tokens of this run",
};

/** The limits of the run and the day that are in force, with what has been spent of them. */
export function budgetRows(state: State): readonly BudgetRow[] {
  return apiBudget(state).limits.flatMap(({ limit, used, max }) => {
    const label = budgetLabels[limit];
    return label === undefined ? [] : [{ label, spent: used, limit: max, isMoney: limit !== "runTokens" }];
  });
}

function trackRow(state: State, trackId: string | null): Subject {
  if (trackId === null) return { key: "", label: "outside tracks (planning)", href: null };
  const title = state.tracks.get(trackId)?.title;
  return { key: trackId, label: title ?? trackId, href: `/tracks/${encodeURIComponent(trackId)}` };
}

function ticketRow(state: State, ticketId: string | null): Subject {
  if (ticketId === null) return { key: "", label: "outside tickets (planning)", href: null };
  const title = state.tickets.get(ticketId)?.title;
  return {
    key: ticketId,
    label: title === undefined ? ticketId : `${ticketId} ${title}`,
    href: `/tickets/${encodeURIComponent(ticketId)}`,
  };
}
