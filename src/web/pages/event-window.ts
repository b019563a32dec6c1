/**
 * A page of the log, newest first, for whoever looks with filters: read backwards in stretches, so that it costs the same at
 * the end of a long log and of a short one, and bounded where a filter is met seldom.
 */
import type { Event } from "../../domain/event.ts";
import type { EngineApi } from "../../engine/engine-api.ts";

/** What the address of the page asks for; "" where it does not filter. */
export interface EventFilters {
  readonly type: string;
  readonly track: string;
  readonly ticket: string;
  readonly agent: string;
  readonly since: string;
  readonly until: string;
}

export const filterNames = ["type", "track", "ticket", "agent", "since", "until"] as const;

export interface EventWindow {
  /** Oldest first. */
  readonly events: readonly Event[];
  /** Where the next older page begins; null at the beginning of what was asked for. */
  readonly olderBefore: number | null;
  /** How many events were looked at without filling the page; null when it is full, or all were. */
  readonly searchedCount: number | null;
}

const pageSize = 100;
const firstStretch = 500;
/** Events that one drawing looks at where no index leads to them. */
const mostSearched = 60_000;

export function filtersOf(query: URLSearchParams): EventFilters {
  const value = (name: string) => query.get(name)?.trim() ?? "";
  return {
    type: value("type"),
    track: value("track"),
    ticket: value("ticket"),
    agent: value("agent"),
    since: value("since"),
    until: value("until"),
  };
}

/** The newest events of the filters below a position. */
export function eventWindow(engine: EngineApi, filters: EventFilters, before: number | null): EventWindow {
  const end = engine.state().position + 1;
  const top = Math.min(before ?? end, boundOf(engine, filters.until, end));
  const floor = boundOf(engine, filters.since, 0, true);
  const isIndexed = filters.ticket !== "" || filters.agent !== "";
  const asked = queryOf(filters);
  let events: Event[] = [];
  let bottom = top - 1;
  for (let size = firstStretch; bottom > floor && events.length < pageSize; size *= 2) {
    if (!isIndexed && top - bottom > mostSearched) break;
    const after = Math.max(floor, bottom - size);
    events = [...engine.events({ ...asked, after, before: bottom + 1, limit: size }), ...events];
    bottom = after;
  }
  const shown = events.slice(-pageSize);
  const isCut = events.length > pageSize;
  const olderBefore = isCut ? (shown[0]?.position ?? null) : bottom > floor ? bottom + 1 : null;
  return {
    events: shown,
    olderBefore,
    searchedCount: shown.length < pageSize && bottom > floor ? top - 1 - bottom : null,
  };
}

function queryOf({ type, track, ticket, agent }: EventFilters) {
  return {
    ...(type && { type }),
    ...(track && { trackId: track }),
    ...(ticket && { ticketId: ticket }),
    ...(agent && { agentId: agent }),
  };
}

/** A bound as a position: a plain number is one, and a time is looked up. What cannot be read bounds nothing. */
function boundOf(engine: EngineApi, text: string, otherwise: number, isFloor = false): number {
  if (text === "") return otherwise;
  if (/^\d+$/.test(text)) return isFloor ? Number(text) - 1 : Number(text) + 1;
  const atMs = Date.parse(text);
  if (Number.isNaN(atMs)) return otherwise;
  const first = firstAt(engine, isFloor ? atMs : atMs + 1);
  return isFloor ? first - 1 : first;
}

/** The position of the first event at or after a time. The log is in the order of time, so halving finds it. */
function firstAt(engine: EngineApi, atMs: number): number {
  let low = 1;
  let high = engine.state().position + 1;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const [event] = engine.events({ after: middle - 1, limit: 1 });
    if (event && Date.parse(event.at) < atMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** What cannot be read in the filters, as a sentence; null when all of it can. */
export function filterFault({ since, until }: EventFilters): string | null {
  const wrong = [since, until].find((text) => text !== "" && !/^\d+$/.test(text) && Number.isNaN(Date.parse(text)));
  return wrong === undefined
    ? null
    : `"${wrong}" is neither a position nor a time; write 1200, 2026-11-23 or 2026-11-23T14:05.`;
}
