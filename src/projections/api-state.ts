/**
 * The whole present state as `GET /api/state` gives it. Bounded: of the gates that are decided only the latest are in it
 * (all of them are under `GET /api/gates?status=all`), and stream texts are not.
 */

import type { LiveStream } from "../domain/live-stream.ts";
import type { Agent, Epic, State, Track } from "../domain/state.ts";
import { type ApiGate, apiGate } from "./api-gate.ts";
import { type ApiTicket, apiTicket } from "./api-ticket.ts";
import { type ApiBudget, apiBudget } from "./budget.ts";
import { type ApiUsage, apiUsage } from "./usage.ts";
import { type ModelHold, modelHolds } from "./view-holds.ts";

const maxDecidedGates = 100;

interface ApiTrack extends Omit<Track, "kind"> {
  readonly type: Track["kind"];
  readonly ticketCount: number;
  /** Tickets that nothing more is to be done for: completed or skipped. */
  readonly doneCount: number;
}

interface ApiAgent extends Omit<Agent, "maxTokens" | "refusedCount"> {
  /** What its stream does now; absent when it has none in memory. */
  readonly streamStatus?: LiveStream["status"];
}

interface ApiState {
  readonly position: number;
  readonly project: { readonly root: string; readonly name: string };
  readonly epics: readonly Epic[];
  readonly tracks: readonly ApiTrack[];
  readonly tickets: readonly ApiTicket[];
  readonly agents: readonly ApiAgent[];
  readonly gates: readonly ApiGate[];
  readonly usage: ApiUsage;
  readonly budget: ApiBudget;
  readonly isPaused: boolean;
  /** Models that take no calls now. */
  readonly holds: readonly ModelHold[];
}

/** The present state, in one object. */
export function apiState(
  state: State,
  project: { readonly root: string; readonly name: string },
  streams: ReadonlyMap<string, LiveStream>,
): ApiState {
  return {
    position: state.position,
    project: { root: project.root, name: project.name },
    epics: [...state.epics.values()],
    tracks: [...state.tracks.values()].map((track) => apiTrack(state, track)),
    tickets: [...state.tickets.values()].map((ticket) => apiTicket(state, ticket)),
    agents: [...state.agents.values()].map((agent) => apiAgent(agent, streams)),
    gates: recentGates(state),
    usage: apiUsage(state),
    budget: apiBudget(state),
    isPaused: state.isPaused,
    holds: modelHolds(state, Date.parse(state.lastAt)),
  };
}

/** One track with its count of tickets. */
export function apiTrack(state: State, track: Track): ApiTrack {
  const { kind, ...rest } = track;
  const isDone = (ticketId: string) => {
    const stage = state.tickets.get(ticketId)?.stage.name;
    return stage === "completed" || stage === "skipped";
  };
  return { ...rest, type: kind, ticketCount: track.ticketIds.length, doneCount: track.ticketIds.filter(isDone).length };
}

function apiAgent(agent: Agent, streams: ReadonlyMap<string, LiveStream>): ApiAgent {
  const { maxTokens: _maxTokens, refusedCount: _refusedCount, ...rest } = agent;
  const stream = streams.get(agent.streamId);
  return { ...rest, ...(stream?.agentId === agent.agentId && { streamStatus: stream.status }) };
}

function recentGates(state: State): ApiGate[] {
  const gates = [...state.gates.values()];
  const decided = gates.filter((gate) => gate.status !== "open").slice(-maxDecidedGates);
  const kept = new Set(decided);
  return gates.filter((gate) => gate.status === "open" || kept.has(gate)).map(apiGate);
}
