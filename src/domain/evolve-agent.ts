/** Folds agents and what their calls tell of them; what calls cost is `evolve-spend.ts`. */
import { crashKey } from "./crash-key.ts";
import type { Event, EventOf } from "./event.ts";
import { updateAttempt } from "./evolve-attempt.ts";
import { noteAnswer, noteFailure, noteStart } from "./evolve-health.ts";
import { setStage } from "./evolve-plan.ts";
import { bookCall, holdForCall } from "./evolve-spend.ts";
import { indexAgent } from "./index-work.ts";
import type { Agent, State } from "./state.ts";
import { roleTier } from "./stream-id.ts";

export function evolveAgent(state: State, event: Event): void {
  switch (event.type) {
    case "agent.started":
      return startAgent(state, event);
    case "agent.prompted":
      state.promptedTurns.set(event.agentId, state.agents.get(event.agentId)?.turnCount ?? 0);
      return updateAgent(state, event.agentId, {
        status: "running",
        purpose: event.purpose,
        ticketId: event.ticketId ?? null,
        attempt: state.tickets.get(event.ticketId ?? "")?.attempts.length ?? null,
        endedAt: null,
        reason: null,
        refusedCount: 0,
      });
    case "agent.ended":
      return endAgent(state, event, { status: "ended" });
    case "agent.failed":
      if (event.code === "crash") countCrash(state, event.agentId);
      return endAgent(state, event, { status: "failed", reason: event.reason });
    case "call.started":
      state.counts.call += 1;
      holdForCall(state, event);
      return noteStart(state, event);
    case "call.settled":
      noteAnswer(state, event);
      updateAgent(state, event.agentId, { turnCount: event.turn });
      return bookCall(state, event);
    case "call.failed":
      noteFailure(state, event);
      return bookCall(state, event);
    case "proposal.refused": {
      const agent = state.agents.get(event.agentId);
      return updateAgent(state, event.agentId, { refusedCount: (agent?.refusedCount ?? 0) + 1 });
    }
    default:
      return;
  }
}

function startAgent(state: State, event: EventOf<"agent.started">): void {
  state.counts.agent += 1;
  const agent: Agent = {
    agentId: event.agentId,
    role: event.role,
    tier: roleTier(event.role),
    purpose: event.purpose,
    streamId: event.streamId,
    epicId: event.epicId ?? null,
    trackId: event.trackId ?? null,
    ticketId: event.ticketId ?? null,
    attempt: event.attempt ?? null,
    model: event.model,
    provider: event.provider,
    maxTokens: event.maxTokens,
    status: "running",
    reason: null,
    startedAt: event.at,
    endedAt: null,
    turnCount: 0,
    refusedCount: 0,
  };
  putAgent(state, agent);
  if (event.purpose !== "work" || !event.ticketId || event.attempt === undefined) return;
  updateAttempt(state, { ticketId: event.ticketId, attempt: event.attempt }, { agentId: event.agentId });
  setStage(state, event.ticketId, { name: "working", agentId: event.agentId });
}

function endAgent(state: State, event: { agentId: string; at: string }, change: Partial<Agent>): void {
  updateAgent(state, event.agentId, { ...change, endedAt: event.at });
  for (const call of state.toolCalls.values())
    if (call.agentId === event.agentId) state.toolCalls.delete(call.toolCallId);
}

function countCrash(state: State, agentId: string): void {
  const agent = state.agents.get(agentId);
  if (!agent) return;
  const key = crashKey(agent);
  state.crashCounts.set(key, (state.crashCounts.get(key) ?? 0) + 1);
}

function updateAgent(state: State, agentId: string, change: Partial<Agent>): void {
  const agent = state.agents.get(agentId);
  if (agent) putAgent(state, { ...agent, ...change });
}

function putAgent(state: State, agent: Agent): void {
  state.agents.set(agent.agentId, agent);
  indexAgent(state, agent);
}
