/** The event log and the provider traffic as rows to read. */
import type { Event, EventOf } from "../domain/event.ts";
import type { Usage } from "../domain/usage.ts";

export interface EventRow {
  readonly position: number;
  readonly at: string;
  readonly type: string;
  readonly ticketId: string | null;
  readonly trackId: string | null;
  readonly summary: string;
  readonly body: string;
}

export interface CallRow {
  readonly callId: string;
  readonly streamId: string;
  readonly turn: number;
  readonly tries: number;
  readonly at: string;
  readonly model: string;
  readonly provider: string;
  readonly outcome: "running" | "settled" | "failed";
  readonly words: string;
  readonly usage: Usage | null;
  readonly costUsd: number | null;
  readonly durationMs: number | null;
  readonly firstByteMs: number | null;
  readonly request: string;
  readonly response: string;
}

type Started = EventOf<"call.started">;
type Ended = EventOf<"call.settled"> | EventOf<"call.failed">;

/** How much of a body a page holds, in characters; the API has it whole. */
const bodyCharacters = 20_000;

/** Events, newest first. */
export function eventRows(events: readonly Event[]): readonly EventRow[] {
  return events.map(eventRow).reverse();
}

/** The last `limit` provider calls of streams whose id has `stream` in it, newest first: each request with what came of it. */
export function callRows(events: readonly Event[], stream: string, limit: number): readonly CallRow[] {
  const calls = new Map<string, { readonly started: Started; readonly ended?: Ended }>();
  for (const event of events) {
    if (event.type === "call.started" && event.streamId.includes(stream)) calls.set(event.callId, { started: event });
    if (event.type !== "call.settled" && event.type !== "call.failed") continue;
    const call = calls.get(event.callId);
    if (call) calls.set(event.callId, { ...call, ended: event });
  }
  // Bodies are large: they are made for those that are shown, not for all.
  return [...calls.values()]
    .slice(-limit)
    .reverse()
    .map(({ started, ended }) => ({ ...startedRow(started), ...(ended && endedRow(ended)) }));
}

/** A text cut to what a page may hold, saying how much is missing. */
export function bounded(text: string, limit = bodyCharacters): string {
  if (text.length <= limit) return text;
  return `${text.slice(0, limit)}\n… ${text.length - limit} more characters; the API has all of it.`;
}

function eventRow(event: Event): EventRow {
  const { position, at, type, ...rest } = event;
  const flat = summaryOf(rest);
  return {
    position,
    at,
    type,
    ticketId: "ticketId" in event && event.ticketId !== undefined ? event.ticketId : null,
    trackId: "trackId" in event && event.trackId !== undefined ? event.trackId : null,
    summary: flat.length > 160 ? `${flat.slice(0, 160)}…` : flat,
    body: bounded(JSON.stringify(rest, null, 2)),
  };
}

/** Short fields in words, references last; what is large or nested is in the body. The row names ticket and time by itself. */
function summaryOf(fields: Readonly<Record<string, unknown>>): string {
  const isReference = (name: string) => /(?:Id|Hash|Commit)$/.test(name);
  return Object.entries(fields)
    .filter(([name, value]) => name !== "ticketId" && value !== null && typeof value !== "object" && value !== "")
    .sort(([a], [b]) => Number(isReference(a)) - Number(isReference(b)))
    .map(([name, value]) => `${name} ${String(value).slice(0, 80).replace(/\s+/g, " ")}`)
    .join(" · ");
}

function startedRow(event: Started): CallRow {
  return {
    callId: event.callId,
    streamId: event.streamId,
    turn: event.turn,
    tries: event.tries,
    at: event.at,
    model: event.model,
    provider: event.provider,
    outcome: "running",
    words: "waiting for the answer",
    usage: null,
    costUsd: null,
    durationMs: null,
    firstByteMs: null,
    request: bounded(JSON.stringify({ messages: event.messages, tools: event.tools }, null, 2)),
    response: "",
  };
}

function endedRow(event: Ended): Partial<CallRow> {
  const { usage, costUsd, durationMs } = event;
  const figures = { usage, costUsd, durationMs };
  if (event.type === "call.settled") {
    const response = bounded(JSON.stringify(event.content, null, 2));
    return { ...figures, outcome: "settled", words: event.stopReason, firstByteMs: event.firstByteMs, response };
  }
  const again = event.retryInMs === undefined ? "" : `, trying again in ${(event.retryInMs / 1000).toFixed(1)} s`;
  const words = `${event.status ?? event.code}: ${event.reason}${again}`;
  return { ...figures, outcome: "failed", words, response: bounded(event.text) };
}
