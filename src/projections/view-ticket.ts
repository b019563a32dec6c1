/** Everything that the ticket page shows: attempts side by side with the evidence that the log holds for each. */
import type { Event } from "../domain/event.ts";
import type { Attempt, State, Ticket } from "../domain/state.ts";
import { type Evidence, noEvidence, ticketEvidence } from "./ticket-evidence.ts";
import { costWhere, type UsageRow, usageRow, usageRows } from "./usage.ts";
import { elementId } from "./view-element-id.ts";
import { type TicketCard, ticketCard } from "./view-tracks.ts";

export interface AttemptView extends Evidence {
  readonly attempt: number;
  readonly elementId: string;
  readonly model: string;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly outcome: string;
  readonly isFailed: boolean;
  readonly diagnosis: string | null;
  readonly verdict: Attempt["verdict"];
  /** Its worker; null before one has begun. */
  readonly agentId: string | null;
  readonly turnCount: number;
  readonly costUsd: number;
  /** Where its work lies: it stays there also when the ticket is blocked. */
  readonly branch: string | null;
  readonly worktree: string | null;
}

/** What one attempt took, or all that belongs to none (`attempt` is null). */
export interface AttemptCost extends UsageRow {
  readonly attempt: number | null;
  /** Turns of its worker. */
  readonly turnCount: number;
}

/** A gate of the ticket that is answered, in the words of the person or rule; or superseded, with what changed. */
export interface DecisionView {
  readonly gateId: string;
  readonly kind: string;
  readonly decidedAt: string;
  readonly outcome: "approved" | "declined" | "withdrawn" | "superseded";
  readonly isEdited: boolean;
  readonly words: string;
}

export interface TicketDetail extends TicketCard {
  readonly trackTitle: string;
  readonly description: string;
  readonly acceptanceCriteria: readonly string[];
  readonly contextFiles: readonly string[];
  readonly verify: string | null;
  readonly modelChoice: string | null;
  readonly canRetry: boolean;
  readonly canStop: boolean;
  /** Answered gates, newest first. */
  readonly decisions: readonly DecisionView[];
  /** Newest first. */
  readonly attempts: readonly AttemptView[];
  /** In the order of attempts, what belongs to none last; they sum to the total. */
  readonly costs: readonly AttemptCost[];
  readonly totalCost: AttemptCost;
}

/** The page of a ticket, from the state and the ticket's own events in log order. */
export function ticketDetail(state: State, ticket: Ticket, events: readonly Event[]): TicketDetail {
  const evidence = ticketEvidence(state, events);
  const stage = ticket.stage.name;
  const isFinal = stage === "completed" || stage === "skipped" || stage === "cancelled";
  return {
    ...ticketCard(state, ticket),
    trackTitle: state.tracks.get(ticket.trackId)?.title ?? ticket.trackId,
    description: ticket.description,
    acceptanceCriteria: ticket.acceptanceCriteria,
    contextFiles: ticket.contextFiles,
    verify: ticket.verify,
    modelChoice: ticket.model,
    canRetry: stage === "blocked" || stage === "cancelled" || stage === "skipped",
    canStop: !isFinal,
    decisions: decisionViews(state, ticket),
    attempts: ticket.attempts
      .map((attempt) => attemptView(state, ticket, attempt, evidence.get(attempt.attempt)))
      .reverse(),
    ...ticketCosts(state, ticket),
  };
}

function ticketCosts(state: State, ticket: Ticket): Pick<TicketDetail, "costs" | "totalCost"> {
  const leaves = [...state.spend.values()].filter((leaf) => leaf.ticketId === ticket.ticketId);
  const turnsOf = (number: number | null) => {
    const agentId = ticket.attempts.find(({ attempt }) => attempt === number)?.agentId ?? "";
    return state.agents.get(agentId)?.turnCount ?? 0;
  };
  const rows = usageRows(leaves, ({ attempt }) => ({ attempt })).map((row) => ({
    ...row,
    turnCount: turnsOf(row.attempt),
  }));
  const costs = rows.sort((a, b) => (a.attempt ?? Number.POSITIVE_INFINITY) - (b.attempt ?? Number.POSITIVE_INFINITY));
  const turnCount = costs.reduce((sum, row) => sum + row.turnCount, 0);
  return { costs, totalCost: { attempt: null, ...usageRow(leaves), turnCount } };
}

function attemptView(state: State, ticket: Ticket, attempt: Attempt, evidence = noEvidence()): AttemptView {
  const isLast = attempt === ticket.attempts.at(-1);
  return {
    attempt: attempt.attempt,
    elementId: elementId("attempt", `${ticket.ticketId}/${attempt.attempt}`),
    model: attempt.model,
    startedAt: attempt.startedAt,
    endedAt: attempt.endedAt,
    outcome: outcomeWords(ticket, attempt, isLast),
    isFailed: attempt.failure !== null,
    ...evidence,
    agentId: attempt.agentId,
    turnCount: state.agents.get(attempt.agentId ?? "")?.turnCount ?? 0,
    diagnosis: attempt.diagnosis,
    verdict: attempt.verdict,
    costUsd: costWhere(state, (leaf) => leaf.ticketId === ticket.ticketId && leaf.attempt === attempt.attempt),
    branch: attempt.branch,
    worktree: attempt.worktree,
  };
}

function outcomeWords(ticket: Ticket, attempt: Attempt, isLast: boolean): string {
  if (attempt.failure) return `failed (${attempt.failure.cause.replace("_", " ")}): ${attempt.failure.reason}`;
  if (!isLast) return "ended";
  if (ticket.stage.name === "completed") return `merged as ${ticket.stage.commit.slice(0, 7)}`;
  return "";
}

function decisionViews(state: State, ticket: Ticket): readonly DecisionView[] {
  return [...state.gates.values()]
    .filter((gate) => gate.ticketId === ticket.ticketId)
    .flatMap(({ gateId, kind, status, decidedAt = "", isEdited = false, words = "" }) =>
      status === "open" ? [] : [{ gateId, kind, outcome: status, decidedAt, isEdited, words }],
    )
    .reverse();
}
