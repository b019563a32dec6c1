/** What an agent's next request holds, for the API and for the command line without a server: the map that the page shows. */
import type { Event } from "../domain/event.ts";
import type { Json } from "../domain/gate.ts";
import type { Agent, State } from "../domain/state.ts";
import type { ToolsFor } from "./agent-request.ts";
import { contextMap } from "./context-map.ts";

/** Where the map of an agent is read from: its own events, and what it waits to send. */
export interface ContextReader {
  eventsOf(agentId: string): readonly Event[];
  unsent(agentId: string): readonly Json[] | null;
  readonly toolsFor: ToolsFor;
}

/** The context of the agent that had this stream last; null when none had. */
export function apiContext(state: State, streamId: string, reader: ContextReader): object | null {
  const agent = lastAgentOf(state, streamId);
  if (!agent) return null;
  const { map } = contextMap(agentLog(state, agent, reader));
  return { ...map, pieces: map.pieces.map(({ text: _text, ...piece }) => piece) };
}

export function lastAgentOf(state: State, streamId: string): Agent | null {
  return [...state.agents.values()].findLast((item) => item.streamId === streamId) ?? null;
}

export function agentLog(state: State, agent: Agent, { eventsOf, unsent, toolsFor }: ContextReader) {
  return { state, agent, events: eventsOf(agent.agentId), unsent: unsent(agent.agentId), toolsFor };
}
