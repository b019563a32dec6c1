/**
 * The longest chain of tickets that are still to be done: what the end of a track waits for. A ticket weighs what tickets like
 * it have taken so far; where nothing is measured yet, every ticket weighs the same.
 */
import { isFinal, workerModel } from "../domain/readiness.ts";
import type { State, Ticket } from "../domain/state.ts";

export interface CriticalPath {
  /** From the first ticket to the last. */
  readonly ticketIds: readonly string[];
  /** What it takes by the estimate, in milliseconds; null where nothing has been measured. */
  readonly restMs: number | null;
  /** How many finished tickets the estimate is made of. */
  readonly measuredCount: number;
}

interface Weighted {
  readonly ticketId: string;
  readonly dependsOn: readonly string[];
  readonly weight: number;
}

/** The heaviest chain of a graph without cycles; of equal ones that whose last ticket comes first. */
export function heaviestChain(nodes: readonly Weighted[]): readonly string[] {
  const best = new Map<string, { readonly weight: number; readonly before: string | null }>();
  for (const node of inOrder(nodes)) {
    const needed = node.dependsOn.filter((ticketId) => best.has(ticketId));
    const before = heaviest(needed, (ticketId) => best.get(ticketId)?.weight ?? 0);
    const weight = node.weight + (before === null ? 0 : (best.get(before)?.weight ?? 0));
    best.set(node.ticketId, { weight, before });
  }
  const reached = nodes.map(({ ticketId }) => ticketId).filter((ticketId) => best.has(ticketId));
  const last = heaviest(reached, (ticketId) => best.get(ticketId)?.weight ?? 0);
  const chain: string[] = [];
  for (let at = last; at !== null; at = best.get(at)?.before ?? null) chain.push(at);
  return chain.reverse();
}

/** The critical path of a track, of what is not done, skipped, cancelled or blocked. */
export function criticalPath(state: State, tickets: readonly Ticket[]): CriticalPath {
  const measured = [...state.tickets.values()].flatMap((ticket) => measuredMs(ticket) ?? []);
  const usual = median(measured.map(({ ms }) => ms));
  const byModel = new Map<string, number>();
  const weightOf = (ticket: Ticket) => {
    const model = workerModel(state, ticket, ticket.failedCount);
    const known = byModel.get(model) ?? median(measured.filter((one) => one.model === model).map(({ ms }) => ms));
    byModel.set(model, known ?? usual ?? 1);
    return known ?? usual ?? 1;
  };
  const rest = tickets.filter((ticket) => !isFinal(ticket));
  const nodes = rest.map((ticket) => ({ ...ticket, weight: weightOf(ticket) }));
  const ticketIds = heaviestChain(nodes);
  const weights = new Map(nodes.map(({ ticketId, weight }) => [ticketId, weight]));
  const restMs = ticketIds.reduce((sum, ticketId) => sum + (weights.get(ticketId) ?? 0), 0);
  return { ticketIds, restMs: usual === null ? null : restMs, measuredCount: measured.length };
}

/** What a finished ticket took, attempts that failed included, and the model that finished it. */
function measuredMs({ stage, attempts }: Ticket): { readonly ms: number; readonly model: string } | null {
  const last = attempts.at(-1);
  if (stage.name !== "completed" || !last) return null;
  const spans = attempts.map(({ startedAt, endedAt }) => Date.parse(endedAt ?? startedAt) - Date.parse(startedAt));
  return { ms: spans.reduce((sum, span) => sum + Math.max(0, span), 0), model: last.model };
}

function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? null;
}

/** What is heaviest; the first of equals, null of none. */
function heaviest(ticketIds: readonly string[], weightOf: (ticketId: string) => number): string | null {
  let found: string | null = null;
  for (const ticketId of ticketIds) if (found === null || weightOf(ticketId) > weightOf(found)) found = ticketId;
  return found;
}

/** Every ticket after what it needs. */
function inOrder(nodes: readonly Weighted[]): readonly Weighted[] {
  const byId = new Map(nodes.map((node) => [node.ticketId, node]));
  const missing = new Map<string, number>();
  const followers = new Map<string, Weighted[]>();
  for (const node of nodes) {
    const needed = new Set(node.dependsOn.filter((ticketId) => byId.has(ticketId)));
    missing.set(node.ticketId, needed.size);
    for (const ticketId of needed) followers.set(ticketId, [...(followers.get(ticketId) ?? []), node]);
  }
  const order = nodes.filter(({ ticketId }) => missing.get(ticketId) === 0);
  // It grows while it is walked.
  for (const node of order) {
    for (const follower of followers.get(node.ticketId) ?? []) {
      const left = (missing.get(follower.ticketId) ?? 0) - 1;
      missing.set(follower.ticketId, left);
      if (left === 0) order.push(follower);
    }
  }
  return order;
}
