/** A ticket with its attempts, as the API shows it. */
import type { State, Ticket } from "../domain/state.ts";
import { type TicketStatus, ticketStatus } from "../domain/ticket-status.ts";

export interface ApiTicket extends Omit<Ticket, "stage" | "failedCount"> {
  readonly status: TicketStatus;
  /** Why it stands where it stands; absent where the status says all. */
  readonly reason?: string;
  readonly attemptCount: number;
  /** The model that a person chose, else that of the last attempt; null before the first. */
  readonly model: string | null;
  /** The merge commit of a completed ticket. */
  readonly commit?: string;
}

/** One ticket in the present state. */
export function apiTicket(state: State, ticket: Ticket): ApiTicket {
  const { stage, failedCount: _failedCount, ...rest } = ticket;
  const { status, reason } = ticketStatus(state, ticket);
  return {
    ...rest,
    status,
    ...(reason !== null && { reason }),
    attemptCount: ticket.attempts.length,
    model: ticket.model ?? ticket.attempts.at(-1)?.model ?? null,
    ...(stage.name === "completed" && { commit: stage.commit }),
  };
}
