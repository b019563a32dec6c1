/**
 * The request that an agent sends next: one function of its conversation, a person's choices and the limit of its history. The
 * thread sends what it gives, and the context map shows what it gives, so that the two cannot differ.
 */
import { createHash } from "node:crypto";
import { applyChoices, type ContextChoice } from "./context-choice.ts";
import type { Json } from "./gate.ts";
import { normalised, trimHistory, withBreakpoints } from "./history.ts";
import type { Message } from "./message-block.ts";
import type { Pinned, TrimStep } from "./trim.ts";

/** A tool as the model is told of it. */
export interface ToolDefinition {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: { readonly [key: string]: unknown };
}

export interface RequestSource {
  readonly model: string;
  readonly maxTokens: number;
  readonly system: string;
  readonly tools: readonly ToolDefinition[];
  /** The conversation as the log holds it. */
  readonly messages: readonly Message[];
  /** The messages that say what the agent must do: the first, and the last that it was prompted with. */
  readonly ownWords: readonly number[];
  readonly choices: readonly ContextChoice[];
  /** The size of the messages, in estimated tokens, above which they are trimmed. */
  readonly limitTokens: number;
}

export interface NextRequest {
  /** The body as it is sent. */
  readonly body: { readonly [key: string]: Json };
  /** Its messages without the marks for the cache. */
  readonly messages: readonly Message[];
  /** The messages before they were trimmed, what was taken from them, and what nothing may take. */
  readonly untrimmed: readonly Message[];
  readonly steps: readonly TrimStep[];
  readonly pinned: Pinned;
}

const cacheControl = { type: "ephemeral" };

/** Builds the request: choices first, then repairs, then trimming, then the marks for the cache. */
export function nextRequest(source: RequestSource): NextRequest {
  const { messages: chosen, pinned } = applyChoices(source.messages, source.choices, source.ownWords);
  const untrimmed = normalised(chosen);
  const { messages, steps } = trimHistory(untrimmed, source.limitTokens, pinned);
  const tools = source.tools.map((tool, index) => toolJson(tool, index === source.tools.length - 1));
  const body = {
    model: source.model,
    max_tokens: source.maxTokens,
    messages: withBreakpoints(messages),
    ...(source.system === "" ? {} : { system: [{ type: "text", text: source.system, cache_control: cacheControl }] }),
    ...(tools.length === 0 ? {} : { tools }),
    stream: true,
  };
  return { body, messages, untrimmed, steps, pinned };
}

/** The text of a body as it goes over the wire, and its SHA-256. */
export function wireText(body: NextRequest["body"]): { readonly text: string; readonly hash: string } {
  const text = JSON.stringify(body);
  return { text, hash: createHash("sha256").update(text).digest("hex") };
}

function toolJson({ name, description, inputSchema }: ToolDefinition, isLast: boolean): Json {
  // A JSON schema is plain JSON.
  const schema = inputSchema as { [key: string]: Json };
  return { name, description, input_schema: schema, ...(isLast ? { cache_control: cacheControl } : {}) };
}
