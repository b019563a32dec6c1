/**
 * What follows from a state by rule, without anyone asking: blocked dependencies cascade, ready tickets start, finished
 * phases and tracks are marked. The engine writes these facts down until none is left.
 */
import { openGate } from "./decision.ts";
import type { Fact } from "./event.ts";
import { gatePayloads } from "./gate.ts";
import { type IdSource, idSource } from "./ids.ts";
import { isFinal, isSatisfied, nextReadyTicket, workerModel } from "./readiness.ts";
import type { State, Ticket, Track } from "./state.ts";

/** The next facts that follow; empty when the state is at rest. */
export function follow(state: State): Fact[] {
  const ids = idSource(state);
  const facts = [...state.tracks.values()].flatMap((track) => trackFacts(state, ids, track));
  if (facts.length > 0) return facts;
  const ready = nextReadyTicket(state);
  return ready ? [startAttempt(state, ready)] : [];
}

function trackFacts(state: State, ids: IdSource, track: Track): Fact[] {
  switch (track.status) {
    case "new":
    case "planning":
      return blockedByTrack(state, track);
    case "in_progress":
      return progressFacts(state, ids, track);
    case "completed":
    case "blocked":
      return [];
    default:
      return track.status satisfies never;
  }
}

function blockedByTrack(state: State, track: Track): Fact[] {
  if (track.status === "new") return [];
  const cause = track.dependsOn.find((trackId) => state.tracks.get(trackId)?.status === "blocked");
  if (cause === undefined) return [];
  return [{ type: "track.blocked", trackId: track.trackId, reason: `It needs the track ${cause}, which is blocked.` }];
}

function progressFacts(state: State, ids: IdSource, track: Track): Fact[] {
  const tickets = track.ticketIds.flatMap((ticketId) => state.tickets.get(ticketId) ?? []);
  const cascade = tickets.flatMap((ticket) => blockedByDependency(state, ticket));
  if (cascade.length > 0) return cascade;
  const checkpoints = phasesOf(tickets).flatMap((phase) => checkpointFacts(state, ids, track, phase, tickets));
  if (checkpoints.length > 0) return checkpoints;
  if (!tickets.every(isFinal)) return [];
  const bad = tickets.filter((ticket) => !isSatisfied(ticket));
  if (bad.length > 0) return [{ type: "track.blocked", trackId: track.trackId, reason: badReason(bad) }];
  const isWaiting = phasesOf(tickets).some((phase) => track.checkpoints[phase] === undefined);
  if (isWaiting) return [];
  return [{ type: "track.completed", trackId: track.trackId, commit: track.tipCommit ?? track.baseCommit ?? "" }];
}

function blockedByDependency(state: State, ticket: Ticket): Fact[] {
  if (ticket.stage.name !== "todo") return [];
  for (const causeTicketId of ticket.dependsOn) {
    const cause = state.tickets.get(causeTicketId);
    if (cause?.stage.name !== "blocked" && cause?.stage.name !== "cancelled") continue;
    const { ticketId, trackId } = ticket;
    return [
      {
        type: "ticket.blocked",
        ticketId,
        trackId,
        reason: `It needs ${causeTicketId}, which is ${cause.stage.name}.`,
        causeTicketId,
      },
    ];
  }
  return [];
}

function badReason(bad: readonly Ticket[]): string {
  const said = bad.map((ticket) => `${ticket.ticketId} is ${ticket.stage.name}`);
  return `${said.join(", ")}. Retry or skip to go on.`;
}

/** The phases of a track in the order in which its tickets name them. */
export function phasesOf(tickets: readonly Ticket[]): string[] {
  return [...new Set(tickets.map((ticket) => ticket.phase))];
}

function checkpointFacts(state: State, ids: IdSource, track: Track, phase: string, tickets: readonly Ticket[]): Fact[] {
  const members = tickets.filter((ticket) => ticket.phase === phase);
  if (track.checkpoints[phase] !== undefined || !members.every(isSatisfied)) return [];
  const { trackId } = track;
  const commit = track.tipCommit ?? track.baseCommit ?? "";
  const { level } = state.settings.gates;
  if (level !== "manual") return [{ type: "checkpoint.recorded", trackId, phase, commit, by: `level: ${level}` }];
  if (hasCheckpointGate(state, trackId, phase)) return [];
  const payload = { trackId, phase, tickets: members.map((ticket) => `${ticket.ticketId}: ${ticket.title}`), commit };
  const reason = `Every ticket of the phase "${phase}" is merged: verify it by hand, then approve.`;
  return [openGate(ids, { kind: "checkpoint", reason, payload, trackId })];
}

function hasCheckpointGate(state: State, trackId: string, phase: string): boolean {
  for (const gate of state.gates.values()) {
    if (gate.kind !== "checkpoint" || gate.trackId !== trackId || gate.status !== "open") continue;
    if (gatePayloads.checkpoint.parse(gate.payload).phase === phase) return true;
  }
  return false;
}

function startAttempt(state: State, ticket: Ticket): Fact {
  const { provider } = state.settings.tiers.worker;
  const model = workerModel(state, ticket, ticket.failedCount);
  const last = ticket.attempts.at(-1);
  const isFresh = last === undefined || last.failure?.isFresh === true;
  const { ticketId, trackId } = ticket;
  return { type: "attempt.started", ticketId, trackId, attempt: ticket.attempts.length + 1, model, provider, isFresh };
}
