/** A recorded message as server-sent events: what a client makes of them is the message that was recorded. */
import type { Json } from "../domain/gate.ts";
import { isObject } from "../domain/message-block.ts";
import type { Usage } from "../domain/usage.ts";
import type { RecordedResponse } from "./cassette.ts";

type Message = Extract<RecordedResponse, { kind: "message" }>;

/** Who the message is from, as its head says. */
export interface MessageHead {
  readonly messageId: string;
  readonly model: string;
}

/** The events of a message that came whole. */
export function messageEvents(response: Message, head: MessageHead): string[] {
  const { content, stopReason, usage, isUsageKnown = true } = response;
  return [
    startEvent(head, isUsageKnown ? { ...usage, outputTokens: Math.min(1, usage.outputTokens) } : usage),
    ...content.flatMap(blockEvents),
    event("message_delta", {
      type: "message_delta",
      delta: { stop_reason: stopReason, stop_sequence: null },
      ...(isUsageKnown ? { usage: usageFigures(usage) } : {}),
    }),
    event("message_stop", { type: "message_stop" }),
  ];
}

/** How a message begins that may break off. */
export function startEvent({ messageId, model }: MessageHead, usage: Usage): string {
  const message = { id: messageId, type: "message", role: "assistant", model, content: [], stop_reason: null };
  return event("message_start", {
    type: "message_start",
    message: { ...message, stop_sequence: null, usage: usageFigures(usage) },
  });
}

/** The whole message at once, for a client that does not stream. */
export function wholeRecorded({ content, stopReason, usage }: Message, { messageId, model }: MessageHead): object {
  const message = { id: messageId, type: "message", role: "assistant", model, content: content.map(wholeBlock) };
  return { ...message, stop_reason: stopReason, stop_sequence: null, usage: usageFigures(usage) };
}

/** A text that has begun, as far as it came. */
export function openTextEvents(text: string): string[] {
  if (text === "") return [];
  const pieces = Array.from({ length: Math.ceil(text.length / pieceLength) }, (_unset, at) =>
    delta({ type: "text_delta", text: text.slice(at * pieceLength, (at + 1) * pieceLength) }, 0),
  );
  return [blockStart({ type: "text", text: "" }, 0), ...pieces];
}

/** A client takes no event of any size. */
const pieceLength = 16_384;

export function event(name: string, data: object): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}

function usageFigures({ inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens }: Usage): object {
  return {
    input_tokens: inputTokens,
    output_tokens: outputTokens,
    cache_read_input_tokens: cacheReadTokens,
    cache_creation_input_tokens: cacheWriteTokens,
  };
}

function blockEvents(block: Json, index: number): string[] {
  if (!isObject(block)) return [];
  const stop = event("content_block_stop", { type: "content_block_stop", index });
  switch (block.type) {
    case "text":
      return [
        blockStart({ ...block, text: "" }, index),
        delta({ type: "text_delta", text: block.text ?? "" }, index),
        stop,
      ];
    case "thinking": {
      const { thinking = "", signature, ...rest } = block;
      const signed = signature === undefined ? [] : [delta({ type: "signature_delta", signature }, index)];
      const start = blockStart({ ...rest, thinking: "", ...(signature === undefined ? {} : { signature: "" }) }, index);
      return [start, delta({ type: "thinking_delta", thinking }, index), ...signed, stop];
    }
    case "tool_use":
      return [
        blockStart({ ...block, input: {} }, index),
        delta({ type: "input_json_delta", partial_json: inputJson(block.input) }, index),
        stop,
      ];
    default:
      return [blockStart(block, index), stop];
  }
}

function blockStart(block: object, index: number): string {
  return event("content_block_start", { type: "content_block_start", index, content_block: block });
}

function delta(piece: object, index: number): string {
  return event("content_block_delta", { type: "content_block_delta", index, delta: piece });
}

/** An input that did not come whole was recorded as the text that came (see `BrokenInput` of the agents). */
function inputJson(input: Json | undefined): string {
  return brokenText(input) ?? JSON.stringify(input ?? {});
}

function brokenText(input: Json | undefined): string | null {
  return isObject(input) && typeof input._unparsed === "string" ? input._unparsed : null;
}

function wholeBlock(block: Json): Json {
  return isObject(block) && block.type === "tool_use" && brokenText(block.input) !== null
    ? { ...block, input: {} }
    : block;
}
