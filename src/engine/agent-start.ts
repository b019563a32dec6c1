/** What a thread is told to start, or go on with, an agent: everything comes from the log and the settings. */
import type { AgentStart, ContextChoices } from "../agents/protocol.ts";
import { conversationOf } from "../domain/conversation.ts";
import type { Event } from "../domain/event.ts";
import { contextOf, historyLimit } from "../domain/evolve-context.ts";
import type { Agent, State } from "../domain/state.ts";
import type { EngineParts } from "./engine-parts.ts";
import { secretsOf } from "./secrets.ts";

/** The start message of an agent, from its own events. Throws when its provider is not configured. */
export function agentStart(parts: EngineParts, state: State, agent: Agent, events: readonly Event[]): AgentStart {
  const { settings } = state;
  const provider = settings.providers[agent.provider];
  if (!provider)
    throw new Error(
      `The provider "${agent.provider}" is not configured. Add [providers.${agent.provider}] to the config.`,
    );
  const { system, messages, turnCount, lastStopReason, ownWords } = conversationOf(events);
  const ticket = state.tickets.get(agent.ticketId ?? "");
  return {
    type: "start",
    agentId: agent.agentId,
    role: agent.role,
    purpose: agent.purpose,
    streamId: agent.streamId,
    model: agent.model,
    maxTokens: agent.maxTokens,
    // A tech lead's conversation lasts as long as its track: each of its tasks has the turns anew.
    maxTurns: settings.workers.maxTurns + (agent.role === "tech_lead" ? turnCount : 0),
    provider: { baseUrl: provider.baseUrl, apiKey: parts.apiKey(agent.provider) },
    secrets: secretsOf(parts, settings),
    system,
    history: [...messages],
    turnCount,
    ...(lastStopReason === null ? {} : { lastStopReason }),
    root: rootOf(parts, agent, ticket?.attempts.at(-1)?.worktree ?? ""),
    targetFiles: agent.role === "worker" ? [...(ticket?.targetFiles ?? [])] : [],
    isCounting: Object.values(settings.budget).some((limit) => limit !== undefined),
    historyTokens: historyLimit(state, agent),
    ownWords: [...ownWords],
    context: contextChoices(state, agent.agentId),
    stallMs: provider.stallMs ?? parts.stallMs,
    ...(parts.backoffBaseMs === undefined ? {} : { backoffBaseMs: parts.backoffBaseMs }),
  };
}

/** A person's choices about an agent's context, as its thread is told of them. */
export function contextChoices(state: State, agentId: string): ContextChoices {
  const { choices, choiceCount } = contextOf(state, agentId);
  return { choices: [...choices], choiceCount };
}

/** A review is of a ticket's own files, which no branch of the user has yet. */
function rootOf(parts: EngineParts, agent: Agent, worktree: string): string {
  if (agent.role === "qa") return "";
  return agent.role === "worker" || agent.purpose === "review" ? worktree : parts.project.root;
}
