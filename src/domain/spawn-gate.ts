/** The gate before a worker's start: its prompt, its context and its budget, before any token is spent. */
import { spawnBudget } from "./budget.ts";
import { openGate, plainJson } from "./decision.ts";
import type { Fact } from "./event.ts";
import { idSource } from "./ids.ts";
import type { State, Ticket } from "./state.ts";
import { streamId as streamIdOf } from "./stream-id.ts";

/** The fact that the start of a ticket's present attempt is put to a person; none where no start is prepared. */
export function spawnGate(
  state: State,
  ticket: Ticket,
  at: string,
  prepared: { readonly prompt: string; readonly context: string } | null = preparedStart(ticket),
): Fact[] {
  const attempt = ticket.attempts.at(-1);
  if (!attempt || !prepared) return [];
  const { ticketId, trackId } = ticket;
  const { prompt, context } = prepared;
  const payload = plainJson({ prompt, context, model: attempt.model, budget: spawnBudget(state, ticket, at) });
  const streamId = streamIdOf("worker", ticketId);
  const reason = `Attempt ${attempt.attempt} at ${ticketId} is ready to start; no token has been spent on it yet.`;
  return [openGate(idSource(state), { kind: "spawn", reason, payload, trackId, ticketId, streamId })];
}

function preparedStart({ stage }: Ticket) {
  return stage.name === "spawning" ? stage : null;
}
