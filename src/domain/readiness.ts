/** Which tickets may start: dependencies, worker slots, and tickets that would change the same files. */
import { isGlob, pathsOverlap, plainPath } from "./graph.ts";
import type { Stage, State, Ticket } from "./state.ts";
import type { Standing, TrackWork } from "./work-index.ts";

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

/** How many more workers may start now. */
export function workerSlotsFree(state: State): number {
  return state.settings.workers.max - state.work.slotCount;
}

/** Whether a worker is on it, or about to be. */
export function takesSlot({ stage }: Ticket): boolean {
  return slotStages.has(stage.name);
}

/** A ticket of the same track under way whose target files overlap with this one's. */
export function overlappingTicket(state: State, ticket: Ticket): Ticket | null {
  const track = state.work.tracks.get(ticket.trackId);
  if (!track || isApart(track, ticket)) return null;
  const isInTheWay = (other: Ticket) =>
    other.ticketId !== ticket.ticketId && pathsOverlap(other.targetFiles, ticket.targetFiles);
  return ticketsThat(state, ticket.trackId, "begun").find(isInTheWay) ?? null;
}

/** Whether no begun ticket names a file of this one, where a look at the names says so. */
function isApart({ heldFiles, heldGlobCount }: TrackWork, { targetFiles }: Ticket): boolean {
  return heldGlobCount === 0 && targetFiles.every((path) => !isGlob(path) && !heldFiles.has(plainPath(path)));
}

/** A track's tickets of one standing, in their order. */
export function ticketsThat(state: State, trackId: string, standing: Standing): Ticket[] {
  const tickets: Ticket[] = [];
  for (const ticketId of state.work.tracks.get(trackId)?.standing[standing] ?? []) {
    const ticket = state.tickets.get(ticketId);
    if (ticket) tickets.push(ticket);
  }
  return tickets;
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
  for (const trackId of state.work.activeTracks) {
    const track = state.tracks.get(trackId);
    if (track?.status !== "in_progress" || track.branch === null) continue;
    const first = firstOf(state, trackId, (ticket) => isMeant(ticket) && !overlappingTicket(state, ticket));
    if (first && (!best || isBefore(first, best))) best = first;
  }
  return best;
}

function firstOf(state: State, trackId: string, isMeant: (ticket: Ticket) => boolean): Ticket | null {
  for (const ticketId of state.work.tracks.get(trackId)?.standing.ready ?? []) {
    const ticket = state.tickets.get(ticketId);
    if (ticket && isMeant(ticket)) return ticket;
  }
  return null;
}

/** Whether a ready ticket starts before another one, wherever they stand in their plans. */
export function startsBefore(ticket: Ticket, other: Ticket): boolean {
  const tried = Number(other.attempts.length > 0) - Number(ticket.attempts.length > 0);
  return (tried || priorityOrder[ticket.priority] - priorityOrder[other.priority]) < 0;
}

/** Whether a track's first ticket starts before that of an earlier track. */
function isBefore(ticket: Ticket, other: Ticket): boolean {
  if (startsBefore(ticket, other)) return true;
  if (startsBefore(other, ticket)) return false;
  return ticket.ticketId.localeCompare(other.ticketId, "en", { numeric: true }) < 0;
}

/** The model of a ticket's attempt after so many failed ones: a person's choice, or the next of the tier's list. */
export function workerModel(state: State, ticket: Ticket, failedCount: number): string {
  const { models } = state.settings.tiers.worker;
  return ticket.model ?? models[Math.min(failedCount, models.length - 1)] ?? "";
}
