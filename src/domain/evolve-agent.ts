/** Folds agents and their calls: reservations and spend. */
import { crashKey } from "./crash-key.ts";
import type { Event, EventOf } from "./event.ts";
import { updateAttempt } from "./evolve-attempt.ts";
import { noteAnswer, noteFailure, noteStart } from "./evolve-health.ts";
import { setStage } from "./evolve-plan.ts";
import { modelKey } from "./model-hold.ts";
import type { Agent, State } from "./state.ts";
import { roleTier } from "./stream-id.ts";
import { addSpend, callSpend, noSpend, totalTokens, type Usage } from "./usage.ts";

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
      return reserve(state, event);
    case "call.settled":
      noteAnswer(state, event);
      updateAgent(state, event.agentId, { turnCount: event.turn });
      if (event.isUsageKnown === false) countUnknown(state, event);
      return settle(state, event, event.usage, event.costUsd);
    case "call.failed":
      noteFailure(state, event);
      if (event.code === "lost" || event.isUsageKnown === false) countUnknown(state, event);
      return settle(state, event, event.usage, event.costUsd);
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
  state.agents.set(event.agentId, agent);
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
  if (agent) state.agents.set(agentId, { ...agent, ...change });
}

function reserve(state: State, event: EventOf<"call.started">): void {
  state.counts.call += 1;
  const agent = state.agents.get(event.agentId);
  state.reservations.set(event.callId, {
    callId: event.callId,
    agentId: event.agentId,
    trackId: agent?.trackId ?? null,
    ticketId: agent?.ticketId ?? null,
    usd: event.reservedUsd ?? 0,
    tokens: event.reservedInputTokens + event.reservedOutputTokens,
    model: modelKey(event),
    startedAt: event.at,
  });
  noteStart(state, event);
}

function settle(
  state: State,
  event: { callId: string; agentId: string; at: string },
  usage: Usage,
  cost: number | null,
): void {
  state.reservations.delete(event.callId);
  const agent = state.agents.get(event.agentId);
  if (!agent) return;
  const { tier, model, epicId, trackId, ticketId } = agent;
  const attempt = agent.attempt ?? state.tickets.get(ticketId ?? "")?.attempts.length ?? null;
  const key = [tier, model, epicId, trackId, ticketId, attempt].join("|");
  const leaf = state.spend.get(key) ?? { ...noSpend, tier, model, epicId, trackId, ticketId, attempt };
  state.spend.set(key, { ...leaf, ...addSpend(leaf, callSpend(usage, cost)) });
  state.runSpend.usd += cost ?? 0;
  state.runSpend.tokens += totalTokens(usage);
  const day = event.at.slice(0, 10);
  state.daySpend.set(day, (state.daySpend.get(day) ?? 0) + (cost ?? 0));
}

/** A call whose figures nobody knows may have cost all that was held for it: limits count what its usage does not say. */
function countUnknown(state: State, event: EventOf<"call.settled" | "call.failed">): void {
  const held = state.reservations.get(event.callId);
  if (!held) return;
  const usd = Math.max(0, held.usd - (event.costUsd ?? 0));
  state.runSpend.usd += usd;
  state.runSpend.tokens += Math.max(0, held.tokens - totalTokens(event.usage));
  const day = event.at.slice(0, 10);
  state.daySpend.set(day, (state.daySpend.get(day) ?? 0) + usd);
  for (const scopeId of [held.trackId, held.ticketId])
    if (scopeId !== null) state.lostUsd.set(scopeId, (state.lostUsd.get(scopeId) ?? 0) + usd);
}
