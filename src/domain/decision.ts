/** How a decision is put: accepted with facts, or refused with a reason; and the facts that several decisions share. */
import type { Decision, Rejection } from "./command.ts";
import type { EventOf, Fact } from "./event.ts";
import { type GateKind, type Json, payloadHash } from "./gate.ts";
import type { IdSource } from "./ids.ts";
import { isFinal } from "./readiness.ts";
import type { Agent, Gate, Stage, State, Ticket } from "./state.ts";

export function accept(...facts: readonly Fact[]): Decision {
  return { isAccepted: true, facts };
}

export function reject(code: Rejection["code"], message: string): Decision {
  return { isAccepted: false, rejection: { code, message } };
}

type GateOpened = Extract<Fact, { type: "gate.opened" }>;

interface GateDraft {
  readonly kind: GateKind;
  readonly reason: string;
  readonly payload: Json;
  readonly epicId?: string | undefined;
  readonly trackId?: string | undefined;
  readonly ticketId?: string | undefined;
  readonly streamId?: string | undefined;
  readonly agentId?: string | undefined;
  readonly toolCallId?: string | undefined;
  readonly timeoutMs?: number | undefined;
}

/** The fact that a gate opens, with its hash over exactly this payload. */
export function openGate(ids: IdSource, draft: GateDraft): GateOpened {
  const payload = plainJson(draft.payload);
  const refs = Object.fromEntries(Object.entries(draft).filter(([, value]) => value !== undefined));
  // `refs` is `draft` without its absent fields.
  return {
    ...(refs as unknown as GateDraft & GateOpened),
    type: "gate.opened",
    gateId: ids.gate(),
    payload,
    payloadHash: payloadHash(payload),
  };
}

/** Absent fields left out, as JSON leaves them out: what is hashed is what is stored. */
export function plainJson(value: unknown): Json {
  return JSON.parse(JSON.stringify(value));
}

/** The facts of an attempt that failed: it is tried again, or its ticket is blocked when no retry is left. */
export function failedAttempt(
  state: State,
  ticket: Ticket,
  failure: {
    cause: EventOf<"attempt.failed">["cause"];
    reason: string;
    isFresh?: boolean;
    isFinal?: boolean;
    code?: string;
  },
): Fact[] {
  const { cause, reason } = failure;
  const failedCount = ticket.failedCount + (cause === "interrupted" ? 0 : 1);
  const isFinal = failure.isFinal === true || failedCount > state.settings.workers.retries;
  const attempt = ticket.attempts.length;
  const facts: Fact[] = [
    {
      type: "attempt.failed",
      ticketId: ticket.ticketId,
      trackId: ticket.trackId,
      attempt,
      cause,
      reason,
      isFresh: failure.isFresh === true,
      isFinal,
      ...(failure.code === undefined ? {} : { code: failure.code }),
    },
  ];
  if (isFinal)
    facts.push({
      type: "ticket.blocked",
      ticketId: ticket.ticketId,
      trackId: ticket.trackId,
      reason: blockedReason(attempt, reason),
    });
  return facts;
}

/** What a command is called whose outcome a crash hid. */
export function hiddenOutcome(command: string): string {
  return `A crash hid the outcome of a command: ${command}`;
}

/** A command's hidden outcome where nobody is asked: its ticket is done again in a fresh worktree, which costs no retry. */
export function redoneAfresh(state: State, ticket: Ticket, agentId: string, command: string): Fact[] {
  const reason = hiddenOutcome(command);
  return [
    { type: "agent.failed", agentId, code: "interrupted", reason, isRetryable: true },
    ...failedAttempt(state, ticket, { cause: "interrupted", reason, isFresh: true }),
  ];
}

function blockedReason(attemptCount: number, reason: string): string {
  return attemptCount > 1 ? `After ${attemptCount} attempts: ${reason}` : reason;
}

/**
 * Withdraws a ticket's open gates and stops its agents: nothing may act for a ticket that has ended. An agent that waits
 * for the same money as a stopped one asks for it anew.
 */
export function retireTicket(state: State, ticketId: string, reason: string): Fact[] {
  return [
    ...stopAgents(state, reason, (agent) => agent.ticketId === ticketId && agent.role !== "tech_lead"),
    ...withdrawGates(state, reason, (gate) => gate.ticketId === ticketId),
  ];
}

/** Stops the running agents that are meant. */
export function stopAgents(state: State, reason: string, isMeant: (agent: Agent) => boolean): Fact[] {
  return [...state.work.running.values()]
    .filter(isMeant)
    .map(({ agentId }) => ({ type: "agent.failed", agentId, code: "stopped", reason, isRetryable: false }));
}

/** Withdraws the open gates that are meant. */
export function withdrawGates(state: State, reason: string, isMeant: (gate: Gate) => boolean): Fact[] {
  return [...state.work.openGates.values()]
    .filter(isMeant)
    .map(({ gateId, kind }) => ({ type: "gate.withdrawn", gateId, kind, reason }));
}

/** Blocks a track and ends all that goes on in it: its agents, its gates (but the one that is being decided), its tickets. */
export function blockTrack(state: State, trackId: string, reason: string, decidedGateId?: string): Fact[] {
  const tickets = (state.tracks.get(trackId)?.ticketIds ?? []).flatMap((ticketId) => state.tickets.get(ticketId) ?? []);
  const open = tickets.filter((ticket) => !isFinal(ticket));
  const words = `Its track is blocked: ${reason}`;
  return [
    ...stopAgents(state, reason, (agent) => agent.trackId === trackId),
    ...withdrawGates(state, reason, (gate) => gate.trackId === trackId && gate.gateId !== decidedGateId),
    ...open.map(({ ticketId }): Fact => ({ type: "ticket.blocked", ticketId, trackId, reason: words })),
    { type: "track.blocked", trackId, reason },
  ];
}

/** The ticket, if it is at this stage. */
export function ticketIn(state: State, ticketId: string, stage: Stage["name"]): Ticket | null {
  const ticket = state.tickets.get(ticketId);
  return ticket?.stage.name === stage ? ticket : null;
}

/** The rejection of a report on a ticket that is no longer where the report found it. */
export function movedOn(ticketId: string): Decision {
  return reject("conflict", `The ticket ${ticketId} has moved on in the meantime.`);
}
