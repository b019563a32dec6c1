/** The event log as rows to read. */
import type { Event } from "../domain/event.ts";
import { eventWords } from "./event-words.ts";

export interface EventRow {
  readonly position: number;
  readonly at: string;
  readonly type: string;
  readonly ticketId: string | null;
  readonly trackId: string | null;
  readonly words: string;
  readonly body: string;
  /** Whether the body is all of it; the page of the one event has more. */
  readonly isWhole: boolean;
}

/** How much of a body a page of many events holds, and a page of one, in characters; the API has it whole. */
const rowCharacters = 2_000;
const bodyCharacters = 20_000;

/** Events, newest first. */
export function eventRows(events: readonly Event[]): readonly EventRow[] {
  const limit = events.length === 1 ? bodyCharacters : rowCharacters;
  return events.map((event) => eventRow(event, limit)).reverse();
}

/** A text cut to what a page may hold, saying how much is missing. */
function bounded(text: string, limit = bodyCharacters): string {
  if (text.length <= limit) return text;
  return `${text.slice(0, limit)}\n… ${text.length - limit} more characters; the API has all of it.`;
}

function eventRow(event: Event, limit: number): EventRow {
  const { position, at, type, ...rest } = event;
  const body = JSON.stringify(rest, null, 2);
  return {
    position,
    at,
    type,
    ticketId: "ticketId" in event && event.ticketId !== undefined ? event.ticketId : null,
    trackId: "trackId" in event && event.trackId !== undefined ? event.trackId : null,
    words: eventWords(event),
    body: bounded(body, limit),
    isWhole: body.length <= limit,
  };
}
