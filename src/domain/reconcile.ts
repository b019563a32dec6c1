/**
 * What must now be done, derived from the state alone: start, normal step and crash recovery are one code path. The engine
 * leaves out what it is already doing; carrying an effect out twice is harmless or impossible.
 */
import { mayMerge, planNeedsGate, shownMerge, spawnNeedsGate } from "./gate-rules.ts";
import { ticketsThat } from "./readiness.ts";
import type { Agent, State, Ticket, Track } from "./state.ts";

export type Effect =
  | { readonly type: "begin_orchestrator"; readonly epicId: string }
  | { readonly type: "prepare_track"; readonly trackId: string }
  | { readonly type: "begin_tech_lead"; readonly trackId: string }
  | { readonly type: "prepare_attempt"; readonly ticketId: string }
  | { readonly type: "begin_worker"; readonly ticketId: string }
  | { readonly type: "run_agent"; readonly agentId: string }
  | { readonly type: "offer_command"; readonly toolCallId: string }
  | { readonly type: "run_command"; readonly toolCallId: string }
  | { readonly type: "run_check"; readonly ticketId: string }
  | { readonly type: "begin_diagnosis"; readonly ticketId: string }
  | { readonly type: "begin_verdict"; readonly ticketId: string }
  | { readonly type: "prompt_review"; readonly ticketId: string }
  | { readonly type: "offer_merge"; readonly ticketId: string }
  | { readonly type: "merge_ticket"; readonly ticketId: string }
  | { readonly type: "settle_merge"; readonly ticketId: string }
  | { readonly type: "prepare_landing"; readonly trackId: string }
  | { readonly type: "land_track"; readonly trackId: string };

/** One name for each effect that may be under way once: its type and subject. */
export function effectKey(effect: Effect): string {
  const { type, ...subject } = effect;
  return `${type} ${Object.values(subject).join(" ")}`;
}

/** Every effect that the state asks for. While paused, only what is already under way goes on. */
export function reconcile(state: State): Effect[] {
  const agents = [...state.work.running.values()];
  const effects: Effect[] = agents.map((agent) => ({ type: "run_agent", agentId: agent.agentId }));
  for (const call of state.toolCalls.values()) {
    if (call.status === "requested") effects.push({ type: "offer_command", toolCallId: call.toolCallId });
    if (call.kind === "command" && (call.status === "running" || call.status === "allowed"))
      effects.push({ type: "run_command", toolCallId: call.toolCallId });
  }
  if (state.isPaused) return effects;
  for (const epic of state.epics.values()) {
    const isBegun = agents.some((agent) => agent.epicId === epic.epicId && agent.role === "orchestrator");
    if (epic.status === "planning" && !isBegun) effects.push({ type: "begin_orchestrator", epicId: epic.epicId });
  }
  for (const trackId of state.work.activeTracks) {
    const track = state.tracks.get(trackId);
    if (track) effects.push(...trackEffects(state, track, agents));
  }
  effects.push(...landingEffects(state));
  return effects;
}

function trackEffects(state: State, track: Track, agents: readonly Agent[]): Effect[] {
  if (track.status === "planning") return planningEffects(state, track, agents);
  if (track.status !== "in_progress" && track.status !== "blocked") return [];
  const hidden = ticketsThat(state, track.trackId, "unsettled").map(hiddenMerge);
  if (track.status === "blocked") return hidden;
  const tickets = ticketsThat(state, track.trackId, "begun");
  const effects = hidden;
  for (const ticket of tickets) {
    const effect = ticketEffect(state, ticket, agents);
    if (effect) effects.push(effect);
  }
  effects.push(...reviewEffects(track, tickets, agents), ...mergeEffects(state, tickets));
  return effects;
}

function planningEffects(state: State, track: Track, agents: readonly Agent[]): Effect[] {
  const { trackId } = track;
  if (!track.dependsOn.every((needed) => state.tracks.get(needed)?.status === "completed")) return [];
  if (track.branch === null) return [{ type: "prepare_track", trackId }];
  return techLead(trackId, agents) ? [] : [{ type: "begin_tech_lead", trackId }];
}

function techLead(trackId: string, agents: readonly Agent[]): Agent | undefined {
  return agents.find((agent) => agent.role === "tech_lead" && agent.trackId === trackId);
}

function ticketEffect(state: State, ticket: Ticket, agents: readonly Agent[]): Effect | null {
  const { ticketId, stage } = ticket;
  const hasQa = () => agents.some((agent) => agent.role === "qa" && agent.ticketId === ticketId);
  switch (stage.name) {
    case "preparing":
      return { type: "prepare_attempt", ticketId };
    case "spawning":
      return stage.isAllowed || !spawnNeedsGate(state, ticket) ? { type: "begin_worker", ticketId } : null;
    case "checking":
      return { type: "run_check", ticketId };
    case "diagnosing":
      return hasQa() ? null : { type: "begin_diagnosis", ticketId };
    case "judging":
      return hasQa() ? null : { type: "begin_verdict", ticketId };
    default:
      return null;
  }
}

/** A person ended the ticket while a merge of it was under way, or a crash hid it: whether it is in the track is looked up. */
function hiddenMerge({ ticketId }: Ticket): Effect {
  return { type: "settle_merge", ticketId };
}

/** A tech lead has one conversation: it reviews one ticket at a time. */
function reviewEffects(track: Track, tickets: readonly Ticket[], agents: readonly Agent[]): Effect[] {
  const next = tickets.find((ticket) => ticket.stage.name === "reviewing");
  return next && !techLead(track.trackId, agents) ? [{ type: "prompt_review", ticketId: next.ticketId }] : [];
}

/**
 * The merge queue: one ticket of a track at a time, and one that is shown to a person at a time, because each merge moves the
 * track that the next one would be shown on.
 */
function mergeEffects(state: State, tickets: readonly Ticket[]): Effect[] {
  const next = tickets.find((ticket) => ticket.stage.name === "merging") ?? tickets.find((one) => mayMerge(state, one));
  if (next) return [{ type: "merge_ticket", ticketId: next.ticketId }];
  const unasked = tickets.find((ticket) => ticket.stage.name === "queued");
  return unasked && !shownMerge(state, unasked.trackId) ? [{ type: "offer_merge", ticketId: unasked.ticketId }] : [];
}

/** Landings touch the user's branch: one at a time, in the order of the tracks. */
function landingEffects(state: State): Effect[] {
  if (state.settings.gates.level === "all" && !state.settings.isLanding) return [];
  const finished = state.work.unlandedTracks.flatMap((trackId) => state.tracks.get(trackId) ?? []);
  const prepared = finished.find((track) => track.landing.name === "prepared");
  if (prepared?.landing.name === "prepared") {
    const isAllowed = prepared.landing.isAllowed || !planNeedsGate(state);
    return isAllowed ? [{ type: "land_track", trackId: prepared.trackId }] : [];
  }
  const next = finished.find((track) => track.landing.name === "none");
  return next ? [{ type: "prepare_landing", trackId: next.trackId }] : [];
}
