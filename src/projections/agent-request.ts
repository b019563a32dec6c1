/** An agent's next request, or its last one when it has ended, told from the log alone; and any request as it was sent. */
import type { ContextChoice } from "../domain/context-choice.ts";
import { type Conversation, conversationOf } from "../domain/conversation.ts";
import type { Event, EventOf } from "../domain/event.ts";
import { historyLimit } from "../domain/evolve-context.ts";
import type { Json } from "../domain/gate.ts";
import { Message } from "../domain/message-block.ts";
import {
  type NextRequest,
  nextRequest,
  type RequestSource,
  type ToolDefinition,
  wireText,
} from "../domain/next-request.ts";
import type { Agent, State } from "../domain/state.ts";

/** The tools that an agent is offered. It is passed in: this folder may not import the agents. */
export type ToolsFor = (purpose: Agent["purpose"]) => readonly ToolDefinition[];

/** What an agent's request is told from. */
export interface AgentLog {
  readonly state: State;
  readonly agent: Agent;
  /** The agent's own events, in log order. */
  readonly events: readonly Event[];
  /** What its next request adds, while it waits for leave to be sent; null when none waits. */
  readonly unsent: readonly Json[] | null;
  readonly toolsFor: ToolsFor;
}

export interface AgentRequest {
  readonly source: RequestSource;
  readonly request: NextRequest;
  /** The messages as the log holds them; choices refer to these. */
  readonly messages: readonly Message[];
  /** Whether it is still to be sent; else it is the last that was. */
  readonly isNext: boolean;
  /** Tool calls of the last answer whose results will join it. */
  readonly openCallCount: number;
  readonly hash: string;
  /** A person's choices as they stand now: those that the next request heeds. */
  readonly choices: readonly ContextChoice[];
}

/** The request that the agent sends next, or sent last when it has ended. */
export function agentRequest(log: AgentLog): AgentRequest {
  const { agent, events } = log;
  const lastCall = agent.status === "running" ? null : events.findLast(isCallStart);
  if (lastCall) return { ...requestOf(log, lastCall), choices: conversationOf(events).choices };
  const conversation = conversationOf(events);
  const told = messagesOf(conversation);
  const settledCount = told.findLastIndex(({ role }) => role === "assistant") + 1;
  const messages = log.unsent ? [...told.slice(0, settledCount), ...parsed(log.unsent)] : told;
  const last = messages.at(-1);
  const openCallCount = last?.role === "assistant" ? last.content.filter(({ type }) => type === "tool_use").length : 0;
  return { ...built(log, conversation, messages, limitOf(log)), isNext: true, openCallCount };
}

/** A request as it was sent. */
export function requestOf(log: AgentLog, call: EventOf<"call.started">): AgentRequest {
  const conversation = conversationOf(log.events.filter(({ position }) => position <= call.position));
  const limitTokens = call.request?.limitTokens ?? log.state.settings.context.historyTokens;
  return { ...built(log, conversation, messagesOf(conversation), limitTokens), isNext: false, openCallCount: 0 };
}

function built(log: AgentLog, conversation: Conversation, messages: readonly Message[], limitTokens: number) {
  const { agent, toolsFor } = log;
  const { system, choices, ownWords, purpose } = conversation;
  const { model, maxTokens } = agent;
  const tools = toolsFor(purpose ?? agent.purpose);
  const source = { model, maxTokens, system, tools, messages, ownWords, choices, limitTokens };
  const request = nextRequest(source);
  return { source, request, messages, choices, hash: wireText(request.body).hash };
}

/** A running thread keeps the limit that it began with. */
function limitOf({ state, agent, events }: AgentLog): number {
  return events.findLast(isCallStart)?.request?.limitTokens ?? historyLimit(state, agent);
}

function isCallStart(event: Event): event is EventOf<"call.started"> {
  return event.type === "call.started";
}

function messagesOf({ messages }: Conversation): Message[] {
  return parsed(messages);
}

/** What is no message is left out; an agent could not be started with it either. */
function parsed(messages: readonly Json[]): Message[] {
  return messages.flatMap((message) => Message.safeParse(message).data ?? []);
}
