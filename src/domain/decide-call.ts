/** Calls to a model: leave and money before, usage and cost after. */
import { type Shortage, shortage } from "./budget.ts";
import type { AgentCommand, Decision } from "./command.ts";
import { accept, openGate, reject } from "./decision.ts";
import type { Fact } from "./event.ts";
import { gatePayloads } from "./gate.ts";
import { planNeedsGate } from "./gate-rules.ts";
import { idSource } from "./ids.ts";
import { isHopeless } from "./model-health.ts";
import { holdOfAgent, isCrowded, modelKey } from "./model-hold.ts";
import type { BudgetLimit } from "./settings.ts";
import type { Agent, State } from "./state.ts";
import { costUsd, noUsage } from "./usage.ts";

type Of<T extends AgentCommand["type"]> = Extract<AgentCommand, { type: T }>;

/**
 * Reserves the worst case of a call: its counted input and all of its output. Accepted without a `call.started` fact
 * means: not now. The caller asks again when the state has changed.
 */
export function reserveCall(state: State, command: Of<"reserve_call">, at: string): Decision {
  const agent = state.agents.get(command.agentId);
  if (!agent) return reject("not_found", `There is no agent ${command.agentId}.`);
  if (agent.status !== "running") return reject("conflict", `The agent ${agent.agentId} is no longer running.`);
  const nowMs = Date.parse(at);
  const health = state.modelHealth.get(modelKey(agent));
  if (health && isHopeless(health, Date.parse(agent.startedAt), nowMs))
    return reject("conflict", hopelessReason(agent.model, health.reason));
  if (state.isPaused || holdOfAgent(state, agent, nowMs) || isCrowded(state, agent, nowMs)) return accept();
  const reservedUsd = worstCaseUsd(state, agent, command);
  if (reservedUsd === null && hasUsdLimit(state)) return reject("invalid", unpricedReason(agent.model));
  const need = { usd: reservedUsd ?? 0, tokens: command.inputTokens + command.maxTokens };
  const short = shortage(state, agent, need, at);
  if (short) return accept(...askForMoney(state, agent, short));
  return accept({
    type: "call.started",
    callId: idSource(state).call(),
    agentId: agent.agentId,
    streamId: agent.streamId,
    turn: command.turn,
    tries: command.tries,
    model: agent.model,
    provider: agent.provider,
    messages: command.messages,
    tools: command.tools,
    reservedInputTokens: command.inputTokens,
    reservedOutputTokens: command.maxTokens,
    reservedUsd,
    ...(command.request === undefined ? {} : { request: command.request }),
  });
}

function hopelessReason(model: string, lastReason: string): string {
  return `The provider has failed for too long to wait on: ${lastReason} Retry when it serves ${model} again, or raise patience_s of [provider].`;
}

/** All of the input at the dearer of its two rates, and as much output as the call may give. */
function worstCaseUsd(state: State, agent: Agent, call: { inputTokens: number; maxTokens: number }): number | null {
  const price = state.settings.prices[agent.model];
  const usage = { ...noUsage, outputTokens: call.maxTokens };
  const asInput = costUsd({ ...usage, inputTokens: call.inputTokens }, price);
  const asCacheWrite = costUsd({ ...usage, cacheWriteTokens: call.inputTokens }, price);
  return asInput === null || asCacheWrite === null ? null : Math.max(asInput, asCacheWrite);
}

function hasUsdLimit(state: State): boolean {
  const { runUsd, trackUsd, ticketUsd, dayUsd } = state.settings.budget;
  return [runUsd, trackUsd, ticketUsd, dayUsd].some((limit) => limit !== undefined);
}

function unpricedReason(model: string): string {
  return `A budget in US dollars is set, and the model ${model} has no price, so its calls cannot be held to it. Add [prices."${model}"] to the config, or remove the budget.`;
}

const limitNames: Record<BudgetLimit, string> = {
  runUsd: "The run's budget in US dollars",
  trackUsd: "The track's budget in US dollars",
  ticketUsd: "The ticket's budget in US dollars",
  dayUsd: "The day's budget in US dollars",
  runTokens: "The run's budget in tokens",
};

function askForMoney(state: State, agent: Agent, short: Shortage): Fact[] {
  const { limit, scopeId, current, spent, needed } = short;
  if (short.mayFitLater || state.reachedLimits.has(`${limit}:${scopeId}`)) return [];
  const figures = limit === "runTokens" ? [spent, needed, current] : [spent, needed, current].map(dollars);
  const reason = `${limitNames[limit]} is reached: ${figures[0]} spent, the next call may take ${figures[1]}, the limit is ${figures[2]}.`;
  if (!planNeedsGate(state)) return [{ type: "budget.reached", limit, scopeId, agentId: agent.agentId, reason }];
  if (isAsked(state, limit, scopeId)) return [];
  const raiseTo =
    limit === "runTokens" ? Math.ceil(current * 2 + needed) : Math.ceil((current * 2 + needed) * 100) / 100;
  return [
    openGate(idSource(state), {
      kind: "budget",
      reason,
      payload: { limit, scopeId, current, spent, needed, raiseTo },
      trackId: agent.trackId ?? undefined,
      ticketId: agent.ticketId ?? undefined,
      streamId: agent.streamId,
      agentId: agent.agentId,
    }),
  ];
}

function dollars(amount: number): string {
  return `$${amount.toFixed(amount < 0.1 ? 4 : 2)}`;
}

function isAsked(state: State, limit: string, scopeId: string): boolean {
  for (const gate of state.work.openGates.values()) {
    if (gate.kind !== "budget") continue;
    const asked = gatePayloads.budget.parse(gate.payload);
    if (asked.limit === limit && asked.scopeId === scopeId) return true;
  }
  return false;
}

export function settleCall(state: State, command: Of<"settle_call">): Decision {
  const held = state.reservations.get(command.callId);
  const agent = state.agents.get(held?.agentId ?? "");
  if (!agent) return reject("not_found", `There is no open call ${command.callId}.`);
  const { type: _type, ...call } = command;
  return accept({
    type: "call.settled",
    ...call,
    ...callRef(agent),
    costUsd: costUsd(command.usage, state.settings.prices[agent.model]),
  });
}

export function failCall(state: State, command: Of<"fail_call">): Decision {
  const held = state.reservations.get(command.callId);
  const agent = state.agents.get(held?.agentId ?? "");
  if (!agent) return reject("not_found", `There is no open call ${command.callId}.`);
  const { type: _type, ...call } = command;
  return accept({
    type: "call.failed",
    ...call,
    ...callRef(agent),
    costUsd: costUsd(command.usage, state.settings.prices[agent.model]),
  });
}

function callRef(agent: Agent): { agentId: string; streamId: string; turn: number } {
  return { agentId: agent.agentId, streamId: agent.streamId, turn: agent.turnCount + 1 };
}
