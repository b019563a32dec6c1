/** Everything that the ticket page shows: attempts side by side with the evidence that the log holds for each. */
import type { Event } from "../domain/event.ts";
import { gatePayloads } from "../domain/gate.ts";
import type { Attempt, State, Ticket } from "../domain/state.ts";
import type { TestFinding } from "../domain/test-finding.ts";
import { costWhere } from "./usage.ts";
import { elementId } from "./view-element-id.ts";
import { bounded } from "./view-events.ts";
import { type TicketCard, ticketCard } from "./view-tracks.ts";

export interface CheckView {
  readonly subject: "ticket" | "merged";
  readonly command: string;
  readonly exitCode: number;
  readonly isTimedOut: boolean;
  readonly durationMs: number;
  readonly at: string;
  readonly commit: string;
  readonly treeHash: string;
  readonly output: string;
  /** Tests that the change weakens; absent when it weakens none. */
  readonly findings?: readonly TestFinding[] | undefined;
}

export interface CommandView {
  readonly command: string;
  readonly allowedBy: string;
  readonly isEdited: boolean;
  readonly exitCode: number | null;
  readonly durationMs: number | null;
  readonly output: string;
}

export interface AttemptView {
  readonly attempt: number;
  readonly elementId: string;
  readonly model: string;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly outcome: string;
  readonly isFailed: boolean;
  readonly prompt: string | null;
  readonly promptIsEdited: boolean;
  readonly checks: readonly CheckView[];
  readonly commands: readonly CommandView[];
  readonly diagnosis: string | null;
  readonly verdict: Attempt["verdict"];
  readonly review: string | null;
  readonly diff: string;
  readonly costUsd: number;
  readonly stack: string | null;
  /** Where its work lies: it stays there also when the ticket is blocked. */
  readonly branch: string | null;
  readonly worktree: string | null;
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
}

interface Evidence {
  prompt: string | null;
  promptIsEdited: boolean;
  checks: CheckView[];
  commands: Map<string, CommandView>;
  review: string | null;
  diff: string;
  stack: string | null;
}

/** The page of a ticket, from the state and the ticket's own events in log order. */
export function ticketDetail(state: State, ticket: Ticket, events: readonly Event[]): TicketDetail {
  const evidence = collectEvidence(state, events);
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
  };
}

function attemptView(state: State, ticket: Ticket, attempt: Attempt, evidence: Evidence = noEvidence()): AttemptView {
  const isLast = attempt === ticket.attempts.at(-1);
  return {
    attempt: attempt.attempt,
    elementId: elementId("attempt", `${ticket.ticketId}/${attempt.attempt}`),
    model: attempt.model,
    startedAt: attempt.startedAt,
    endedAt: attempt.endedAt,
    outcome: outcomeWords(ticket, attempt, isLast),
    isFailed: attempt.failure !== null,
    prompt: evidence.prompt,
    promptIsEdited: evidence.promptIsEdited,
    checks: evidence.checks,
    commands: [...evidence.commands.values()],
    diagnosis: attempt.diagnosis,
    verdict: attempt.verdict,
    review: evidence.review,
    diff: evidence.diff,
    costUsd: costWhere(state, (leaf) => leaf.ticketId === ticket.ticketId && leaf.attempt === attempt.attempt),
    stack: evidence.stack,
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

/** Events of one ticket by attempt. Those that do not name an attempt belong to the one that ran when they happened. */
function collectEvidence(state: State, events: readonly Event[]): ReadonlyMap<number, Evidence> {
  const all = new Map<number, Evidence>();
  let current = 0;
  for (const event of events) {
    if ("attempt" in event && typeof event.attempt === "number") current = event.attempt;
    const evidence = all.get(current) ?? noEvidence();
    all.set(current, evidence);
    note(state, evidence, event);
  }
  return all;
}

function note(state: State, evidence: Evidence, event: Event): void {
  switch (event.type) {
    case "attempt.prepared":
      evidence.prompt ??= bounded(event.prompt);
      return;
    case "gate.opened":
      noteSpawn(state, evidence, event.gateId);
      return;
    case "check.completed":
      evidence.checks.push({ ...event, output: bounded(event.output) });
      if (event.diff !== "") evidence.diff = event.diff;
      return;
    case "command.started":
      evidence.commands.set(event.toolCallId, { ...event, exitCode: null, durationMs: null, output: "" });
      return;
    case "command.completed": {
      const started = evidence.commands.get(event.toolCallId);
      const { exitCode, durationMs } = event;
      if (started)
        evidence.commands.set(event.toolCallId, { ...started, exitCode, durationMs, output: bounded(event.output) });
      return;
    }
    case "review.accepted":
      evidence.review = "accepted";
      return;
    case "review.rework_requested":
      evidence.review = `rework: ${event.reason}`;
      return;
    case "agent.failed":
      // Without a stack there is no more to tell than the attempt's own outcome does.
      if (event.stack !== undefined) evidence.stack = bounded(event.stack);
      return;
    default:
      return;
  }
}

/** An approved spawn gate holds the prompt that was really sent; the event of its approval does not name the ticket. */
function noteSpawn(state: State, evidence: Evidence, gateId: string): void {
  const gate = state.gates.get(gateId);
  if (gate?.kind !== "spawn" || gate.status !== "approved") return;
  const payload = gatePayloads.spawn.safeParse(gate.payload);
  if (!payload.success) return;
  evidence.prompt = bounded(payload.data.prompt);
  evidence.promptIsEdited = gate.isEdited ?? false;
}

function noEvidence(): Evidence {
  return { prompt: null, promptIsEdited: false, checks: [], commands: new Map(), review: null, diff: "", stack: null };
}
