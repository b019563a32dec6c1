/** Folds the events of epics, tracks, and the making and ending of tickets. */
import type { Event, EventOf } from "./event.ts";
import { indexLast, indexOrder, indexTicket, indexTrack } from "./index-work.ts";
import type { Epic, Stage, State, Ticket, Track } from "./state.ts";

export function evolvePlan(state: State, event: Event): void {
  if (event.type.startsWith("epic.")) return evolveEpic(state, event);
  if (event.type.startsWith("ticket.")) return evolveTicket(state, event);
  evolveTrack(state, event);
}

function evolveEpic(state: State, event: Event): void {
  switch (event.type) {
    case "epic.created":
      state.counts.epic += 1;
      state.epics.set(event.epicId, {
        epicId: event.epicId,
        goal: event.goal,
        isStarting: event.isStarting,
        status: "planning",
        reason: null,
        createdAt: event.at,
        trackIds: [],
      });
      return;
    case "epic.planned":
      updateEpic(state, event.epicId, { status: "planned", trackIds: event.trackIds });
      return;
    case "epic.blocked":
      updateEpic(state, event.epicId, { status: "blocked", reason: event.reason });
      return;
    default:
      return;
  }
}

function updateEpic(state: State, epicId: string, change: Partial<Epic>): void {
  const epic = state.epics.get(epicId);
  if (epic) state.epics.set(epicId, { ...epic, ...change });
}

function evolveTrack(state: State, event: Event): void {
  switch (event.type) {
    case "track.created":
      putTrack(state, newTrack(event));
      return;
    case "track.started":
      return updateTrack(state, event, { status: hasTickets(state, event) ? "in_progress" : "planning", reason: null });
    case "track.prepared":
      return updateTrack(state, event, {
        branch: event.branch,
        baseCommit: event.baseCommit,
        tipCommit: event.baseCommit,
      });
    case "track.blocked":
      return updateTrack(state, event, { status: "blocked", reason: event.reason });
    case "track.completed":
      return updateTrack(state, event, {
        status: "completed",
        reason: null,
        tipCommit: event.commit,
        landing: { name: "none" },
      });
    case "merge.completed":
      return updateTrack(state, event, { tipCommit: event.commit });
    case "checkpoint.recorded": {
      const checkpoints = { ...state.tracks.get(event.trackId)?.checkpoints, [event.phase]: event.commit };
      return updateTrack(state, event, { checkpoints });
    }
    case "landing.prepared": {
      const { branch, fromCommit, toCommit } = event;
      return updateTrack(state, event, {
        landing: { name: "prepared", branch, fromCommit, toCommit, isAllowed: false },
      });
    }
    case "landing.requested":
      return updateTrack(state, event, { landing: { name: "none" } });
    case "landing.refused":
      return updateTrack(state, event, { landing: { name: "refused", reason: event.reason } });
    case "landing.declined":
      return updateTrack(state, event, { landing: { name: "declined", reason: event.reason } });
    case "track.landed":
      return updateTrack(state, event, { landing: { name: "landed", branch: event.branch, commit: event.commit } });
    default:
      return;
  }
}

function newTrack(event: EventOf<"track.created">): Track {
  return {
    trackId: event.trackId,
    epicId: event.epicId ?? null,
    key: event.key,
    title: event.title,
    goal: event.goal,
    acceptanceCriteria: event.acceptanceCriteria,
    modules: event.modules,
    dependsOn: event.dependsOn,
    kind: event.kind,
    createdAt: event.at,
    updatedAt: event.at,
    status: "new",
    reason: null,
    branch: null,
    baseCommit: null,
    tipCommit: null,
    ticketIds: [],
    checkpoints: {},
    landing: { name: "none" },
  };
}

/** Replaces a track's fields; an event about an unknown track changes nothing. */
export function updateTrack(state: State, event: { trackId: string; at: string }, change: Partial<Track>): void {
  const track = state.tracks.get(event.trackId);
  if (!track) return;
  // Landing changes nothing that the track's documents say: they are committed with it.
  const updatedAt = change.landing ? track.updatedAt : event.at;
  putTrack(state, { ...track, ...change, updatedAt });
}

/** Puts a track into the state as it is now. */
export function putTrack(state: State, track: Track): void {
  state.tracks.set(track.trackId, track);
  indexTrack(state, track);
}

function evolveTicket(state: State, event: Event): void {
  switch (event.type) {
    case "ticket.created": {
      state.counts.ticket += 1;
      placeTicket(state, event, event.afterTicketId);
      putTicket(state, newTicket(event));
      return reopenTrack(state, event);
    }
    case "ticket.moved":
      return moveTicket(state, event);
    case "ticket.edited":
      return editTicket(state, event);
    case "ticket.blocked":
      endAttempt(state, event);
      return setStage(state, event.ticketId, {
        name: "blocked",
        reason: event.reason,
        causeTicketId: event.causeTicketId ?? null,
      });
    case "ticket.reopened":
      updateTicket(state, event.ticketId, { stage: { name: "todo" }, failedCount: 0 });
      return reopenTrack(state, event);
    case "ticket.skipped":
      endAttempt(state, event);
      setStage(state, event.ticketId, { name: "skipped", reason: event.reason });
      return reviveTrack(state, event);
    case "ticket.cancelled":
      endAttempt(state, event);
      return setStage(state, event.ticketId, { name: "cancelled", reason: event.reason });
    case "ticket.completed":
      return setStage(state, event.ticketId, { name: "completed", commit: event.commit });
    default:
      return;
  }
}

/** Puts a ticket into its track's order: after another one, or last. */
function placeTicket(state: State, event: EventOf<"ticket.created">, afterTicketId: string | undefined): void {
  const ticketIds = state.tracks.get(event.trackId)?.ticketIds ?? [];
  const at = afterTicketId === undefined ? -1 : ticketIds.indexOf(afterTicketId);
  if (at < 0) {
    updateTrack(state, event, { ticketIds: [...ticketIds, event.ticketId] });
    return indexLast(state, event.trackId, event.ticketId);
  }
  updateTrack(state, event, { ticketIds: ticketIds.toSpliced(at + 1, 0, event.ticketId) });
  reindexOrder(state, event.trackId);
}

function reindexOrder(state: State, trackId: string): void {
  const track = state.tracks.get(trackId);
  if (track) indexOrder(state, track);
}

function moveTicket(state: State, event: EventOf<"ticket.moved">): void {
  const others = (state.tracks.get(event.trackId)?.ticketIds ?? []).filter((other) => other !== event.ticketId);
  const at = event.beforeTicketId === null ? -1 : others.indexOf(event.beforeTicketId);
  updateTrack(state, event, { ticketIds: others.toSpliced(at < 0 ? others.length : at, 0, event.ticketId) });
  reindexOrder(state, event.trackId);
}

function hasTickets(state: State, event: { trackId: string }): boolean {
  return (state.tracks.get(event.trackId)?.ticketIds.length ?? 0) > 0;
}

/** A track with a ticket to do is not finished, whatever was verified or prepared for landing before. */
function reopenTrack(state: State, event: { ticketId: string; trackId: string; at: string }): void {
  const phase = state.tickets.get(event.ticketId)?.phase;
  const checkpoints = Object.entries(state.tracks.get(event.trackId)?.checkpoints ?? {});
  updateTrack(state, event, {
    status: "in_progress",
    reason: null,
    checkpoints: Object.fromEntries(checkpoints.filter(([name]) => name !== phase)),
    landing: { name: "none" },
  });
}

/** An attempt that was under way ends with its ticket. */
function endAttempt(state: State, event: { ticketId: string; at: string }): void {
  const attempts = state.tickets.get(event.ticketId)?.attempts ?? [];
  const last = attempts.at(-1);
  if (!last || last.endedAt !== null) return;
  updateTicket(state, event.ticketId, { attempts: [...attempts.slice(0, -1), { ...last, endedAt: event.at }] });
}

/** A skipped ticket may be all that a blocked track waited for. */
function reviveTrack(state: State, event: { trackId: string; at: string }): void {
  if (state.tracks.get(event.trackId)?.status === "blocked")
    updateTrack(state, event, { status: "in_progress", reason: null });
}

function newTicket(event: EventOf<"ticket.created">): Ticket {
  const { type: _type, position: _position, at: _at, afterTicketId: _after, verify, model, ...fields } = event;
  const choices = { verify: verify ?? null, model: model ?? null };
  return { ...fields, ...choices, stage: { name: "todo" }, attempts: [], failedCount: 0 };
}

function editTicket(state: State, event: EventOf<"ticket.edited">): void {
  const changes = Object.fromEntries(Object.entries(event.changes).filter(([, value]) => value !== undefined));
  updateTicket(state, event.ticketId, changes);
}

/** Replaces a ticket's fields; an event about an unknown ticket changes nothing. */
export function updateTicket(state: State, ticketId: string, change: Partial<Ticket>): void {
  const ticket = state.tickets.get(ticketId);
  if (ticket) putTicket(state, { ...ticket, ...change });
}

function putTicket(state: State, ticket: Ticket): void {
  const before = state.tickets.get(ticket.ticketId);
  state.tickets.set(ticket.ticketId, ticket);
  indexTicket(state, before, ticket);
}

export function setStage(state: State, ticketId: string, stage: Stage): void {
  updateTicket(state, ticketId, { stage });
}
