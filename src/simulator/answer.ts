/**
 * An answer before it is sent: its content blocks, why it stops, and what it costs. Applies the limits that a request
 * sets (`max_tokens`, `stop_sequences`) as the real API does. Ids come from the request's bytes, so the same request
 * gives the same answer, and no id repeats in one conversation.
 */
import { createHash } from "node:crypto";
import type { FaultKind } from "./fault.ts";
import type { MessagesRequest } from "./messages-request.ts";
import { thinkingSignature } from "./request-faults.ts";
import type { Reply } from "./scenario.ts";
import { type InputUsage, textTokens } from "./token-count.ts";

/** A content block; `text` of a tool call is its input as JSON text, valid or not; of one of another kind, its own JSON text. */
export interface AnswerBlock {
  readonly type: "thinking" | "text" | "tool_use" | "other";
  readonly text: string;
  readonly toolName: string;
  readonly toolId: string;
}

export interface AnswerUsage extends InputUsage {
  readonly outputTokens: number;
  readonly thinkingTokens: number;
}

export interface Answer {
  readonly messageId: string;
  readonly model: string;
  readonly blocks: readonly AnswerBlock[];
  readonly stopReason: string;
  readonly stopSequence: string | null;
  readonly usage: AnswerUsage;
}

/** Makes the answer that a reply gives to a request. */
export function makeAnswer(request: MessagesRequest, reply: Reply, input: InputUsage, fault: FaultKind | null): Answer {
  const seed = createHash("sha256").update(JSON.stringify(request)).digest("hex");
  const whole = blocksOfReply(reply, seed);
  const stopped = cutAtStopSequence(whole, request.stop_sequences ?? []);
  const limited = cutAtTokens(stopped.blocks, fault === "truncated_tool" ? halfOf(stopped.blocks) : request.max_tokens);
  const stopReason = limited.isCut ? "max_tokens" : stopped.sequence !== null ? "stop_sequence" : endOf(limited.blocks);
  return {
    messageId: `msg_sim_${seed.slice(0, 20)}`,
    model: request.model,
    blocks: limited.blocks,
    stopReason: limited.isCut ? stopReason : (reply.stopReason ?? stopReason),
    stopSequence: limited.isCut ? null : stopped.sequence,
    usage: usageOf(limited.blocks, input, reply),
  };
}

function blocksOfReply(reply: Reply, seed: string): AnswerBlock[] {
  const plain = { toolName: "", toolId: "" };
  const calls = (reply.toolUse ?? []).map((call, index) => ({
    type: "tool_use" as const,
    text: call.inputJson ?? JSON.stringify(call.input),
    toolName: call.name,
    toolId: `toolu_sim_${seed.slice(20, 38)}${index}`,
  }));
  return [
    ...(reply.thinking ? [{ type: "thinking" as const, text: reply.thinking, ...plain }] : []),
    ...(reply.blocks ?? []).map((block) => ({ type: "other" as const, text: JSON.stringify(block), ...plain })),
    ...(reply.text ? [{ type: "text" as const, text: reply.text, ...plain }] : []),
    ...calls,
  ];
}

function endOf(blocks: readonly AnswerBlock[]): string {
  return blocks.some((block) => block.type === "tool_use") ? "tool_use" : "end_turn";
}

interface Stopped {
  readonly blocks: readonly AnswerBlock[];
  readonly sequence: string | null;
}

function cutAtStopSequence(blocks: readonly AnswerBlock[], sequences: readonly string[]): Stopped {
  for (const [index, block] of blocks.entries()) {
    if (block.type !== "text") continue;
    const hits = sequences.map((sequence) => ({ sequence, at: block.text.indexOf(sequence) }));
    const first = hits.filter((hit) => hit.at >= 0).sort((a, b) => a.at - b.at)[0];
    if (!first) continue;
    const kept = { ...block, text: block.text.slice(0, first.at) };
    return { blocks: [...blocks.slice(0, index), ...(kept.text ? [kept] : [])], sequence: first.sequence };
  }
  return { blocks, sequence: null };
}

/** Half of the last block is left out. */
function halfOf(blocks: readonly AnswerBlock[]): number {
  const sizes = blocks.map((block) => textTokens(block.text));
  return Math.max(1, sizes.reduce((sum, size) => sum + size, 0) - Math.ceil((sizes.at(-1) ?? 0) / 2));
}

function cutAtTokens(blocks: readonly AnswerBlock[], limit: number): { blocks: AnswerBlock[]; isCut: boolean } {
  const kept: AnswerBlock[] = [];
  let left = limit;
  for (const block of blocks) {
    const tokens = textTokens(block.text);
    if (tokens > left) {
      if (block.type === "other") return { blocks: kept, isCut: true };
      const text = Buffer.from(block.text)
        .subarray(0, left * 4)
        .toString("utf8")
        .replace(/\uFFFD$/, "");
      return { blocks: left > 0 ? [...kept, { ...block, text }] : kept, isCut: true };
    }
    kept.push(block);
    left -= tokens;
  }
  return { blocks: kept, isCut: false };
}

function usageOf(blocks: readonly AnswerBlock[], input: InputUsage, reply: Reply): AnswerUsage {
  const thinkingTokens = sumTokens(blocks.filter((block) => block.type === "thinking"));
  const given = reply.usage ?? {};
  const written = given.cacheWriteTokens;
  return {
    inputTokens: given.inputTokens ?? input.inputTokens,
    cacheReadTokens: given.cacheReadTokens ?? input.cacheReadTokens,
    cacheWrite5mTokens: written ?? input.cacheWrite5mTokens,
    cacheWrite1hTokens: written === undefined ? input.cacheWrite1hTokens : 0,
    outputTokens: given.outputTokens ?? Math.max(1, sumTokens(blocks)),
    thinkingTokens: Math.min(thinkingTokens, given.outputTokens ?? thinkingTokens),
  };
}

function sumTokens(blocks: readonly AnswerBlock[]): number {
  return blocks.reduce((sum, block) => sum + textTokens(block.text), 0);
}

/** The content of an answer as a client would send it back. */
export function answerContent(answer: Answer): object[] {
  return answer.blocks.map((block) => contentBlock(block));
}

/** The message object of an answer that is not streamed. A cut tool input, which has no JSON value, becomes `{}`. */
export function wholeMessage(answer: Answer): object {
  return {
    ...messageHead(answer),
    content: answerContent(answer),
    stop_reason: answer.stopReason,
    stop_sequence: answer.stopSequence,
    usage: { ...usageHead(answer.usage), ...outputPart(answer.usage) },
  };
}

/** The message object of `message_start`: no content yet, and one output token. */
export function startMessage(answer: Answer): object {
  return {
    ...messageHead(answer),
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { ...usageHead(answer.usage), output_tokens: 1, output_tokens_details: null },
  };
}

/** The cumulative usage of `message_delta`. */
export function deltaUsage(usage: AnswerUsage): object {
  return { ...inputPart(usage), ...outputPart(usage), server_tool_use: null };
}

function messageHead(answer: Answer): object {
  return {
    id: answer.messageId,
    type: "message",
    role: "assistant",
    model: answer.model,
    container: null,
    diagnostics: null,
    stop_details: null,
  };
}

/** A block as a client gets it whole. */
export function contentBlock(block: AnswerBlock): object {
  if (block.type === "text") return { type: "text", text: block.text };
  if (block.type === "other") return JSON.parse(block.text);
  if (block.type === "thinking")
    return { type: "thinking", thinking: block.text, signature: thinkingSignature(block.text) };
  return {
    type: "tool_use",
    id: block.toolId,
    name: block.toolName,
    input: inputValue(block.text),
    caller: { type: "direct" },
  };
}

function inputValue(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

function inputPart(usage: InputUsage): object {
  return {
    input_tokens: usage.inputTokens,
    cache_creation_input_tokens: usage.cacheWrite5mTokens + usage.cacheWrite1hTokens,
    cache_read_input_tokens: usage.cacheReadTokens,
  };
}

function outputPart(usage: AnswerUsage): object {
  return { output_tokens: usage.outputTokens, output_tokens_details: { thinking_tokens: usage.thinkingTokens } };
}

function usageHead(usage: InputUsage): object {
  return {
    ...inputPart(usage),
    cache_creation: {
      ephemeral_5m_input_tokens: usage.cacheWrite5mTokens,
      ephemeral_1h_input_tokens: usage.cacheWrite1hTokens,
    },
    server_tool_use: null,
    service_tier: "standard",
    speed: null,
    inference_geo: null,
  };
}
