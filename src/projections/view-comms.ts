/** The provider traffic as rows without bodies, and one call of it in full: the request as it was sent, and what came back. */
import type { EventOf } from "../domain/event.ts";
import type { Json } from "../domain/gate.ts";
import { wireText } from "../domain/next-request.ts";
import type { Usage } from "../domain/usage.ts";
import { type AgentLog, requestOf } from "./agent-request.ts";

type Started = EventOf<"call.started">;
export type Ended = EventOf<"call.settled"> | EventOf<"call.failed">;

export interface CallRow {
  readonly callId: string;
  readonly position: number;
  readonly agentId: string;
  readonly streamId: string;
  readonly turn: number;
  readonly tries: number;
  readonly at: string;
  readonly model: string;
  readonly provider: string;
  readonly outcome: "running" | "settled" | "failed";
  /** How it ended, in words. */
  readonly words: string;
  readonly usage: Usage | null;
  readonly costUsd: number | null;
  readonly durationMs: number | null;
  readonly firstByteMs: number | null;
}

/** What a row must have: parts of the stream's id and of the model's name, and its outcome; "" is any. */
export interface CallFilter {
  readonly stream: string;
  readonly model: string;
  readonly status: "" | CallRow["outcome"];
}

export interface CallDetail {
  readonly row: CallRow;
  /** The body as it was sent, as the log tells it again. */
  readonly request: string;
  /** Whether its hash is the one that was written down when it was sent; null in logs of before. */
  readonly isExact: boolean | null;
  readonly response: readonly Json[];
  readonly stopReason: string | null;
  readonly status: number | null;
  readonly code: string | null;
  readonly retryInMs: number | null;
  readonly requestId: string | null;
  readonly reservedInputTokens: number;
  readonly isCounted: boolean;
  /** Every try at this turn's request, itself included. */
  readonly tries: readonly CallRow[];
}

/** A call as it began. */
export function callRow(event: Started): CallRow {
  const { callId, position, agentId, streamId, turn, tries, at, model, provider } = event;
  return {
    ...{ callId, position, agentId, streamId, turn, tries, at, model, provider },
    outcome: "running",
    words: "waiting for the answer",
    usage: null,
    costUsd: null,
    durationMs: null,
    firstByteMs: null,
  };
}

/** The same once it has ended. */
export function endedRow(row: CallRow, event: Ended): CallRow {
  const { usage, costUsd, durationMs } = event;
  const figures = { ...row, usage, costUsd, durationMs };
  if (event.type === "call.settled")
    return { ...figures, outcome: "settled", words: event.stopReason, firstByteMs: event.firstByteMs };
  const again = event.retryInMs === undefined ? "" : `, trying again in ${(event.retryInMs / 1000).toFixed(1)} s`;
  return { ...figures, outcome: "failed", words: `${event.status ?? event.code}: ${event.reason}${again}` };
}

export function isWanted(row: CallRow, { stream, model, status }: CallFilter): boolean {
  return row.streamId.includes(stream) && row.model.includes(model) && (status === "" || row.outcome === status);
}

/** One call in full, from its agent's events; null when it is none of them. */
export function callDetail(log: AgentLog, callId: string): CallDetail | null {
  const calls = log.events.filter((event) => event.type === "call.started");
  const started = calls.find((event) => event.callId === callId);
  if (!started) return null;
  const ended = endOf(log, callId);
  const { hash, request } = requestOf(log, started);
  const tries = calls.filter(
    ({ turn, position }) => turn === started.turn && isSameTask(log, position, started.position),
  );
  return {
    row: wholeRow(log, started),
    request: wireText(request.body).text,
    isExact: started.request ? started.request.hash === hash : null,
    response: responseOf(ended),
    stopReason: ended?.type === "call.settled" ? ended.stopReason : null,
    status: ended?.type === "call.failed" ? (ended.status ?? null) : null,
    code: ended?.type === "call.failed" ? ended.code : null,
    retryInMs: ended?.type === "call.failed" ? (ended.retryInMs ?? null) : null,
    requestId: ended?.type === "call.settled" ? (ended.requestId ?? null) : null,
    reservedInputTokens: started.reservedInputTokens,
    isCounted: started.request?.isCounted === true,
    tries: tries.map((each) => wholeRow(log, each)),
  };
}

function wholeRow(log: AgentLog, started: Started): CallRow {
  const ended = endOf(log, started.callId);
  return ended ? endedRow(callRow(started), ended) : callRow(started);
}

function endOf({ events }: AgentLog, callId: string): Ended | undefined {
  return events.find(
    (event): event is Ended =>
      (event.type === "call.settled" || event.type === "call.failed") && event.callId === callId,
  );
}

/** Whether no settled call lies between two: then both are tries at the same request. */
function isSameTask({ events }: AgentLog, one: number, other: number): boolean {
  const [from, to] = [Math.min(one, other), Math.max(one, other)];
  return !events.some(({ type, position }) => type === "call.settled" && position > from && position < to);
}

function responseOf(ended: Ended | undefined): readonly Json[] {
  if (!ended) return [];
  if (ended.type === "call.settled") return ended.content;
  return ended.text === "" ? [] : [{ type: "text", text: ended.text }];
}
