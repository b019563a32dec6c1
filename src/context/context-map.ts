/**
 * The context map: what an agent's next request holds, part by part, and what would be trimmed from it. All counts are estimates
 * of `tokens.ts`; what a request really took is in the usage of its call.
 */
import type { Json } from "../domain/gate.ts";
import { blocksOf, blockType } from "./message.ts";
import {
  estimateBlockTokens,
  estimateMessagesTokens,
  estimateMessageTokens,
  estimateTokens,
  estimateToolsTokens,
} from "./tokens.ts";
import { describeStep, planTrim } from "./trim.ts";

/** A part of a request; `share` is its part of all tokens used, 0 to 1. */
export interface ContextPart {
  readonly name: string;
  readonly tokens: number;
  readonly share: number;
  readonly isEstimated: boolean;
}

/** A request by its parts. */
export interface ContextMap {
  /** System, tools and the first message, then the rest of the history by kind of content. They sum to `usedTokens`. */
  readonly parts: ContextPart[];
  readonly usedTokens: number;
  readonly windowTokens: number;
  /** Of the window, 0 to 1 (above 1 when it does not fit). */
  readonly shareUsed: number;
  /** Tokens that the messages may still grow by before they are trimmed. */
  readonly headroomTokens: number;
  readonly wouldTrim: boolean;
  /** What the next request loses, or, while all fits, what would go first. */
  readonly trimmedNext: { readonly role: string; readonly name: string; readonly tokens: number }[];
}

/** What an agent would send next, and its limits. */
export interface ContextMapInput {
  readonly system: string;
  /** Tool definitions, or only names. */
  readonly tools: readonly Json[];
  readonly messages: readonly Json[];
  /** The model's context window. */
  readonly windowTokens: number;
  /** The limit of the messages, above which they are trimmed. */
  readonly historyTokens: number;
}

const previewSteps = 3;
const kinds: Readonly<Record<string, string>> = {
  text: "text",
  thinking: "thinking",
  redacted_thinking: "thinking",
  tool_use: "tool calls",
  tool_result: "tool results",
};

/** Counts the parts of a request and says what trimming will take. */
export function contextMap(input: ContextMapInput): ContextMap {
  const tokensByName = partTokens(input);
  const usedTokens = [...tokensByName.values()].reduce((sum, tokens) => sum + tokens, 0);
  const messageTokens = estimateMessagesTokens(input.messages);
  const wouldTrim = messageTokens > input.historyTokens;
  const steps = wouldTrim
    ? planTrim(input.messages, input.historyTokens)
    : planTrim(input.messages, 0).slice(0, previewSteps);
  const room = Math.min(input.historyTokens - messageTokens, input.windowTokens - usedTokens);
  return {
    parts: [...tokensByName].map(([name, tokens]) => ({
      name,
      tokens,
      share: usedTokens === 0 ? 0 : tokens / usedTokens,
      isEstimated: true,
    })),
    usedTokens,
    windowTokens: input.windowTokens,
    shareUsed: input.windowTokens > 0 ? usedTokens / input.windowTokens : 0,
    headroomTokens: Math.max(0, room),
    wouldTrim,
    trimmedNext: steps.map((step) => ({ ...describeStep(input.messages, step), tokens: step.tokens })),
  };
}

/** Tokens by part; the parts sum to the whole request, because each message's overhead goes with its first block. */
function partTokens({ system, tools, messages }: ContextMapInput): Map<string, number> {
  const parts = new Map([
    ["system", system === "" ? 0 : estimateTokens(system)],
    ["tools", estimateToolsTokens(tools)],
  ]);
  const [first, ...later] = messages;
  if (first !== undefined) parts.set("first message", estimateMessageTokens(first));
  for (const message of later) {
    let overhead = estimateMessageTokens(message);
    for (const block of blocksOf(message)) overhead -= estimateBlockTokens(block);
    for (const block of blocksOf(message)) {
      const name = kinds[blockType(block)] ?? "other";
      parts.set(name, (parts.get(name) ?? 0) + estimateBlockTokens(block) + overhead);
      overhead = 0;
    }
    if (overhead > 0) parts.set("other", (parts.get("other") ?? 0) + overhead);
  }
  return parts;
}
