/** Everything that the ticket page shows: attempts side by side with the evidence that the log holds for each. */
import type { Event } from "../domain/event.ts";
import { gatePayloads } from "../domain/gate.ts";
import type { Attempt, State, Ticket } from "../domain/state.ts";
import { elementId } from "./view-element-id.ts";
import { bounded } from "./view-events.ts";
import { type TicketCard, ticketCard } from "./view-tracks.ts";
import { spendWhere } from "./view-usage.ts";

export interface CheckView {
  readonly subject: "ticket" | "merged";
  readonly command: string;
  readonly exitCode: number;
  readonly isTimedOut: boolean;
  readonly durationMs: number;
  readonly at: string;
  readonly commit: string;
  readonly output: string;
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
}

export interface TicketDetail extends TicketCard {
  readonly trackTitle: string;
  readonly description: string;
  readonly acceptanceCriteria: readonly string[];
  readonly contextFiles: readonly string[];
  readonly verify: string | null;
  readonly isStepMode: boolean;
  readonly modelChoice: string | null;
  readonly canRetry: boolean;
  readonly canStop: boolean;
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
  const evidence = collectEvidence(events);
  const stage = ticket.stage.name;
  const isFinal = stage === "completed" || stage === "skipped" || stage === "cancelled";
  return {
    ...ticketCard(state, ticket),
    trackTitle: state.tracks.get(ticket.trackId)?.title ?? ticket.trackId,
    description: ticket.description,
    acceptanceCriteria: ticket.acceptanceCriteria,
    contextFiles: ticket.contextFiles,
    verify: ticket.verify,
    isStepMode: ticket.isStepMode,
    modelChoice: ticket.model,
    canRetry: stage === "blocked" || stage === "cancelled" || stage === "skipped",
    canStop: !isFinal,
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
    costUsd: spendWhere(state, (leaf) => leaf.ticketId === ticket.ticketId && leaf.attempt === attempt.attempt).costUsd,
    stack: evidence.stack,
  };
}

function outcomeWords(ticket: Ticket, attempt: Attempt, isLast: boolean): string {
  if (attempt.failure) return `failed (${attempt.failure.cause.replace("_", " ")}): ${attempt.failure.reason}`;
  if (!isLast) return "ended";
  if (ticket.stage.name === "completed") return `merged as ${ticket.stage.commit.slice(0, 7)}`;
  return ticket.stage.name;
}

/** Events of one ticket by attempt. Those that do not name an attempt belong to the one that ran when they happened. */
function collectEvidence(events: readonly Event[]): ReadonlyMap<number, Evidence> {
  const all = new Map<number, Evidence>();
  let current = 0;
  for (const event of events) {
    if ("attempt" in event && typeof event.attempt === "number") current = event.attempt;
    const evidence = all.get(current) ?? noEvidence();
    all.set(current, evidence);
    note(evidence, event);
  }
  return all;
}

function note(evidence: Evidence, event: Event): void {
  switch (event.type) {
    case "attempt.prepared":
      evidence.prompt ??= bounded(event.prompt);
      return;
    case "gate.approved":
      noteSpawn(evidence, event);
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
      evidence.stack = bounded(event.stack ?? event.reason);
      return;
    default:
      return;
  }
}

/** An approved spawn gate holds the prompt that was really sent. */
function noteSpawn(evidence: Evidence, event: Extract<Event, { type: "gate.approved" }>): void {
  if (event.kind !== "spawn") return;
  const payload = gatePayloads.spawn.safeParse(event.payload);
  if (!payload.success) return;
  evidence.prompt = bounded(payload.data.prompt);
  evidence.promptIsEdited = event.isEdited;
}

function noEvidence(): Evidence {
  return { prompt: null, promptIsEdited: false, checks: [], commands: new Map(), review: null, diff: "", stack: null };
}
