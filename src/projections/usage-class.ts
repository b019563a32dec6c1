/**
 * What spend was for: work that was merged, or what stands around it. Which one a piece of work is turns out later, so it
 * is said from the state as it is now: work under way becomes merged work, or overhead.
 */
import type { State, Ticket } from "../domain/state.ts";
import type { SpendLeaf } from "../domain/usage.ts";

/** In the order in which people read them; the first two are work, the rest is overhead. */
export const usageClasses = [
  "merged",
  "under_way",
  "planning",
  "review",
  "diagnosis",
  "retries",
  "abandoned",
  "failed_calls",
] as const;
export type UsageClass = (typeof usageClasses)[number];

/** Overhead: it was paid for, and none of it is in the code that was merged. */
export function isOverhead(name: UsageClass): boolean {
  return name !== "merged" && name !== "under_way";
}

/** The one class that a leaf belongs to. */
export function usageClass(state: State, leaf: SpendLeaf): UsageClass {
  if (leaf.isFailed) return "failed_calls";
  switch (leaf.purpose) {
    case "tracks":
    case "tickets":
      return "planning";
    case "verdict":
    case "review":
      return "review";
    case "diagnosis":
      return "diagnosis";
    case "work":
      return workClass(state.tickets.get(leaf.ticketId ?? ""), leaf.attempt);
    default:
      return leaf.purpose satisfies never;
  }
}

function workClass(ticket: Ticket | undefined, number: number | null): UsageClass {
  const attempt = ticket?.attempts.find((each) => each.attempt === number);
  switch (ticket?.stage.name) {
    case "completed":
      return attempt?.failure ? "retries" : "merged";
    case "blocked":
    case "skipped":
    case "cancelled":
      return "abandoned";
    default:
      return attempt?.failure ? "retries" : "under_way";
  }
}
