/** How a decision is put: accepted with facts, or refused with a reason; and the facts that several decisions share. */
import type { Decision, Rejection } from "./command.ts";
import type { EventOf, Fact } from "./event.ts";
import { type GateKind, type Json, payloadHash } from "./gate.ts";
import type { IdSource } from "./ids.ts";
import type { State, Ticket } from "./state.ts";

export function accept(...facts: readonly Fact[]): Decision {
  return { isAccepted: true, facts };
}

export function reject(code: Rejection["code"], message: string): Decision {
  return { isAccepted: false, rejection: { code, message } };
}

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
export function openGate(ids: IdSource, draft: GateDraft): Fact {
  const payload = plainJson(draft.payload);
  const refs = Object.fromEntries(Object.entries(draft).filter(([, value]) => value !== undefined));
  // `refs` is `draft` without its absent fields.
  return {
    ...(refs as unknown as GateDraft & Fact),
    type: "gate.opened",
    gateId: ids.gate(),
    payload,
    payloadHash: payloadHash(payload),
  } as Fact;
}

/** Absent fields left out, as JSON leaves them out: what is hashed is what is stored. */
export function plainJson(value: unknown): Json {
  return JSON.parse(JSON.stringify(value));
}

/** The facts of an attempt that failed: it is tried again, or its ticket is blocked when no retry is left. */
export function failedAttempt(
  state: State,
  ticket: Ticket,
  failure: { cause: EventOf<"attempt.failed">["cause"]; reason: string; isFresh?: boolean; isFinal?: boolean },
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

function blockedReason(attemptCount: number, reason: string): string {
  return attemptCount > 1 ? `After ${attemptCount} attempts: ${reason}` : reason;
}

/** Withdraws a ticket's open gates and stops its agents: nothing may act for a ticket that has ended. */
export function retireTicket(state: State, ticketId: string, reason: string): Fact[] {
  const facts: Fact[] = [];
  for (const agent of state.agents.values()) {
    if (agent.ticketId !== ticketId || agent.status !== "running" || agent.role === "tech_lead") continue;
    facts.push({ type: "agent.failed", agentId: agent.agentId, code: "stopped", reason, isRetryable: false });
  }
  for (const gate of state.gates.values()) {
    if (gate.ticketId !== ticketId || gate.status !== "open" || gate.kind === "budget") continue;
    facts.push({ type: "gate.withdrawn", gateId: gate.gateId, kind: gate.kind, reason });
  }
  return facts;
}
