/** What the page says of a fork from a ticket: whether there can be one, and what its worker was told. */
import type { State, Ticket } from "../domain/state.ts";
import type { AttemptView } from "./view-ticket.ts";

export interface ForkFormView {
  readonly ticketId: string;
  /** Why there can be none now, in a sentence; null when there can. */
  readonly hindrance: string | null;
  /** The prompt and the model of its first attempt. */
  readonly prompt: string;
  readonly model: string;
}

/** The form of a ticket's fork; null for a ticket whose worker never began. */
export function forkForm(state: State, { ticketId }: Ticket, attempts: readonly AttemptView[]): ForkFormView | null {
  const first = attempts.at(-1);
  const prompt = first?.prompt.edited?.text ?? first?.prompt.proposed ?? null;
  if (!first || first.agentId === null || prompt === null) return null;
  return { ticketId, hindrance: forkHindrance(state), prompt, model: first.model };
}

/** A run that goes on has no end yet that could be told from its log. */
export function forkHindrance(state: State): string | null {
  const isPlanning = [...state.epics.values()].some(({ status }) => status === "planning");
  const track = [...state.tracks.values()].find(({ status }) => status === "planning" || status === "in_progress");
  if (track) return `${track.trackId} is still under way: a run can be forked when it has ended.`;
  return isPlanning ? "A goal is still being planned: a run can be forked when it has ended." : null;
}
