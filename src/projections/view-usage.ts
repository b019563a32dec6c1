/** Usage as tables whose rows open to their own parts, and the budget as meters: the figures are those of `usage.ts`. */
import type { BudgetLimit } from "../domain/settings.ts";
import type { State } from "../domain/state.ts";
import { nanoUsd, type SpendLeaf } from "../domain/usage.ts";
import { apiBudget } from "./budget.ts";
import { type ApiUsage, tierRows, type UsageRow, usageRow, usageRows } from "./usage.ts";
import { isOverhead, type UsageClass, usageClasses } from "./usage-class.ts";
import { leavesIn, none, partOf, scopeHref, type UsagePart, type UsageScope } from "./usage-scope.ts";

export interface UsageTableRow extends UsageRow {
  readonly key: string;
  readonly label: string;
  /** The page of its own parts; null where it is the whole page already. */
  readonly href: string | null;
  /** The page of the thing itself. */
  readonly subjectHref: string | null;
}

export interface UsageTable {
  readonly part: UsagePart;
  readonly title: string;
  readonly rows: readonly UsageTableRow[];
  /** Rows that are not shown, as one: the shown ones and this sum to the total. */
  readonly rest: { readonly rowCount: number; readonly href: string; readonly spend: UsageRow } | null;
  readonly total: UsageRow;
}

export interface UsageView {
  readonly crumbs: readonly { readonly label: string; readonly href: string }[];
  readonly tiers: ApiUsage["byTier"];
  readonly tierHrefs: readonly string[];
  readonly total: UsageRow;
  readonly overhead: UsageRow;
  readonly tables: readonly UsageTable[];
  /** Decimals at which every amount of money on the page is exact, so that what is shown adds up. */
  readonly digits: number;
}

export interface BudgetRow {
  readonly label: string;
  readonly spent: number;
  readonly limit: number;
  readonly isMoney: boolean;
}

/** How many rows a table shows, and how many when it is asked to show more. */
const rowLimit = 25;
const moreLimit = 1_000;

const titles: Readonly<Record<UsagePart, string>> = {
  tier: "By tier",
  for: "What it was for",
  model: "By model",
  track: "By track",
  ticket: "By ticket",
  attempt: "By attempt",
  day: "By day",
};

/** A scope's spend in every way to part it; `more` is the table that shows more rows than others. */
export function usageView(state: State, scope: UsageScope, more: string | null = null): UsageView {
  const leaves = leavesIn(state, scope);
  const parts: readonly UsagePart[] = ["for", "model", "track", "ticket", "attempt", "day"];
  const overhead = leaves.filter((leaf) => isOverhead(partOf(state, leaf, "for") as UsageClass)); // The part "for" is a class.
  return {
    crumbs: crumbsOf(state, scope),
    tiers: tierRows(leaves),
    tierHrefs: tierHrefs(scope),
    total: usageRow(leaves),
    overhead: usageRow(overhead),
    tables: parts.map((part) => tableOf(state, leaves, scope, part, more === part ? moreLimit : rowLimit)),
    digits: digitsOf(leaves.map((leaf) => leaf.costUsd)),
  };
}

/** The tiers alone, with links to their parts, as the overview has them. */
export function tierUsage(state: State) {
  const leaves = [...state.spend.values()];
  const usage = { byTier: tierRows(leaves), total: usageRow([state.spendTotal]) };
  return { usage, digits: digitsOf(usage.byTier.map((row) => row.costUsd ?? 0)), hrefs: tierHrefs({}) };
}

function tierHrefs(scope: UsageScope): readonly string[] {
  return [1, 2, 3, 4].map((tier) => scopeHref({ ...scope, tier: String(tier) }));
}

/** The fewest decimals, from four up, at which all of these amounts are exact. */
export function digitsOf(amounts: readonly number[]): number {
  let digits = 4;
  for (const amount of amounts) while (digits < 9 && nanoUsd(amount) % 10 ** (9 - digits) !== 0) digits += 1;
  return digits;
}

function tableOf(
  state: State,
  leaves: readonly SpendLeaf[],
  scope: UsageScope,
  part: UsagePart,
  limit: number,
): UsageTable {
  const found = usageRows(leaves, (leaf) => ({ key: partOf(state, leaf, part) })).sort(orders[part] ?? dearest);
  const rows = found.slice(0, limit).map((row) => ({ ...row, ...subjectOf(state, scope, part, row.key) }));
  const left = found.slice(limit);
  const inScope = scopeHref(scope);
  const href = `${inScope}${inScope.includes("?") ? "&" : "?"}more=${part}#usage-${part}`;
  return {
    part,
    title: titles[part],
    rows,
    rest: left.length === 0 ? null : { rowCount: left.length, href, spend: sumOf(left) },
    total: usageRow(leaves),
  };
}

type Keyed = UsageRow & { readonly key: string };

function dearest(a: Keyed, b: Keyed): number {
  return (b.costUsd ?? 0) - (a.costUsd ?? 0) || a.key.localeCompare(b.key);
}

const orders: Partial<Record<UsagePart, (a: Keyed, b: Keyed) => number>> = {
  day: (a, b) => b.key.localeCompare(a.key),
  // The keys of this part are classes.
  for: (a, b) => usageClasses.indexOf(a.key as UsageClass) - usageClasses.indexOf(b.key as UsageClass),
};

/** Rows summed to one: money that nobody knows stays unknown. */
export function sumOf(rows: readonly UsageRow[]): UsageRow {
  return usageRow(rows.map((row) => ({ ...row, costUsd: row.costUsd ?? 0 })));
}

function crumbsOf(state: State, scope: UsageScope): UsageView["crumbs"] {
  const crumbs: { label: string; href: string }[] = [];
  let upTo: UsageScope = {};
  // The keys of a scope are parts.
  for (const [part, value] of Object.entries(scope) as [UsagePart, string][]) {
    upTo = { ...upTo, [part]: value };
    crumbs.push({ label: labelOf(state, part, value), href: scopeHref(upTo) });
  }
  return crumbs;
}

function subjectOf(state: State, scope: UsageScope, part: UsagePart, key: string) {
  const pages: Partial<Record<UsagePart, string>> = { track: "tracks", ticket: "tickets" };
  const folder = pages[part];
  return {
    label: labelOf(state, part, key),
    href: scope[part] === key ? null : scopeHref({ ...scope, [part]: key }),
    subjectHref: folder === undefined || key === none ? null : `/${folder}/${encodeURIComponent(key)}`,
  };
}

const outside: Readonly<Partial<Record<UsagePart, string>>> = {
  track: "outside tracks (planning)",
  ticket: "outside tickets (planning)",
  attempt: "outside attempts (planning)",
};

const classLabels: Readonly<Record<UsageClass, string>> = {
  merged: "Work that was merged",
  under_way: "Work under way",
  planning: "Overhead: planning",
  review: "Overhead: reviews and verdicts",
  diagnosis: "Overhead: diagnoses",
  retries: "Overhead: attempts that failed and were tried again",
  abandoned: "Overhead: work on tickets that were given up",
  failed_calls: "Overhead: calls that failed",
};

function labelOf(state: State, part: UsagePart, key: string): string {
  if (key === none) return outside[part] ?? key;
  switch (part) {
    case "track":
      return state.tracks.get(key)?.title ?? key;
    case "ticket":
      return state.tickets.has(key) ? `${key} ${state.tickets.get(key)?.title}` : key;
    case "attempt":
      return key.replace("/", ", attempt ");
    case "tier":
      return `Tier ${key}`;
    case "for":
      // The keys of this part are classes; an address may name another word.
      return classLabels[key as UsageClass] ?? key;
    case "model":
    case "day":
      return key;
    default:
      return part satisfies never;
  }
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
