/** Which tickets may start: dependencies, worker slots, and tickets that would change the same files. */
import { pathsOverlap } from "./graph.ts";
import type { Stage, State, Ticket } from "./state.ts";

const finalStages: ReadonlySet<Stage["name"]> = new Set(["completed", "blocked", "skipped", "cancelled"]);
const slotStages: ReadonlySet<Stage["name"]> = new Set(["preparing", "spawning", "working"]);
const priorityOrder = { high: 0, medium: 1, low: 2 } as const;

/** Whether a ticket has ended, well or badly. */
export function isFinal(ticket: Ticket): boolean {
  return finalStages.has(ticket.stage.name);
}

/** Whether what depends on this ticket may go on. */
export function isSatisfied(ticket: Ticket | undefined): boolean {
  return ticket?.stage.name === "completed" || ticket?.stage.name === "skipped";
}

/** The ids of the dependencies that are not completed or skipped. An unknown id counts as not met. */
export function unmetDependencies(state: State, ticket: Ticket): string[] {
  return ticket.dependsOn.filter((ticketId) => !isSatisfied(state.tickets.get(ticketId)));
}

/** How many more workers may start now. */
export function workerSlotsFree(state: State): number {
  let usedCount = 0;
  for (const ticket of state.tickets.values()) if (slotStages.has(ticket.stage.name)) usedCount += 1;
  return state.settings.workers.max - usedCount;
}

/** A ticket of the same track under way whose target files overlap with this one's. */
export function overlappingTicket(state: State, ticket: Ticket): Ticket | null {
  for (const ticketId of state.tracks.get(ticket.trackId)?.ticketIds ?? []) {
    const other = state.tickets.get(ticketId);
    if (!other || other.ticketId === ticket.ticketId || other.stage.name === "todo" || isFinal(other)) continue;
    if (pathsOverlap(other.targetFiles, ticket.targetFiles)) return other;
  }
  return null;
}

/** The ticket that should start next, or null: tried ones first, then by priority, then in order of their ids. */
export function nextReadyTicket(state: State): Ticket | null {
  if (state.isPaused || workerSlotsFree(state) <= 0) return null;
  let best: Ticket | null = null;
  for (const ticket of state.tickets.values()) {
    if (ticket.stage.name !== "todo") continue;
    if (best && compare(ticket, best) >= 0) continue;
    const track = state.tracks.get(ticket.trackId);
    if (track?.status !== "in_progress" || track.branch === null) continue;
    if (unmetDependencies(state, ticket).length > 0 || overlappingTicket(state, ticket)) continue;
    best = ticket;
  }
  return best;
}

function compare(a: Ticket, b: Ticket): number {
  const tried = Number(b.attempts.length > 0) - Number(a.attempts.length > 0);
  return tried || priorityOrder[a.priority] - priorityOrder[b.priority] || (a.ticketId < b.ticketId ? -1 : 1);
}

/** The model of a ticket's attempt after so many failed ones: a person's choice, or the next of the tier's list. */
export function workerModel(state: State, ticket: Ticket, failedCount: number): string {
  const { models } = state.settings.tiers.worker;
  return ticket.model ?? models[Math.min(failedCount, models.length - 1)] ?? "";
}
