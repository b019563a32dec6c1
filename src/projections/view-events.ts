/** The event log as rows to read. */
import type { Event } from "../domain/event.ts";

export interface EventRow {
  readonly position: number;
  readonly at: string;
  readonly type: string;
  readonly ticketId: string | null;
  readonly trackId: string | null;
  readonly summary: string;
  readonly body: string;
}

/** How much of a body a page holds, in characters; the API has it whole. */
const bodyCharacters = 20_000;

/** Events, newest first. */
export function eventRows(events: readonly Event[]): readonly EventRow[] {
  return events.map(eventRow).reverse();
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
