/** An agent's context for whoever asks, page or program: its map, its request, and the levers on its pieces. */
import type { ContextCommandType, PersonCommand, Rejection } from "../domain/command.ts";
import type { Agent } from "../domain/state.ts";
import type { AgentLog } from "../projections/agent-request.ts";
import { agentLog, type ContextReader } from "../projections/api-context.ts";
import { contextMap } from "../projections/context-map.ts";
import type { ContextPiece } from "../projections/context-piece.ts";
import { everyEvent } from "./every-event.ts";
import type { WebServices } from "./web-services.ts";

export const contextLevers = ["pin", "unpin", "evict", "restore"] as const;
export type ContextLever = (typeof contextLevers)[number];

type Services = Pick<WebServices, "engine" | "toolsFor">;

/** Reads agents' contexts from the engine and its log. */
export function contextReader({ engine, toolsFor }: Services): ContextReader {
  return {
    eventsOf: (agentId) => [...everyEvent(engine, { agentId })],
    unsent: (agentId) => engine.unsent?.(agentId) ?? null,
    toolsFor,
  };
}

/** What the map of an agent is told from, read anew; null when there is no such agent. */
export function readAgent(services: Services, agentId: string): AgentLog | null {
  const state = services.engine.state();
  const agent: Agent | undefined = state.agents.get(agentId);
  return agent ? agentLog(state, agent, contextReader(services)) : null;
}

/** The command that a lever on a piece stands for, once it is sure that the agent's conversation has the piece. */
export function leverCommand(
  services: Services,
  { agentId, key, lever }: { readonly agentId: string; readonly key: string; readonly lever: ContextLever },
): PersonCommand | Rejection {
  const log = readAgent(services, agentId);
  if (!log) return { code: "not_found", message: `There is no agent ${agentId}.` };
  const piece = contextMap(log).map.pieces.find((each) => each.key === key);
  if (!piece)
    return {
      code: "stale",
      message: `${agentId} has no such piece any more: its conversation has moved on. Look again.`,
    };
  const fault = lever === "evict" ? evictionFault(piece) : null;
  if (fault !== null) return { code: "invalid", message: fault };
  return { type: types[lever], agentId, ref: piece.ref, name: piece.name, by: "person" };
}

const types: Record<ContextLever, ContextCommandType> = {
  pin: "pin_context",
  unpin: "unpin_context",
  evict: "evict_context",
  restore: "restore_context",
};

function evictionFault({ isEvictable, isAlwaysKept, name }: ContextPiece): string | null {
  if (isEvictable) return null;
  if (isAlwaysKept) return `The ${name} says what the agent must do, so it stays; files in it can be evicted.`;
  return `The ${name} cannot be evicted by itself, because the API wants it beside what it belongs to; evict its exchange.`;
}
