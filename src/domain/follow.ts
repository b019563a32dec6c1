/**
 * What follows from a state by rule, without anyone asking: blocked dependencies cascade, ready tickets start, finished
 * phases and tracks are marked. The engine writes these facts down until none is left.
 */
import { openGate } from "./decision.ts";
import type { Fact } from "./event.ts";
import { gatePayloads } from "./gate.ts";
import { type IdSource, idSource } from "./ids.ts";
import { trackWork } from "./index-work.ts";
import { isSatisfied, nextReadyTicket, ticketsThat, workerModel } from "./readiness.ts";
import type { State, Ticket, Track } from "./state.ts";
import type { TrackWork } from "./work-index.ts";

/** The next facts that follow; empty when the state is at rest. */
export function follow(state: State): Fact[] {
  const ids = idSource(state);
  const facts: Fact[] = [];
  for (const trackId of state.work.activeTracks) facts.push(...trackFacts(state, ids, trackId));
  if (facts.length > 0) return facts;
  const ready = nextReadyTicket(state);
  return ready ? [startAttempt(state, ready)] : [];
}

function trackFacts(state: State, ids: IdSource, trackId: string): Fact[] {
  const track = state.tracks.get(trackId);
  if (!track) return [];
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
  const { trackId } = track;
  const work = trackWork(state.work, trackId);
  if (work.standing.doomed.length > 0)
    return ticketsThat(state, trackId, "doomed").flatMap((ticket) => blockedByDependency(state, ticket));
  const checkpoints = checkpointFacts(state, ids, track, work);
  if (checkpoints.length > 0) return checkpoints;
  if (work.openCount > 0) return [];
  if (work.badCount > 0) {
    const bad = ticketsOf(state, track).filter((ticket) => !isSatisfied(ticket));
    return [{ type: "track.blocked", trackId, reason: badReason(bad) }];
  }
  const isWaiting = [...work.phases.keys()].some((phase) => track.checkpoints[phase] === undefined);
  if (isWaiting) return [];
  return [{ type: "track.completed", trackId, commit: track.tipCommit ?? track.baseCommit ?? "" }];
}

function ticketsOf(state: State, track: Track): Ticket[] {
  return track.ticketIds.flatMap((ticketId) => state.tickets.get(ticketId) ?? []);
}

function blockedByDependency(state: State, { ticketId, trackId, dependsOn }: Ticket): Fact[] {
  for (const causeTicketId of dependsOn) {
    const cause = state.tickets.get(causeTicketId);
    if (cause?.stage.name !== "blocked" && cause?.stage.name !== "cancelled") continue;
    const reason = `It needs ${causeTicketId}, which is ${cause.stage.name}.`;
    return [{ type: "ticket.blocked", ticketId, trackId, reason, causeTicketId }];
  }
  return [];
}

function badReason(bad: readonly Ticket[]): string {
  const said = bad.map((ticket) => `${ticket.ticketId} is ${ticket.stage.name}`);
  return `${said.join(", ")}. Retry or skip to go on.`;
}

/** The checkpoints of phases whose tickets are all merged, in the order in which the plan names the phases. */
function checkpointFacts(state: State, ids: IdSource, track: Track, work: TrackWork): Fact[] {
  const { level } = state.settings.gates;
  const isAsked = (phase: string) => level === "manual" && hasCheckpointGate(state, track.trackId, phase);
  const due = new Set<string>();
  for (const [phase, { unsatisfiedCount }] of work.phases)
    if (unsatisfiedCount === 0 && track.checkpoints[phase] === undefined && !isAsked(phase)) due.add(phase);
  if (due.size === 0) return [];
  const tickets = ticketsOf(state, track);
  const phases = [...new Set(tickets.map((ticket) => ticket.phase))];
  return phases
    .filter((phase) => due.has(phase))
    .map((phase) => {
      const members = tickets.filter((ticket) => ticket.phase === phase);
      return checkpointFact(state, ids, track, phase, members);
    });
}

function checkpointFact(state: State, ids: IdSource, track: Track, phase: string, members: readonly Ticket[]): Fact {
  const { trackId } = track;
  const commit = track.tipCommit ?? track.baseCommit ?? "";
  const { level } = state.settings.gates;
  if (level !== "manual") return { type: "checkpoint.recorded", trackId, phase, commit, by: `level: ${level}` };
  const payload = { trackId, phase, tickets: members.map((ticket) => `${ticket.ticketId}: ${ticket.title}`), commit };
  const reason = `Every ticket of the phase "${phase}" is merged: verify it by hand, then approve.`;
  return openGate(ids, { kind: "checkpoint", reason, payload, trackId });
}

function hasCheckpointGate(state: State, trackId: string, phase: string): boolean {
  for (const gate of state.work.openGates.values()) {
    if (gate.kind !== "checkpoint" || gate.trackId !== trackId) continue;
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
