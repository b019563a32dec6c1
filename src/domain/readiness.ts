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

/** Whether an attempt at a ticket is under way: prepared, worked on, judged or merged. */
export function isUnderWay({ stage }: Ticket): boolean {
  return stage.name !== "todo" && !finalStages.has(stage.name);
}

/** Whether what depends on this ticket may go on. */
export function isSatisfied(ticket: Ticket | undefined): boolean {
  return ticket?.stage.name === "completed" || ticket?.stage.name === "skipped";
}

/** The ids of the dependencies that are not completed or skipped. An unknown id counts as not met. */
export function unmetDependencies(state: State, ticket: Ticket): string[] {
  return ticket.dependsOn.filter((ticketId) => !isSatisfied(state.tickets.get(ticketId)));
}

/** What stands in the way of tickets that could start: looked up once by who asks for many. */
export interface UnderWay {
  readonly slotsFree: number;
  /** Tickets that have begun and not ended, by track id, in the order of their track. */
  readonly byTrack: ReadonlyMap<string, readonly Ticket[]>;
}

/** What is under way now, by one walk over all tickets. */
export function underWay(state: State): UnderWay {
  const byTrack = new Map([...state.tracks.keys()].map((trackId) => [trackId, begunTickets(state, trackId)]));
  return { slotsFree: workerSlotsFree(state), byTrack };
}

/** How many more workers may start now. */
export function workerSlotsFree(state: State): number {
  let usedCount = 0;
  for (const ticket of state.tickets.values()) if (slotStages.has(ticket.stage.name)) usedCount += 1;
  return state.settings.workers.max - usedCount;
}

/** A ticket of the same track under way whose target files overlap with this one's. */
export function overlappingTicket(
  state: State,
  ticket: Ticket,
  begun: readonly Ticket[] = begunTickets(state, ticket.trackId),
): Ticket | null {
  const isInTheWay = (other: Ticket) =>
    other.ticketId !== ticket.ticketId && pathsOverlap(other.targetFiles, ticket.targetFiles);
  return begun.find(isInTheWay) ?? null;
}

function begunTickets(state: State, trackId: string): readonly Ticket[] {
  return (state.tracks.get(trackId)?.ticketIds ?? []).flatMap((ticketId) => {
    const ticket = state.tickets.get(ticketId);
    return ticket && ticket.stage.name !== "todo" && !isFinal(ticket) ? [ticket] : [];
  });
}

/** The ticket that should start next, or null: tried ones first, then by priority, then in the order of the plan. */
export function nextReadyTicket(state: State): Ticket | null {
  return state.isPaused || workerSlotsFree(state) <= 0 ? null : firstReady(state, () => true);
}

/** The first tickets that wait for nothing but a worker, in the order in which they start. */
export function readyTickets(state: State, mostCount: number): Ticket[] {
  const ready: Ticket[] = [];
  for (let next = firstReady(state, () => true); next; next = firstReady(state, (one) => !ready.includes(one))) {
    ready.push(next);
    if (ready.length >= mostCount) break;
  }
  return ready;
}

function firstReady(state: State, isMeant: (ticket: Ticket) => boolean): Ticket | null {
  let best: Ticket | null = null;
  for (const ticket of waitingTickets(state)) {
    if (!isMeant(ticket) || (best && !isBefore(ticket, best))) continue;
    if (unmetDependencies(state, ticket).length === 0 && !overlappingTicket(state, ticket)) best = ticket;
  }
  return best;
}

/** Tickets to do in tracks that run, each track's in the order of its plan. */
function* waitingTickets(state: State): Generator<Ticket> {
  for (const track of state.tracks.values()) {
    if (track.status !== "in_progress" || track.branch === null) continue;
    for (const ticketId of track.ticketIds) {
      const ticket = state.tickets.get(ticketId);
      if (ticket?.stage.name === "todo") yield ticket;
    }
  }
}

/** Whether a ticket starts before one that stands before it in its track, or in another track. */
function isBefore(ticket: Ticket, other: Ticket): boolean {
  const tried = Number(other.attempts.length > 0) - Number(ticket.attempts.length > 0);
  const order = tried || priorityOrder[ticket.priority] - priorityOrder[other.priority];
  if (order !== 0 || ticket.trackId === other.trackId) return order < 0;
  return ticket.ticketId.localeCompare(other.ticketId, "en", { numeric: true }) < 0;
}

/** The model of a ticket's attempt after so many failed ones: a person's choice, or the next of the tier's list. */
export function workerModel(state: State, ticket: Ticket, failedCount: number): string {
  const { models } = state.settings.tiers.worker;
  return ticket.model ?? models[Math.min(failedCount, models.length - 1)] ?? "";
}
