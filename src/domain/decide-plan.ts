/** Turns approved proposals into tracks and tickets. */
import { estimateFacts } from "./estimate.ts";
import type { Fact } from "./event.ts";
import { type IdSource, trackIdFor } from "./ids.ts";
import type { TicketProposal, TrackProposal } from "./proposal.ts";
import type { Agent, State } from "./state.ts";

/** The facts of an approved track proposal: its tracks exist, and start if the goal says so. */
export function plannedTracks(state: State, agent: Agent, proposals: readonly TrackProposal[], at: string): Fact[] {
  const epic = state.epics.get(agent.epicId ?? "");
  if (!epic) return [];
  const idByKey = new Map<string, string>();
  const taken = new Set(state.tracks.keys());
  for (const proposal of proposals) {
    const trackId = trackIdFor(proposal, at, taken);
    taken.add(trackId);
    idByKey.set(proposal.key, trackId);
  }
  const trackIds = [...idByKey.values()];
  return [
    ...proposals.map((proposal) => trackFact(epic.epicId, proposal, idByKey)),
    { type: "epic.planned", epicId: epic.epicId, trackIds },
    { type: "agent.ended", agentId: agent.agentId, text: `Proposed ${proposals.length} tracks.` },
    ...(epic.isStarting ? trackIds.flatMap((trackId) => startFacts(state, trackId)) : []),
  ];
}

function startFacts(state: State, trackId: string): Fact[] {
  return [{ type: "track.started", trackId }, ...estimateFacts(state, trackId)];
}

function trackFact(epicId: string, proposal: TrackProposal, idByKey: ReadonlyMap<string, string>): Fact {
  return {
    type: "track.created",
    trackId: idByKey.get(proposal.key) ?? proposal.key,
    epicId,
    key: proposal.key,
    title: proposal.title,
    goal: proposal.goal,
    acceptanceCriteria: proposal.acceptance_criteria,
    modules: proposal.modules ?? [],
    dependsOn: (proposal.depends_on ?? []).map((key) => idByKey.get(key) ?? key),
    kind: proposal.type ?? "feature",
  };
}

/** The facts of an approved ticket proposal. */
export function plannedTickets(
  state: State,
  ids: IdSource,
  agent: Agent,
  proposals: readonly TicketProposal[],
): Fact[] {
  const track = state.tracks.get(agent.trackId ?? "");
  if (!track) return [];
  const idByKey = new Map<string, string>();
  for (const ticketId of track.ticketIds) idByKey.set(state.tickets.get(ticketId)?.key ?? ticketId, ticketId);
  for (const proposal of proposals) idByKey.set(proposal.key, ids.ticket());
  return [
    ...proposals.map((proposal) => ticketFact(track.trackId, proposal, idByKey)),
    { type: "agent.ended", agentId: agent.agentId, text: `Proposed ${proposals.length} tickets.` },
    // Tickets that join a track whose work has begun are not what was estimated.
    ...(track.ticketIds.length === 0 ? estimateFacts(state, track.trackId, proposals.length) : []),
  ];
}

function ticketFact(trackId: string, proposal: TicketProposal, idByKey: ReadonlyMap<string, string>): Fact {
  return {
    type: "ticket.created",
    ticketId: idByKey.get(proposal.key) ?? proposal.key,
    trackId,
    key: proposal.key,
    title: proposal.title,
    description: proposal.description,
    targetFiles: proposal.target_files,
    contextFiles: proposal.context_files ?? [],
    dependsOn: (proposal.depends_on ?? []).map((key) => idByKey.get(key) ?? key),
    acceptanceCriteria: proposal.acceptance_criteria,
    ...(proposal.verify === undefined ? {} : { verify: proposal.verify }),
    phase: proposal.phase ?? "Implementation",
    priority: proposal.priority ?? "medium",
    isStepMode: proposal.step_mode ?? false,
  };
}
