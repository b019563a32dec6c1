/**
 * An answer as server-sent events, in the real API's order and at a chosen pace, and the ways in which such a stream goes
 * wrong. Delivery: in order, each event once, as fast as the reader takes them; nothing is sent after the reader has gone.
 */
import { type Answer, type AnswerBlock, contentBlock, deltaUsage, startMessage } from "./answer.ts";
import { beforeEnding, faultyUsage } from "./answer-faults.ts";
import { type ApiError, apiError, errorBody } from "./api-error.ts";
import type { FaultKind } from "./fault.ts";
import { thinkingSignature } from "./request-faults.ts";
import type { Pace } from "./scenario.ts";
import { textTokens } from "./token-count.ts";

/** Waits, in milliseconds; returns early when the signal fires. */
export type Delay = (delayMs: number, signal: AbortSignal) => Promise<void>;

/** One server-sent event; `tokens` is what the pace counts it as. */
export interface StreamEvent {
  readonly text: string;
  readonly tokens: number;
}

export interface StreamPlay {
  readonly pace: Pace;
  readonly fault: FaultKind | null;
  /** What an `error` event in the middle says. */
  readonly error: ApiError | null;
  readonly requestId: string;
  readonly delay: Delay;
  readonly signal: AbortSignal;
}

const defaultChunkChars = 12;
const pingEveryMs = 1_000;
const flushMs = 20;
const ping = event("ping", { type: "ping" });

/** Plays an answer's events; with a fault, it goes wrong in the middle. */
export async function* playStream(answer: Answer, play: StreamPlay): AsyncGenerator<string> {
  const events = answerEvents(answer, play.pace.chunkChars ?? defaultChunkChars, play);
  const middle = Math.floor(events.length / 2);
  for (const [index, { text, tokens }] of events.entries()) {
    if (play.signal.aborted) return;
    if (index === middle && play.fault) {
      yield* midway(play.fault, play);
      if (endsMidway.has(play.fault)) return;
    }
    if (play.fault === "no_stop" && index >= events.length - 2) return;
    if (play.pace.tokensPerSecond && tokens > 0)
      await play.delay((tokens / play.pace.tokensPerSecond) * 1000, play.signal);
    if (play.fault === "slow_loris") yield* byteByByte(text, play);
    else yield text;
  }
}

async function* byteByByte(text: string, { delay, signal }: StreamPlay): AsyncGenerator<string> {
  for (const character of text) {
    if (signal.aborted) return;
    yield character;
    await delay(pingEveryMs, signal);
  }
}

const endsMidway = new Set<FaultKind>(["stall", "pings", "cut", "reset", "error_mid_stream"]);

async function* midway(fault: FaultKind, play: StreamPlay): AsyncGenerator<string> {
  switch (fault) {
    case "stall":
      return aborted(play.signal);
    case "pings":
      while (!play.signal.aborted) {
        yield ping.text;
        await play.delay(pingEveryMs, play.signal);
      }
      return;
    case "reset":
      // What is still in the buffer would be lost with the connection, and the break would not be in the middle.
      await Bun.sleep(flushMs);
      throw new Error("The simulator breaks this connection, as the fault `reset` asks.");
    case "error_mid_stream":
      yield `event: error\ndata: ${errorBody(play.error ?? apiError(529), play.requestId)}\n\n`;
      return;
    case "malformed_json":
      yield 'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_del\n\n';
      return;
    case "deep_json":
      yield `event: content_block_delta\ndata: ${"[".repeat(100_000)}${"]".repeat(100_000)}\n\n`;
      return;
    case "two_starts":
      yield event("message_start", { type: "message_start", message: { id: "msg_sim_other", usage: {} } }).text;
      return;
    case "endless":
      yield extraBlock;
      while (!play.signal.aborted) yield extraText(1_000);
      return;
    case "huge_text":
      yield extraBlock;
      for (let megabytes = 0; megabytes < 100 && !play.signal.aborted; megabytes += 1) yield extraText(1_000_000);
      return;
    case "unknown_event":
      yield event("weather_report", { type: "weather_report", sky: "clear" }).text;
      return;
    default:
      return;
  }
}

/** A block of its own, so that its text belongs to no other. */
const extraIndex = 1_000;
const extraBlock = event("content_block_start", {
  type: "content_block_start",
  index: extraIndex,
  content_block: { type: "text", text: "" },
}).text;

function extraText(length: number): string {
  return deltaEvent(extraIndex, { type: "text_delta", text: "x".repeat(length) }, 0).text;
}

/** Resolves when the signal fires: for responses that never come. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** All events of an answer that goes well. */
function answerEvents(
  answer: Answer,
  chunkChars: number,
  { fault, requestId }: Pick<StreamPlay, "fault" | "requestId">,
): StreamEvent[] {
  const blocks = answer.blocks.flatMap((block, index) => blockEvents(block, index, chunkChars));
  const delta = {
    stop_reason: fault === "no_reason" ? null : answer.stopReason,
    stop_sequence: answer.stopSequence,
    stop_details: null,
    container: null,
  };
  const usage = faultyUsage(deltaUsage(answer.usage), fault);
  const late = { type: "message_delta", delta: {}, usage: deltaUsage(answer.usage) };
  return [
    event("message_start", { type: "message_start", message: startMessage(answer) }),
    ...blocks.slice(0, 1),
    ping,
    ...blocks.slice(1),
    ...(fault === "error_after_content" ? [{ text: beforeEnding(fault, requestId), tokens: 0 }] : []),
    event("message_delta", { type: "message_delta", delta, ...(usage ? { usage } : {}) }),
    event("message_stop", { type: "message_stop" }),
    ...(fault === "usage_late" ? [event("message_delta", late)] : []),
  ];
}

function blockEvents(block: AnswerBlock, index: number, chunkChars: number): StreamEvent[] {
  const deltas = pieces(block.type === "other" ? "" : block.text, chunkChars).map((piece) =>
    deltaEvent(index, deltaOf(block, piece), textTokens(piece)),
  );
  if (block.type === "tool_use") deltas.unshift(deltaEvent(index, { type: "input_json_delta", partial_json: "" }, 0));
  if (block.type === "thinking")
    deltas.push(deltaEvent(index, { type: "signature_delta", signature: thinkingSignature(block.text) }, 0));
  return [
    event("content_block_start", { type: "content_block_start", index, content_block: firstBlock(block) }),
    ...deltas,
    event("content_block_stop", { type: "content_block_stop", index }),
  ];
}

/** A block as it begins: those of other kinds come whole. */
function firstBlock(block: AnswerBlock): object {
  switch (block.type) {
    case "other":
      return contentBlock(block);
    case "text":
      return { type: "text", text: "" };
    case "thinking":
      return { type: "thinking", thinking: "", signature: "" };
    case "tool_use":
      return { type: "tool_use", id: block.toolId, name: block.toolName, input: {}, caller: { type: "direct" } };
    default:
      return block.type satisfies never;
  }
}

function deltaOf(block: AnswerBlock, piece: string): object {
  switch (block.type) {
    case "text":
      return { type: "text_delta", text: piece };
    case "thinking":
      return { type: "thinking_delta", thinking: piece };
    case "tool_use":
    case "other":
      return { type: "input_json_delta", partial_json: piece };
    default:
      return block.type satisfies never;
  }
}

function deltaEvent(index: number, delta: object, tokens: number): StreamEvent {
  return event("content_block_delta", { type: "content_block_delta", index, delta }, tokens);
}

function event(name: string, data: object, tokens = 0): StreamEvent {
  return { text: `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`, tokens };
}

/** Splits by code points: half a character would reach the client as two broken ones. */
function pieces(text: string, chunkChars: number): string[] {
  const points = Array.from(text);
  const count = Math.ceil(points.length / chunkChars);
  return Array.from({ length: count }, (_, at) => points.slice(at * chunkChars, (at + 1) * chunkChars).join(""));
}
