/** What an agent's next request holds: the same for the API and for the command line without a server. */
import { conversationOf } from "../domain/conversation.ts";
import type { Event } from "../domain/event.ts";
import type { Json } from "../domain/gate.ts";
import type { State } from "../domain/state.ts";

/** The context window that shares are shown against; every current model of the default config has at least this. */
const windowTokens = 200_000;

/** Says part by part what a request holds. It is passed in: this folder may not import the context folder. */
export type ContextMapper = (input: {
  readonly system: string;
  readonly tools: readonly string[];
  readonly messages: Json[];
  readonly windowTokens: number;
  readonly historyTokens: number;
}) => object;

/** The context of the agent that had this stream last; null when none had. `eventsOf` reads an agent's own events. */
export function apiContext(
  state: State,
  streamId: string,
  eventsOf: (agentId: string) => readonly Event[],
  contextMap: ContextMapper,
): object | null {
  const agent = [...state.agents.values()].findLast((item) => item.streamId === streamId);
  if (!agent) return null;
  const { agentId, model } = agent;
  const { system, tools, messages, turnCount } = conversationOf(eventsOf(agentId));
  const { historyTokens } = state.settings.context;
  const map = contextMap({ system, tools, messages, windowTokens, historyTokens });
  return { streamId, agentId, model, turnCount, ...map };
}
