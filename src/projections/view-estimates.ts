/** What is expected before work begins, and how good the estimates of finished tracks were. */
import { type Expectation, expectTickets, expectTracks } from "../domain/estimate.ts";
import type { Range } from "../domain/event-usage.ts";
import { gatePayloads } from "../domain/gate.ts";
import type { Estimate } from "../domain/spend-state.ts";
import type { Gate, State } from "../domain/state.ts";
import { totalTokens } from "../domain/usage.ts";
import type { GateFact } from "./gate-facts.ts";

export interface EstimateRow {
  readonly trackId: string;
  readonly title: string;
  readonly at: string;
  readonly ticketCount: number | null;
  readonly expected: string;
  readonly actual: string;
  readonly basis: string;
  /** Null while the track goes on. */
  readonly verdict: "inside" | "below" | "above" | null;
}

export interface EstimatesView {
  /** What is expected now of a ticket and of a track, in words. */
  readonly next: readonly GateFact[];
  /** Newest first. */
  readonly rows: readonly EstimateRow[];
  readonly finishedCount: number;
  readonly insideCount: number;
}

const rowLimit = 40;

export function estimatesView(state: State): EstimatesView {
  const rows = [...state.estimates.values()].map((estimate) => rowOf(state, estimate));
  const finished = rows.filter((row) => row.verdict !== null);
  return {
    next: [
      { name: "A ticket", text: expectationWords(expectTickets(state, 1)) },
      { name: "A track", text: expectationWords(expectTracks(state, 1)) },
    ],
    rows: rows.sort((a, b) => b.at.localeCompare(a.at)).slice(0, rowLimit),
    finishedCount: finished.length,
    insideCount: finished.filter((row) => row.verdict === "inside").length,
  };
}

/** What approving a plan is expected to take, for its gate; nothing for gates of other kinds. */
export function planEstimate(state: State, gate: Pick<Gate, "kind" | "payload">): readonly GateFact[] {
  if (gate.kind === "tickets") {
    const count = gatePayloads.tickets.safeParse(gate.payload).data?.tickets.length;
    return count === undefined ? [] : [fact(expectTickets(state, count))];
  }
  if (gate.kind !== "tracks") return [];
  const count = gatePayloads.tracks.safeParse(gate.payload).data?.tracks.length;
  return count === undefined ? [] : [fact(expectTracks(state, count))];
}

function fact(expected: Expectation | null): GateFact {
  return { name: "Estimate", text: expectationWords(expected) };
}

/** A range with what it rests on; or that there is no history. */
function expectationWords(expected: Expectation | null): string {
  if (!expected) return "no history yet: nothing like it has been finished in this project, so only a budget bounds it";
  const { usd, tokens, basis } = expected;
  return `${usd ? moneyRange(usd) : `unpriced, ${tokenRange(tokens)}`} in 8 of 10 cases, from ${basis}`;
}

function rowOf(state: State, estimate: Estimate): EstimateRow {
  const { trackId, usd, tokens, ticketCount, basis, at } = estimate;
  const track = state.tracks.get(trackId);
  const spent = state.spendOf.get(trackId);
  const isPriced = usd !== undefined && (spent?.unpricedCallCount ?? 0) === 0;
  const actual = isPriced ? (spent?.costUsd ?? 0) : spent ? totalTokens(spent) : 0;
  return {
    trackId,
    title: track?.title ?? trackId,
    at,
    ticketCount,
    expected: isPriced ? moneyRange(usd) : tokenRange(tokens),
    actual: isPriced ? money(actual) : `${actual} tokens`,
    basis,
    verdict: track?.status === "completed" ? verdictOf(actual, isPriced ? usd : tokens) : null,
  };
}

function verdictOf(actual: number, { low, high }: Range): "inside" | "below" | "above" {
  if (actual < low) return "below";
  return actual > high ? "above" : "inside";
}

function moneyRange({ low, high, middle }: Range): string {
  return `${money(low)} to ${money(high)} (about ${money(middle)})`;
}

function tokenRange({ low, high }: Range): string {
  return `${Math.round(low)} to ${Math.round(high)} tokens`;
}

function money(usd: number): string {
  return `$${usd.toFixed(usd < 1 ? 4 : 2)}`;
}
