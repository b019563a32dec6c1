/** A ticket with its attempts, as the API shows it. */
import type { Attempt, State, Ticket } from "../domain/state.ts";
import { type TicketStatus, ticketStatus } from "../domain/ticket-status.ts";

export interface ApiTicket {
  readonly ticketId: string;
  readonly trackId: string;
  readonly key: string;
  readonly title: string;
  readonly description: string;
  readonly targetFiles: readonly string[];
  readonly contextFiles: readonly string[];
  readonly dependsOn: readonly string[];
  readonly acceptanceCriteria: readonly string[];
  readonly verify: string | null;
  readonly phase: string;
  readonly priority: Ticket["priority"];
  readonly isStepMode: boolean;
  readonly status: TicketStatus;
  /** Why it stands where it stands; absent where the status says all. */
  readonly reason?: string;
  readonly attemptCount: number;
  /** The model that a person chose, else that of the last attempt; null before the first. */
  readonly model: string | null;
  /** The merge commit of a completed ticket. */
  readonly commit?: string;
  readonly attempts: readonly Attempt[];
}

/** One ticket in the present state. */
export function apiTicket(state: State, ticket: Ticket): ApiTicket {
  const { status, reason } = ticketStatus(state, ticket);
  return {
    ticketId: ticket.ticketId,
    trackId: ticket.trackId,
    key: ticket.key,
    title: ticket.title,
    description: ticket.description,
    targetFiles: ticket.targetFiles,
    contextFiles: ticket.contextFiles,
    dependsOn: ticket.dependsOn,
    acceptanceCriteria: ticket.acceptanceCriteria,
    verify: ticket.verify,
    phase: ticket.phase,
    priority: ticket.priority,
    isStepMode: ticket.isStepMode,
    status,
    ...(reason !== null && { reason }),
    attemptCount: ticket.attempts.length,
    model: ticket.model ?? ticket.attempts.at(-1)?.model ?? null,
    ...(ticket.stage.name === "completed" && { commit: ticket.stage.commit }),
    attempts: ticket.attempts,
  };
}
