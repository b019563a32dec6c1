/**
 * A part of the spend, named by an address: `/usage?track=…&tier=3`. Every row of a usage table is such a part, and opens to
 * a page whose total is that row's figures.
 */
import type { State } from "../domain/state.ts";
import type { SpendLeaf } from "../domain/usage.ts";
import { usageClass } from "./usage-class.ts";

/** The ways to part spend, as addresses name them. */
export const usageParts = ["tier", "model", "track", "ticket", "attempt", "day", "for"] as const;
export type UsagePart = (typeof usageParts)[number];

/** Which leaves are meant, by part; `none` stands for what belongs to no track, ticket or attempt. */
export type UsageScope = Readonly<Partial<Record<UsagePart, string>>>;

export const none = "none";

/** What a leaf is in one way of parting it. */
export function partOf(state: State, leaf: SpendLeaf, part: UsagePart): string {
  switch (part) {
    case "tier":
      return String(leaf.tier);
    case "model":
      return leaf.model;
    case "track":
      return leaf.trackId ?? none;
    case "ticket":
      return leaf.ticketId ?? none;
    case "attempt":
      return leaf.ticketId === null || leaf.attempt === null ? none : `${leaf.ticketId}/${leaf.attempt}`;
    case "day":
      return leaf.day;
    case "for":
      return usageClass(state, leaf);
    default:
      return part satisfies never;
  }
}

/** The scope that an address names; an unknown name in it is left alone. */
export function scopeOf(query: URLSearchParams): UsageScope {
  const named = usageParts.flatMap((part) => {
    const value = query.get(part);
    return value === null || value === "" ? [] : [[part, value] as const];
  });
  return Object.fromEntries(named);
}

/** The address of a scope. */
export function scopeHref(scope: UsageScope): string {
  const query = new URLSearchParams();
  for (const part of usageParts) if (scope[part] !== undefined) query.set(part, scope[part]);
  return query.size === 0 ? "/usage" : `/usage?${query}`;
}

/** The leaves of a scope. */
export function leavesIn(state: State, scope: UsageScope): readonly SpendLeaf[] {
  const asked = usageParts.filter((part) => scope[part] !== undefined);
  const leaves = [...state.spend.values()];
  if (asked.length === 0) return leaves;
  return leaves.filter((leaf) => asked.every((part) => partOf(state, leaf, part) === scope[part]));
}
