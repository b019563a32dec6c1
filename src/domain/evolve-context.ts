/** Folds what is known of every agent's context: a person's choices, its last request, and how near the estimates came. */
import { type ContextChoice, pieceKey } from "./context-choice.ts";
import { correctionOf, type EstimateSample, ratioOf } from "./estimate-error.ts";
import type { Event, EventOf } from "./event.ts";
import type { RequestRecord } from "./event-context.ts";
import { modelKey } from "./model-hold.ts";
import type { Agent, State } from "./state.ts";
import type { Usage } from "./usage.ts";

/** The last request of an agent, and what the endpoint said of it. */
export interface SentRequest {
  readonly callId: string;
  readonly record: RequestRecord;
  readonly usage: Usage | null;
  /** What the endpoint counted before it was sent; null where it was not asked, or does not count. */
  readonly countedTokens: number | null;
}

export interface AgentContext {
  readonly choices: readonly ContextChoice[];
  /** How many choices there have been: a request that heeds fewer is out of date. */
  readonly choiceCount: number;
  readonly sent: SentRequest | null;
  readonly samples: readonly EstimateSample[];
  readonly counted: EventOf<"context.counted"> | null;
}

/** What the state keeps of contexts: by agent id, and the newest samples of every model by `modelKey`. */
export interface ContextBook {
  readonly agents: Map<string, AgentContext>;
  readonly models: Map<string, readonly EstimateSample[]>;
}

const keptSamples = 200;

export const noContext: AgentContext = { choices: [], choiceCount: 0, sent: null, samples: [], counted: null };

export function emptyContextBook(): ContextBook {
  return { agents: new Map(), models: new Map() };
}

export function contextOf(state: State, agentId: string): AgentContext {
  return state.contexts.agents.get(agentId) ?? noContext;
}

/**
 * The size of an agent's messages above which they are trimmed, in our own estimate of tokens: what is set, as its model counts;
 * less once its endpoint found them too long.
 */
export function historyLimit(state: State, agent: Pick<Agent, "agentId" | "provider" | "model">): number {
  const record = contextOf(state, agent.agentId).sent?.record;
  const limit = Math.max(1, Math.round(state.settings.context.historyTokens / correctionFor(state, agent)));
  return record?.isShrunk ? Math.max(1, Math.min(record.limitTokens, limit)) : limit;
}

/** The choices after one more. */
export function choicesAfter(
  choices: readonly ContextChoice[],
  {
    type,
    ref,
  }: Pick<EventOf<"context.pinned" | "context.unpinned" | "context.evicted" | "context.restored">, "type" | "ref">,
): readonly ContextChoice[] {
  const others = choices.filter((each) => pieceKey(each.ref) !== pieceKey(ref));
  if (type === "context.pinned") return [...others, { ref, choice: "pinned" }];
  return type === "context.evicted" ? [...others, { ref, choice: "evicted" }] : others;
}

/** What estimates for an agent's model are multiplied by. */
export function correctionFor(state: State, agent: Pick<Agent, "provider" | "model">): number {
  return correctionOf(state.contexts.models.get(modelKey(agent)) ?? []);
}

export function evolveContext(state: State, event: Event): void {
  switch (event.type) {
    case "context.pinned":
    case "context.unpinned":
    case "context.evicted":
    case "context.restored": {
      const { choices, choiceCount } = contextOf(state, event.agentId);
      return update(state, event.agentId, {
        choices: choicesAfter(choices, event),
        choiceCount: choiceCount + 1,
        counted: null,
      });
    }
    case "context.counted":
      return update(state, event.agentId, { counted: event });
    case "call.started":
      if (!event.request) return;
      return update(state, event.agentId, {
        sent: {
          callId: event.callId,
          record: event.request,
          usage: null,
          countedTokens: event.request.isCounted ? event.reservedInputTokens : null,
        },
        counted: null,
      });
    case "call.settled":
      return learn(state, event);
    default:
      return;
  }
}

function learn(state: State, event: EventOf<"call.settled">): void {
  const { sent, samples } = contextOf(state, event.agentId);
  const agent = state.agents.get(event.agentId);
  if (!agent || sent?.callId !== event.callId || event.isUsageKnown === false) return;
  const { inputTokens, cacheReadTokens, cacheWriteTokens } = event.usage;
  const reported = inputTokens + cacheReadTokens + cacheWriteTokens;
  const estimated = sumOf(sent.record.parts);
  update(state, event.agentId, { sent: { ...sent, usage: event.usage } });
  if (reported === 0 || estimated === 0) return;
  const key = modelKey(agent);
  const known = state.contexts.models.get(key) ?? [];
  const sample = { estimated, corrected: Math.round(estimated * ratioOf(known)), reported };
  state.contexts.models.set(key, [...known, sample].slice(-keptSamples));
  update(state, event.agentId, { samples: [...samples, sample].slice(-keptSamples) });
}

export function sumOf(parts: Readonly<Record<string, number>>): number {
  return Object.values(parts).reduce((sum, tokens) => sum + tokens, 0);
}

function update(state: State, agentId: string, change: Partial<AgentContext>): void {
  state.contexts.agents.set(agentId, { ...contextOf(state, agentId), ...change });
}
