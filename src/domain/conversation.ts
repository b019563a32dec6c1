/** Rebuilds an agent's conversation from the log, so that a thread can be started for it at any moment. */
import type { ContextChoice } from "./context-choice.ts";
import type { Event } from "./event.ts";
import { choicesAfter } from "./evolve-context.ts";
import type { Json } from "./gate.ts";
import type { Agent } from "./state.ts";

export interface Conversation {
  readonly system: string;
  /** Messages as the Messages API takes them. Ends in an assistant message (its tool calls are still to be done, or it
   * ended its turn) or in a user message (still to be sent). */
  readonly messages: Json[];
  readonly tools: readonly string[];
  /** Settled calls so far. */
  readonly turnCount: number;
  /** How the last settled response ended; null before the first. */
  readonly lastStopReason: string | null;
  readonly model: string;
  /** What the agent was last asked for; null before it was begun. */
  readonly purpose: Agent["purpose"] | null;
  /** The messages that say what the agent must do: the first, and the last that it was prompted with. */
  readonly ownWords: readonly number[];
  /** What a person has chosen about its messages. */
  readonly choices: readonly ContextChoice[];
}

interface Building {
  system: string;
  model: string;
  messages: Json[];
  tools: readonly string[];
  turnCount: number;
  lastStopReason: string | null;
  /** What the next request adds: a first message, a prompt, or what a call that failed had added. */
  unsent: Json[];
  /** Whether the agent failed, so that the tool calls which it ends with may not have been made. */
  hasFailed: boolean;
  purpose: Agent["purpose"] | null;
  promptIndex: number;
  choices: readonly ContextChoice[];
}

/** The conversation that an agent's own events (in log order) tell. */
export function conversationOf(events: readonly Event[]): Conversation {
  const building: Building = {
    system: "",
    model: "",
    messages: [],
    tools: [],
    turnCount: 0,
    lastStopReason: null,
    unsent: [],
    hasFailed: false,
    purpose: null,
    promptIndex: 0,
    choices: [],
  };
  for (const event of events) apply(building, event);
  const { messages, unsent, promptIndex, hasFailed: _hasFailed, ...told } = building;
  return { ...told, messages: [...messages, ...unsent], ownWords: [...new Set([0, promptIndex])] };
}

function apply(building: Building, event: Event): void {
  switch (event.type) {
    case "agent.started":
      building.system = event.system;
      building.model = event.model;
      building.purpose = event.purpose;
      building.unsent = [{ role: "user", content: event.message.map(textBlock) }];
      return;
    case "agent.failed":
      building.hasFailed = true;
      return;
    case "agent.prompted":
      building.unsent = mergeUser(building.unsent, [...openToolResults(building), ...event.message.map(textBlock)]);
      building.hasFailed = false;
      building.purpose = event.purpose;
      building.promptIndex = building.messages.length + building.unsent.length - 1;
      return;
    case "call.started":
      building.tools = event.tools;
      building.unsent = event.messages;
      return;
    case "call.settled":
      building.messages = [...building.messages, ...building.unsent, { role: "assistant", content: event.content }];
      building.unsent = [];
      building.turnCount += 1;
      building.lastStopReason = event.stopReason;
      return;
    case "context.pinned":
    case "context.unpinned":
    case "context.evicted":
    case "context.restored":
      building.choices = choicesAfter(building.choices, event);
      return;
    default:
      return;
  }
}

function textBlock(text: string): Json {
  return { type: "text", text };
}

/** The API wants a result for every tool call of the message before. A call that ended a turn has none yet. */
function openToolResults(building: Building): Json[] {
  if (building.unsent.length > 0) return [];
  return toolUseIds(building.messages.at(-1)).map((id) => ({
    type: "tool_result",
    tool_use_id: id,
    content: building.hasFailed
      ? "Not done: the program was interrupted. Call again if you still need it."
      : "Recorded.",
  }));
}

function toolUseIds(message: Json | undefined): string[] {
  if (!isRecord(message) || !Array.isArray(message.content)) return [];
  return message.content.flatMap((block) =>
    isRecord(block) && block.type === "tool_use" && typeof block.id === "string" ? [block.id] : [],
  );
}

function mergeUser(unsent: readonly Json[], blocks: Json[]): Json[] {
  const last = unsent.at(-1);
  if (isRecord(last) && last.role === "user" && Array.isArray(last.content)) {
    return [...unsent.slice(0, -1), { role: "user", content: [...last.content, ...blocks] }];
  }
  return [...unsent, { role: "user", content: blocks }];
}

function isRecord(value: Json | undefined): value is { [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
