/** Whether an agent's call may go out now, as far as its provider's model is the matter. */
import { crowdFreeAtMs, type Hold, holdOf } from "./model-health.ts";
import type { Agent, State } from "./state.ts";

/** What keeps an agent's next call from going out, as far as its provider's model is the matter; null when nothing does. */
export function holdOfAgent(state: State, agent: Pick<Agent, "provider" | "model">, nowMs: number): Hold | null {
  return holdOf(state.modelHealth.get(modelKey(agent)), nowMs);
}

/** When the models become free again that a call may wait for, in milliseconds since 1970. */
export function freeAtMs(state: State): number[] {
  const models = new Map<string, number[]>();
  for (const { model, startedAt } of state.reservations.values())
    models.set(model, [...(models.get(model) ?? []), Date.parse(startedAt)]);
  const holds = [...state.modelHealth.values()].map(({ heldUntilMs }) => heldUntilMs);
  return [...holds, ...[...models.values()].map(crowdFreeAtMs)];
}

/** Whether so many calls of the agent's model have just gone out that the next one waits a moment. */
export function isCrowded(state: State, agent: Pick<Agent, "provider" | "model">, nowMs: number): boolean {
  const key = modelKey(agent);
  const open = [...state.reservations.values()].filter(({ model }) => model === key);
  const starts = open.map(({ startedAt }) => Date.parse(startedAt));
  return starts.every((start) => start <= nowMs) && crowdFreeAtMs(starts) > nowMs;
}

/** One name for a provider's model. */
export function modelKey({ provider, model }: Pick<Agent, "provider" | "model">): string {
  return `${provider} ${model}`;
}
