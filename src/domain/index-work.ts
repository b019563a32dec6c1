/**
 * Keeps the index of what is at work in step with the records: whoever puts a record into the state tells what it was before.
 * Every step costs what the change touches: a ticket's own lists, and the tickets that need it.
 */
import { isGlob, plainPath } from "./graph.ts";
import { isFinal, isSatisfied, isUnderWay, startsBefore, takesSlot } from "./readiness.ts";
import type { Agent, Gate, State, Ticket, Track } from "./state.ts";
import { emptyTrackWork, type Standing, type TrackWork, type WorkIndex } from "./work-index.ts";

export function indexAgent({ work }: State, agent: Agent): void {
  if (agent.status === "running") work.running.set(agent.agentId, agent);
  else work.running.delete(agent.agentId);
}

export function indexGate({ work }: State, gate: Gate): void {
  if (gate.status === "open") work.openGates.set(gate.gateId, gate);
  else work.openGates.delete(gate.gateId);
}

/** Takes in a track as it is now. */
export function indexTrack({ work }: State, { trackId, status, landing }: Track): void {
  const { ordinal } = trackWork(work, trackId);
  const isBefore = (other: string) => trackWork(work, other).ordinal < ordinal;
  const isActive = status === "planning" || status === "in_progress" || status === "blocked";
  const isUnlanded = status === "completed" && (landing.name === "none" || landing.name === "prepared");
  setMember(work.activeTracks, trackId, isActive, isBefore);
  setMember(work.unlandedTracks, trackId, isUnlanded, isBefore);
}

/** Takes in a new order of a track's tickets. */
export function indexOrder(state: State, { trackId, ticketIds }: Track): void {
  const track = trackWork(state.work, trackId);
  track.places.clear();
  for (const [place, ticketId] of ticketIds.entries()) track.places.set(ticketId, place);
  for (const name of standings) {
    const list = track.standing[name];
    const tickets = list.flatMap((ticketId) => state.tickets.get(ticketId) ?? []);
    tickets.sort((a, b) => (comesBefore(track, name, a, b) ? -1 : 1));
    list.splice(0, list.length, ...tickets.map(({ ticketId }) => ticketId));
  }
}

/** Notes where a new ticket stands in its track: last. */
export function indexLast({ work }: State, trackId: string, ticketId: string): void {
  const { places } = trackWork(work, trackId);
  places.set(ticketId, places.size);
}

/** Takes in a ticket, in the state by now, that was otherwise before, or was not there. */
export function indexTicket(state: State, before: Ticket | undefined, after: Ticket): void {
  if (before !== undefined && looksAlike(before, after)) return;
  const { work } = state;
  const track = trackWork(work, after.trackId);
  if (before !== undefined) {
    leave(track, standingOf(work, before), before);
    count(work, track, before, -1);
  }
  if (before?.dependsOn !== after.dependsOn) need(state, before, after);
  count(work, track, after, 1);
  enter(state, track, after);
  tellDependents(state, before, after);
}

/** Whether nothing that is counted or listed has changed. */
function looksAlike(before: Ticket, after: Ticket): boolean {
  return (
    before.stage === after.stage &&
    before.attempts.length === after.attempts.length &&
    isMerging(before) === isMerging(after) &&
    before.dependsOn === after.dependsOn &&
    before.priority === after.priority &&
    before.phase === after.phase &&
    before.targetFiles === after.targetFiles
  );
}

/** What the index holds of a track; a new one comes last. */
export function trackWork(work: WorkIndex, trackId: string): TrackWork {
  const known = work.tracks.get(trackId);
  if (known) return known;
  const fresh = emptyTrackWork(work.tracks.size);
  work.tracks.set(trackId, fresh);
  return fresh;
}

const standings = ["ready", "doomed", "begun", "unsettled"] as const;

function standingOf(work: WorkIndex, ticket: Ticket): Standing | null {
  if (isUnderWay(ticket)) return "begun";
  if (isFinal(ticket)) return isMerging(ticket) ? "unsettled" : null;
  if (work.doomedCounts.has(ticket.ticketId)) return "doomed";
  return work.unmetCounts.has(ticket.ticketId) ? null : "ready";
}

function isMerging(ticket: Ticket): boolean {
  return ticket.attempts.at(-1)?.isMerging === true;
}

function leave(track: TrackWork, standing: Standing | null, ticket: Ticket): void {
  if (standing === null) return;
  const list = track.standing[standing];
  const at = list.indexOf(ticket.ticketId);
  if (at >= 0) list.splice(at, 1);
  if (standing === "begun") hold(track, ticket, -1);
}

function enter(state: State, track: TrackWork, ticket: Ticket): void {
  const standing = standingOf(state.work, ticket);
  if (standing === null) return;
  const isBefore = (otherId: string) => {
    const other = state.tickets.get(otherId);
    return other !== undefined && comesBefore(track, standing, other, ticket);
  };
  insert(track.standing[standing], ticket.ticketId, isBefore);
  if (standing === "begun") hold(track, ticket, 1);
}

function comesBefore(track: TrackWork, standing: Standing, one: Ticket, other: Ticket): boolean {
  if (standing === "ready" && startsBefore(one, other)) return true;
  if (standing === "ready" && startsBefore(other, one)) return false;
  return placeIn(track, one) < placeIn(track, other);
}

function placeIn(track: TrackWork, { ticketId }: Ticket): number {
  return track.places.get(ticketId) ?? Number.MAX_SAFE_INTEGER;
}

function hold(track: TrackWork, { targetFiles }: Ticket, by: 1 | -1): void {
  for (const path of targetFiles) {
    add(track.heldFiles, plainPath(path), by);
    if (isGlob(path)) track.heldGlobCount += by;
  }
}

function count(work: WorkIndex, track: TrackWork, ticket: Ticket, by: 1 | -1): void {
  if (takesSlot(ticket)) work.slotCount += by;
  if (!isFinal(ticket)) track.openCount += by;
  if (isLost(ticket)) track.badCount += by;
  const { ticketCount = 0, unsatisfiedCount = 0 } = track.phases.get(ticket.phase) ?? {};
  const unsatisfied = isSatisfied(ticket) ? 0 : by;
  if (ticketCount + by === 0) track.phases.delete(ticket.phase);
  else
    track.phases.set(ticket.phase, {
      ticketCount: ticketCount + by,
      unsatisfiedCount: unsatisfiedCount + unsatisfied,
    });
}

/** Ended, and nothing that needs it may go on. */
function isLost(ticket: Ticket | undefined): boolean {
  return ticket?.stage.name === "blocked" || ticket?.stage.name === "cancelled";
}

/** Takes in what a ticket needs now, in place of what it needed. */
function need({ work, tickets }: State, before: Ticket | undefined, { ticketId, dependsOn }: Ticket): void {
  for (const neededId of before?.dependsOn ?? []) {
    const others = (work.dependents.get(neededId) ?? []).filter((other) => other !== ticketId);
    if (others.length === 0) work.dependents.delete(neededId);
    else work.dependents.set(neededId, others);
  }
  work.unmetCounts.delete(ticketId);
  work.doomedCounts.delete(ticketId);
  for (const neededId of dependsOn) {
    const needed = tickets.get(neededId);
    work.dependents.set(neededId, [...(work.dependents.get(neededId) ?? []), ticketId]);
    if (!isSatisfied(needed)) add(work.unmetCounts, ticketId, 1);
    if (isLost(needed)) add(work.doomedCounts, ticketId, 1);
  }
}

/** What a ticket's own step means for those that need it. */
function tellDependents(state: State, before: Ticket | undefined, after: Ticket): void {
  const { work } = state;
  const unmet = Number(!isSatisfied(after)) - Number(!isSatisfied(before));
  const doomed = Number(isLost(after)) - Number(isLost(before));
  if (unmet === 0 && doomed === 0) return;
  for (const dependentId of work.dependents.get(after.ticketId) ?? []) {
    const dependent = state.tickets.get(dependentId);
    const track = dependent && trackWork(work, dependent.trackId);
    if (track) leave(track, standingOf(work, dependent), dependent);
    add(work.unmetCounts, dependentId, unmet);
    add(work.doomedCounts, dependentId, doomed);
    if (track) enter(state, track, dependent);
  }
}

/** Counts up or down; nothing is kept of a count of none. */
function add(counts: Map<string, number>, key: string, by: number): void {
  const sum = (counts.get(key) ?? 0) + by;
  if (sum === 0) counts.delete(key);
  else counts.set(key, sum);
}

function setMember(list: string[], id: string, isMember: boolean, isBefore: (other: string) => boolean): void {
  const at = list.indexOf(id);
  if (isMember && at < 0) insert(list, id, isBefore);
  if (!isMember && at >= 0) list.splice(at, 1);
}

/** Puts an id behind all that come before it, into a list that is in order. */
function insert(list: string[], id: string, isBefore: (other: string) => boolean): void {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBefore(list[middle] ?? "")) low = middle + 1;
    else high = middle;
  }
  list.splice(low, 0, id);
}
