/** The provider traffic, from the log: one entry for each request, with its bodies on demand. */
import type { Event, EventOf } from "../domain/event.ts";
import type { Json } from "../domain/gate.ts";
import { noUsage, type Usage } from "../domain/usage.ts";

interface ApiCall {
  readonly callId: string;
  readonly agentId: string;
  readonly streamId: string;
  /** 1 to 4; null when the stream id does not say it. */
  readonly tier: number | null;
  readonly model: string;
  readonly provider: string;
  readonly turn: number;
  /** Which try at this turn's request it is, from 1 or 0 as the thread counts. */
  readonly tries: number;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly status: "running" | "settled" | "failed";
  readonly stopReason: string | null;
  /** Why it failed, for people; null when it did not. */
  readonly reason: string | null;
  readonly usage: Usage;
  readonly costUsd: number | null;
  readonly durationMs: number | null;
  readonly firstByteMs: number | null;
  readonly requestId?: string;
  /** What this request added to the conversation: its messages beyond those of the last settled call. */
  readonly request?: { readonly messages: readonly Json[]; readonly tools: readonly string[] };
  readonly response?: { readonly content: readonly Json[] };
}

type Started = EventOf<"call.started">;
type Ended = EventOf<"call.settled"> | EventOf<"call.failed">;

/** Calls in the order in which they began; of one stream when `streamId` is given, with bodies when `isFull`. */
export function apiComms(
  events: Iterable<Event>,
  streamId?: string,
  { isFull = false }: { readonly isFull?: boolean } = {},
): ApiCall[] {
  const calls = new Map<string, ApiCall>();
  for (const event of events) {
    if (event.type !== "call.started" && event.type !== "call.settled" && event.type !== "call.failed") continue;
    if (streamId !== undefined && event.streamId !== streamId) continue;
    const begun = calls.get(event.callId);
    if (event.type === "call.started") calls.set(event.callId, startedCall(event, isFull));
    else if (begun) calls.set(event.callId, endedCall(begun, event, isFull));
  }
  return [...calls.values()];
}

function startedCall(event: Started, isFull: boolean): ApiCall {
  return {
    callId: event.callId,
    agentId: event.agentId,
    streamId: event.streamId,
    tier: streamTier(event.streamId),
    model: event.model,
    provider: event.provider,
    turn: event.turn,
    tries: event.tries,
    startedAt: event.at,
    endedAt: null,
    status: "running",
    stopReason: null,
    reason: null,
    usage: noUsage,
    costUsd: null,
    durationMs: null,
    firstByteMs: null,
    ...(isFull && { request: { messages: event.messages, tools: event.tools } }),
  };
}

function endedCall(begun: ApiCall, event: Ended, isFull: boolean): ApiCall {
  const isSettled = event.type === "call.settled";
  const content: readonly Json[] = isSettled ? event.content : [{ type: "text", text: event.text }];
  return {
    ...begun,
    endedAt: event.at,
    status: isSettled ? "settled" : "failed",
    stopReason: isSettled ? event.stopReason : null,
    reason: isSettled ? null : event.reason,
    usage: event.usage,
    costUsd: event.costUsd,
    durationMs: event.durationMs,
    firstByteMs: isSettled ? event.firstByteMs : null,
    ...(isSettled && event.requestId !== undefined && { requestId: event.requestId }),
    ...(isFull && { response: { content } }),
  };
}

function streamTier(streamId: string): number | null {
  const digit = /^Tier ([1-4]) /.exec(streamId)?.[1];
  return digit === undefined ? null : Number(digit);
}
