/** Folds what calls tell of their provider's model: it answers, it limits the rate, it fails. */
import type { EventOf } from "./event.ts";
import { afterAnswer, afterFailure, afterStart, freshHealth } from "./model-health.ts";
import { modelKey } from "./model-hold.ts";
import type { State } from "./state.ts";

/** How long a provider that fails is waited for before agents give up, unless its settings say otherwise. */
const defaultPatienceMs = 900_000;

export function noteStart(state: State, event: EventOf<"call.started">): void {
  const key = modelKey(event);
  const health = state.modelHealth.get(key);
  if (health) state.modelHealth.set(key, afterStart(health, event.callId, Date.parse(event.at)));
}

export function noteAnswer(state: State, event: EventOf<"call.settled">): void {
  const agent = state.agents.get(event.agentId);
  const key = agent ? modelKey(agent) : "";
  const health = state.modelHealth.get(key);
  if (!health) return;
  const next = afterAnswer(health, Date.parse(event.at));
  if (next) state.modelHealth.set(key, next);
  else state.modelHealth.delete(key);
}

export function noteFailure(state: State, event: EventOf<"call.failed">): void {
  const agent = state.agents.get(event.agentId);
  if (!agent) return;
  const { provider, model } = agent;
  const { callId, code, status, reason, retryInMs } = event;
  const health = state.modelHealth.get(modelKey(agent)) ?? freshHealth(provider, model);
  const atMs = Date.parse(event.at);
  const startedAtMs = Date.parse(state.reservations.get(callId)?.startedAt ?? event.at);
  const patienceMs = state.settings.providers[provider]?.patienceMs ?? defaultPatienceMs;
  const failure = { callId, code, status, reason, retryInMs, startedAtMs, atMs };
  state.modelHealth.set(modelKey(agent), afterFailure(health, failure, patienceMs));
}

/** A person begins anew: what failed may have been mended. A rate limit stands. */
export function forgetOutages(state: State): void {
  for (const [key, health] of state.modelHealth) {
    if (health.breaker === null && health.failureCount === 0) continue;
    const heldUntilMs = health.breaker ? 0 : health.heldUntilMs;
    state.modelHealth.set(key, { ...health, breaker: null, failureCount: 0, heldUntilMs });
  }
}
