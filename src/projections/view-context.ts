/** What each agent's next request holds, part by part. Token counts are estimated from characters and marked so. */
import { conversationOf } from "../domain/conversation.ts";
import type { Event } from "../domain/event.ts";
import type { Json } from "../domain/gate.ts";
import type { Agent, State } from "../domain/state.ts";

export interface ContextPart {
  readonly name: string;
  readonly tokens: number;
  readonly preview: string;
}

export interface ContextRow {
  readonly streamId: string;
  readonly agentId: string;
  readonly role: string;
  readonly model: string;
  readonly status: Agent["status"];
  readonly turnCount: number;
  /** Input of its last request as reserved for it; null when it has sent none that the page knows. */
  readonly tokens: number | null;
  readonly limit: number;
}

export interface ContextDetail extends ContextRow {
  readonly parts: readonly ContextPart[];
  readonly total: number;
  /** What would leave the request first, once it grows past the limit. */
  readonly trimNext: readonly string[];
}

/** Four characters a token: good enough to show shares, never used for money. */
const charactersPerToken = 4;

/** Agents, live ones first, newest first; `calls` are recent `call.started` events in log order. */
export function contextRows(state: State, calls: readonly Event[], limit: number): readonly ContextRow[] {
  const tokens = new Map<string, number>();
  for (const call of calls) if (call.type === "call.started") tokens.set(call.agentId, call.reservedInputTokens);
  return [...state.agents.values()]
    .reverse()
    .sort((a, b) => Number(b.status === "running") - Number(a.status === "running"))
    .slice(0, limit)
    .map((agent) => contextRow(state, agent, tokens.get(agent.agentId) ?? null));
}

/** One agent's next request, from its own events in log order. */
export function contextDetail(state: State, agent: Agent, events: readonly Event[]): ContextDetail {
  const conversation = conversationOf(events);
  const messages = conversation.messages.flatMap((message, index) => messageParts(message, index));
  const parts = [
    part("System prompt", conversation.system),
    part(`Tools (${conversation.tools.length})`, conversation.tools.join("\n")),
    ...messages,
  ].filter((each) => each.tokens > 0);
  const total = parts.reduce((sum, each) => sum + each.tokens, 0);
  return {
    ...contextRow(state, agent, total),
    parts,
    total,
    trimNext: messages
      .filter((each) => each.name.includes("tool result"))
      .slice(0, 3)
      .map((each) => each.name),
  };
}

function contextRow(state: State, agent: Agent, tokens: number | null): ContextRow {
  return {
    streamId: agent.streamId,
    agentId: agent.agentId,
    role: agent.role,
    model: agent.model,
    status: agent.status,
    turnCount: agent.turnCount,
    tokens,
    limit: state.settings.context.historyTokens,
  };
}

function messageParts(message: Json, index: number): ContextPart[] {
  if (message === null || typeof message !== "object" || Array.isArray(message)) return [];
  const role = String(message.role ?? "message");
  const { content } = message;
  if (!Array.isArray(content)) return [part(`${index + 1}. ${role}`, asText(content ?? ""))];
  return content.map((block) => part(`${index + 1}. ${role}: ${blockName(block)}`, blockText(block)));
}

function blockName(block: Json): string {
  if (block === null || typeof block !== "object" || Array.isArray(block)) return "text";
  if (block.type === "tool_use") return `tool call ${String(block.name ?? "")}`;
  return String(block.type ?? "text").replace("_", " ");
}

function blockText(block: Json): string {
  if (block === null || typeof block !== "object" || Array.isArray(block)) return asText(block);
  return asText(block.text ?? block.content ?? block.input ?? block);
}

function asText(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function part(name: string, text: string): ContextPart {
  return {
    name,
    tokens: Math.ceil(text.length / charactersPerToken),
    preview: text.length > 4_000 ? `${text.slice(0, 4_000)}\n… ${text.length - 4_000} more characters` : text,
  };
}
