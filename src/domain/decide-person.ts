/** What people ask for: goals, starts, pauses, and the levers on tickets. */
import type { Decision, PersonCommand } from "./command.ts";
import { accept, reject, retireTicket, withdrawGates } from "./decision.ts";
import { estimateFacts } from "./estimate.ts";
import type { Fact } from "./event.ts";
import { gatePayloads } from "./gate.ts";
import { idSource } from "./ids.ts";
import { isFinal, isSatisfied } from "./readiness.ts";
import type { Gate, State, Ticket, Track } from "./state.ts";

type Of<T extends PersonCommand["type"]> = Extract<PersonCommand, { type: T }>;

const maxGoalLength = 100_000;

export function createEpic(state: State, command: Of<"create_epic">): Decision {
  const goal = command.goal.trim();
  if (goal === "") return reject("invalid", "The goal is empty: say in a sentence or more what should be built.");
  if (goal.length > maxGoalLength)
    return reject("invalid", `The goal has ${goal.length} characters; at most ${maxGoalLength} are taken.`);
  const epicId = idSource(state).epic();
  const facts: Fact[] = isIdle(state) ? [{ type: "run.started", trackIds: [], epicId }] : [];
  return accept(...facts, { type: "epic.created", epicId, goal, isStarting: command.isStarting });
}

function isIdle(state: State): boolean {
  for (const epic of state.epics.values()) if (epic.status === "planning") return false;
  for (const track of state.tracks.values())
    if (track.status === "planning" || track.status === "in_progress") return false;
  return true;
}

export function importTrack(state: State, command: Of<"import_track">): Decision {
  if (state.tracks.has(command.trackId)) return reject("conflict", `The track ${command.trackId} is already known.`);
  const unknown = command.dependsOn.find((trackId) => !state.tracks.has(trackId));
  if (unknown !== undefined)
    return reject("invalid", `The track ${command.trackId} depends on ${unknown}, which does not exist.`);
  const { type: _type, ...track } = command;
  return accept({ type: "track.created", ...track });
}

export function startTrack(state: State, command: Of<"start_track">): Decision {
  const track = state.tracks.get(command.trackId);
  if (!track) return reject("not_found", `There is no track ${command.trackId}.`);
  const tickets = track.ticketIds.map((ticketId) => state.tickets.get(ticketId));
  // A blocked track whose tickets are all done waits for nothing but a person's second thought on its checkpoint.
  if (track.status === "new" || (track.status === "blocked" && tickets.every(isSatisfied)))
    return accept(...startedWithNeeds(state, track));
  // A finished track that was not landed is landed by starting it again.
  if (track.status === "completed" && (track.landing.name === "refused" || track.landing.name === "declined")) {
    return accept({ type: "landing.requested", trackId: track.trackId, by: "person" });
  }
  return reject("conflict", `The track ${command.trackId} has already started; it is ${track.status}.`);
}

/** A track, and before it whatever it needs that nobody has started: otherwise it would wait for ever. */
function startedWithNeeds(state: State, track: Track, seen = new Set<string>()): Fact[] {
  seen.add(track.trackId);
  const needs = track.dependsOn.flatMap((trackId) => {
    const needed = state.tracks.get(trackId);
    return needed?.status === "new" && !seen.has(trackId) ? startedWithNeeds(state, needed, seen) : [];
  });
  const { trackId } = track;
  const isBegun = track.status !== "new";
  return [...needs, { type: "track.started", trackId }, ...(isBegun ? [] : estimateFacts(state, trackId))];
}

export function setPaused(state: State, isPaused: boolean, by: string): Decision {
  if (state.isPaused === isPaused) return accept();
  return accept({ type: isPaused ? "engine.paused" : "engine.unpaused", by });
}

export function cancelTicket(state: State, command: Of<"cancel_ticket">): Decision {
  const ticket = state.tickets.get(command.ticketId);
  if (!ticket) return noTicket(command.ticketId);
  if (isFinal(ticket)) return reject("conflict", `${ticket.ticketId} has ended: it is ${ticket.stage.name}.`);
  const { ticketId, trackId } = ticket;
  const reason = command.reason || "A person cancelled it.";
  return accept(...retireTicket(state, ticketId, reason), { type: "ticket.cancelled", ticketId, trackId, reason });
}

export function retryTicket(state: State, command: Of<"retry_ticket">): Decision {
  const ticket = state.tickets.get(command.ticketId);
  if (!ticket) return noTicket(command.ticketId);
  if (!isFinal(ticket) || ticket.stage.name === "completed") {
    return reject(
      "conflict",
      `${ticket.ticketId} is ${ticket.stage.name}; only a ticket that is blocked, cancelled or skipped can be retried.`,
    );
  }
  const { trackId, phase } = ticket;
  return accept(
    ...withdrawGates(state, `${ticket.ticketId} is done again.`, (gate) => isAboutEnd(gate, trackId, phase)),
    reopened(ticket, command.by),
    ...reopenDependents(state, ticket, command.by),
    ...restartDependents(state, trackId),
  );
}

/** Gates that take it for done: the phase's checkpoint, and the track's landing. */
export function isAboutEnd(gate: Gate, trackId: string, phase: string): boolean {
  if (gate.trackId !== trackId) return false;
  if (gate.kind !== "checkpoint") return gate.kind === "land";
  return gatePayloads.checkpoint.parse(gate.payload).phase === phase;
}

export function skipTicket(state: State, command: Of<"skip_ticket">): Decision {
  const ticket = state.tickets.get(command.ticketId);
  if (!ticket) return noTicket(command.ticketId);
  const { name } = ticket.stage;
  if (name === "completed" || name === "skipped") return reject("conflict", `${ticket.ticketId} is ${name}.`);
  const { ticketId, trackId } = ticket;
  const reason = command.reason || "A person says that it is not needed.";
  return accept(
    ...retireTicket(state, ticketId, reason),
    { type: "ticket.skipped", ticketId, trackId, reason },
    ...reopenDependents(state, ticket, "person"),
    ...restartDependents(state, trackId),
  );
}

/** Tracks that were blocked before they had tickets, because this one was: they may go on again, all the way down. */
export function restartDependents(state: State, causeTrackId: string): Fact[] {
  if (state.tracks.get(causeTrackId)?.status !== "blocked") return [];
  const restarted = new Set<string>();
  const causes = [causeTrackId];
  for (let cause = causes.pop(); cause !== undefined; cause = causes.pop()) {
    for (const track of state.tracks.values()) {
      const { trackId, status, ticketIds, dependsOn } = track;
      if (status !== "blocked" || ticketIds.length > 0 || restarted.has(trackId) || !dependsOn.includes(cause))
        continue;
      restarted.add(trackId);
      causes.push(trackId);
    }
  }
  return [...restarted].map((trackId) => ({ type: "track.started", trackId }));
}

/** Tickets that were blocked only because of this one may go on again, all the way down. */
export function reopenDependents(state: State, cause: Ticket, by: string): Fact[] {
  const facts: Fact[] = [];
  for (const ticket of state.tickets.values()) {
    if (ticket.stage.name !== "blocked" || ticket.stage.causeTicketId !== cause.ticketId) continue;
    facts.push(reopened(ticket, by), ...reopenDependents(state, ticket, by));
  }
  return facts;
}

/** The fact that a ticket is to do again. */
export function reopened(ticket: Ticket, by: string): Fact {
  return { type: "ticket.reopened", ticketId: ticket.ticketId, trackId: ticket.trackId, by };
}

/** The rejection of a command about a ticket that is not there. */
export function noTicket(ticketId: string): Decision {
  return reject("not_found", `There is no ticket ${ticketId}.`);
}
