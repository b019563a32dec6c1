/** The list of all agents' contexts: live ones first, then the newest; each with its bar, as large as a page of it. */
import { contextOf } from "../domain/evolve-context.ts";
import type { Agent, State } from "../domain/state.ts";
import type { Role } from "../domain/stream-id.ts";
import { agentFields, type ContextMap, lastCallOf, type RequestFigures, requestFigures } from "./context-map.ts";

export interface ContextRow extends RequestFigures {
  readonly agentId: string;
  readonly streamId: string;
  readonly role: Role;
  readonly model: string;
  readonly status: Agent["status"];
  readonly turnCount: number;
  readonly isNext: boolean;
  readonly pinnedCount: number;
  readonly evictedCount: number;
  /** How far our estimate of its last call was off, in percent; null where nobody knows. */
  readonly errorPercent: number | null;
}

export interface ContextPage {
  readonly rows: readonly ContextRow[];
  readonly agentCount: number;
  /** From 1. */
  readonly page: number;
  readonly pageCount: number;
}

const rowsOfPage = 25;

/** One page of the list. `mapOf` reads an agent's log, which is only needed for those whose last record is not enough. */
export function contextPageOf(
  state: State,
  query: { readonly role: Role | null; readonly page: number },
  mapOf: (agent: Agent) => ContextMap,
): ContextPage {
  const running: Agent[] = [];
  const others: Agent[] = [];
  for (const agent of state.agents.values())
    if (query.role === null || agent.role === query.role) (agent.status === "running" ? running : others).push(agent);
  const agents = [...running.reverse(), ...others.reverse()];
  const pageCount = Math.max(1, Math.ceil(agents.length / rowsOfPage));
  const page = Math.min(Math.max(1, query.page), pageCount);
  const shown = agents.slice((page - 1) * rowsOfPage, page * rowsOfPage);
  return { rows: shown.map((agent) => rowOf(state, agent, mapOf)), agentCount: agents.length, page, pageCount };
}

function rowOf(state: State, agent: Agent, mapOf: (agent: Agent) => ContextMap): ContextRow {
  const { choices, sent } = contextOf(state, agent.agentId);
  const isRecorded = agent.status !== "running" && sent !== null;
  const figures = isRecorded ? requestFigures(state, agent, sent.record) : figuresOf(mapOf(agent));
  return {
    ...agentFields(agent),
    ...figures,
    isNext: agent.status === "running",
    pinnedCount: choices.filter(({ choice }) => choice === "pinned").length,
    evictedCount: choices.filter(({ choice }) => choice === "evicted").length,
    errorPercent: lastCallOf(state, agent.agentId)?.errorPercent ?? null,
  };
}

function figuresOf(map: ContextMap): RequestFigures {
  const { parts, usedTokens, countedBy, correction, windowTokens, windowSource, shareUsed, fullness } = map;
  const { headroomTokens } = map;
  return { parts, usedTokens, countedBy, correction, windowTokens, windowSource, shareUsed, fullness, headroomTokens };
}
