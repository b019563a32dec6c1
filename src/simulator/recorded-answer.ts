/**
 * A recorded answer as an HTTP response: the message, or the way in which the call failed, so that a client which meets it
 * fails in the same words. A failure of the network, which no server can bring about, is played as a connection that breaks.
 */
import type { RecordedResponse } from "./cassette.ts";
import { bodyOf, jsonResponse, streamHeaders } from "./http-answer.ts";
import { aborted } from "./message-stream.ts";
import {
  event,
  type MessageHead,
  messageEvents,
  openTextEvents,
  startEvent,
  wholeRecorded,
} from "./recorded-events.ts";

type Failure = Extract<RecordedResponse, { kind: "failure" }>;

export interface RecordedPlay extends MessageHead {
  readonly isStream: boolean;
  readonly requestId: string;
  readonly signal: AbortSignal;
  /** Waits until it is this answer's turn; meanwhile the stream shows that it lives. */
  readonly turn?: Promise<unknown>;
  /** Whether waits that a failure asked for are left out. */
  readonly isQuick: boolean;
}

/** Plays an answer. */
export function recordedResponse(response: RecordedResponse, play: RecordedPlay): Response {
  if (response.kind === "failure") return failedResponse(response, play);
  if (!play.isStream) return jsonResponse(wholeRecorded(response, play), play.requestId);
  return streamOf(inTurn(messageEvents(response, play), play), play);
}

function streamOf(texts: AsyncGenerator<string>, { requestId }: RecordedPlay): Response {
  return new Response(bodyOf(texts), { headers: streamHeaders(requestId) });
}

const pingMs = 250;

async function* inTurn(events: readonly string[], { turn, signal }: RecordedPlay): AsyncGenerator<string> {
  const come = turn?.then(() => true as const);
  while (come && !signal.aborted) {
    const timer = Promise.withResolvers<false>();
    const handle = setTimeout(() => timer.resolve(false), pingMs);
    const isTurn = await Promise.race([come, timer.promise]);
    clearTimeout(handle);
    if (isTurn) break;
    yield ping;
  }
  yield events.join("");
}

const ping = event("ping", { type: "ping" });

function failedResponse(failure: Failure, play: RecordedPlay): Response {
  const { status, isUsageKnown } = failure;
  if (status !== undefined && status >= 300 && status < 400) return redirect(failure, status);
  // An error that came in the middle of a stream may have been charged; one in place of an answer was not.
  const isMidway = isUsageKnown === false && play.isStream;
  if (status !== undefined && !isMidway) return httpError(failure, status, play);
  if (!play.isStream) return httpError(failure, 500, play);
  if (/ZlibError|compress/.test(failure.reason)) return garbage(play);
  return streamOf(brokenStream(failure, play), play);
}

/** A body that is not what its encoding says. */
function garbage({ requestId }: RecordedPlay): Response {
  return new Response("this was never compressed", {
    headers: { ...streamHeaders(requestId), "content-encoding": "gzip" },
  });
}

function redirect({ reason }: Failure, status: number): Response {
  const location = /redirect to (\S+), which/.exec(reason)?.[1] ?? "/elsewhere";
  return new Response(null, { status, headers: { location } });
}

function httpError(failure: Failure, status: number, { requestId, isQuick }: RecordedPlay): Response {
  const waitS = failure.retryInMs === undefined ? null : isQuick ? quickS : failure.retryInMs / 1000;
  const headers = { "request-id": requestId, ...(waitS === null ? {} : { "retry-after": String(waitS) }) };
  return Response.json(errorJson(failure), { status, headers });
}

const quickS = 0.01;

/** The provider's own words, out of the sentence that was made of them. */
function errorJson({ code, reason }: Failure): object {
  const words = /^The provider answered \d+(?: \([^)]*\))?: ([\s\S]*)\.$/.exec(reason)?.[1] ?? reason;
  const isTyped = !/^http_\d+$/.test(code);
  return {
    type: "error",
    error: { ...(isTyped ? { type: code } : {}), ...(words === noWords ? {} : { message: words }) },
  };
}

const noWords = "no reason given";

function wholeText({ text, filler }: Failure): string {
  if (!filler) return text;
  // A stranger's figures: no text is longer than one answer can hold.
  const length = Math.min(filler.length, mostFillerLength);
  return text + filler.piece.repeat(Math.ceil(length / filler.piece.length)).slice(0, length);
}

const mostFillerLength = 32 * 1_048_576;

async function* brokenStream(failure: Failure, play: RecordedPlay): AsyncGenerator<string> {
  const { code, reason, status, usage } = failure;
  const begun = [startEvent(play, usage), ...openTextEvents(wholeText(failure))].join("");
  if (status !== undefined) return yield `${begun}${event("error", errorJson(failure))}`;
  switch (code) {
    case "empty":
      return;
    case "malformed":
      return yield `${begun}${malformedEvent(reason, play)}`;
    case "too_large":
      yield begun;
      for (let sent = 0; sent < tooManyBytes && !play.signal.aborted; sent += filler.length) yield filler;
      return;
    case "stall":
      yield begun;
      return yield* silence(reason, play);
    default:
      yield begun;
      if (/ended half way/.test(reason)) return;
      // What is still in the buffer would be lost with the connection.
      await Bun.sleep(flushMs);
      throw new Error("The recorded connection breaks here.");
  }
}

const flushMs = 20;
const tooManyBytes = 5 * 1_048_576;
const filler = "x".repeat(65_536);

async function* silence(reason: string, { signal }: RecordedPlay): AsyncGenerator<string> {
  if (/sent nothing for/.test(reason)) return await aborted(signal);
  const life = /had no end/.test(reason)
    ? event("content_block_stop", { type: "content_block_stop", index: 99 })
    : ping;
  while (!signal.aborted) {
    yield life;
    await Bun.sleep(flushMs);
  }
}

/** An event that is wrong in the recorded way. */
function malformedEvent(reason: string, head: MessageHead): string {
  if (/nested too deeply/.test(reason))
    return `event: content_block_delta\ndata: ${"[".repeat(100_000)}${"]".repeat(100_000)}\n\n`;
  if (/two messages/.test(reason)) return startEvent(head, noFigures);
  const type = /a (\w+) event without/.exec(reason)?.[1];
  if (type !== undefined) return event(type, { type });
  const start = event("content_block_start", {
    type: "content_block_start",
    index: 7,
    content_block: { type: "text", text: "" },
  });
  if (/two content blocks/.test(reason)) return start + start;
  const piece = (delta: object, index: number) =>
    event("content_block_delta", { type: "content_block_delta", index, delta });
  if (/not open/.test(reason)) return piece({ type: "text_delta", text: "" }, 99);
  if (/another kind/.test(reason)) return start + piece({ type: "thinking_delta", thinking: "" }, 7);
  return 'event: content_block_delta\ndata: {"type":\n\n';
}

const noFigures = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 };
