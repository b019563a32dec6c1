/** The calls that a page of the provider traffic shows: found once, from the newest back, and then kept up with the log. */
import type { Event, EventOf } from "../../domain/event.ts";
import type { EngineApi } from "../../engine/engine-api.ts";
import { type CallFilter, type CallRow, callRow, endedRow, isWanted } from "../../projections/view-comms.ts";

const rowsOfPage = 100;
/** How much of the log is read at a time, and how far back a page looks at most: then the next page goes on. */
const stretch = 500;
const mostPositions = 20_000;

export class CallBook {
  readonly #engine: EngineApi;
  readonly #filter: CallFilter;
  readonly #isLive: boolean;
  /** By call id, oldest first. */
  #rows = new Map<string, CallRow>();
  #position: number;
  /** Where the next older page begins; null when there is none. */
  #older: number | null = null;

  /** `before`: the position that the page lies before; null for the newest. */
  constructor(engine: EngineApi, filter: CallFilter, before: number | null) {
    this.#engine = engine;
    this.#filter = filter;
    this.#isLive = before === null;
    this.#position = engine.state().position;
    this.#lookBack(before ?? this.#position + 1);
  }

  /** The rows, newest first, and where older ones begin. */
  read(): { readonly rows: readonly CallRow[]; readonly older: number | null } {
    this.#catchUp();
    const wanted = [...this.#rows.values()].filter((row) => isWanted(row, this.#filter));
    const rows = wanted.slice(-rowsOfPage).reverse();
    return { rows, older: wanted.length > rowsOfPage ? (rows.at(-1)?.position ?? null) : this.#older };
  }

  #lookBack(before: number): void {
    let end = before;
    const least = Math.max(0, before - mostPositions);
    let found: CallRow[] = [];
    while (end > 1 && end > least && found.length < rowsOfPage) {
      const start = Math.max(0, end - 1 - stretch);
      const older = this.#rowsBetween(start, end).filter((row) => isWanted(row, this.#filter));
      found = [...older, ...found];
      end = start + 1;
    }
    const shown = found.slice(-rowsOfPage);
    this.#rows = new Map(shown.map((row) => [row.callId, row]));
    const hasOlder = found.length > rowsOfPage || end > 1;
    this.#older = hasOlder ? (found.length >= rowsOfPage ? (shown[0]?.position ?? end) : end) : null;
  }

  /** The calls that began after `start` and before `end`, with what came of them, which may be later. */
  #rowsBetween(start: number, end: number): CallRow[] {
    const events = this.#engine.events({ after: start, limit: stretch, type: "call.*" });
    const rows = new Map<string, CallRow>();
    for (const event of events) if (event.position < end || event.type !== "call.started") take(rows, event);
    for (const row of rows.values()) if (row.outcome === "running") this.#end(rows, row);
    return [...rows.values()];
  }

  #end(rows: Map<string, CallRow>, { callId, agentId, position }: CallRow): void {
    const after = this.#engine.events({ after: position, limit: 2, type: "call.*", agentId });
    const end = after.find((event) => isEnd(event) && event.callId === callId);
    if (end) take(rows, end);
  }

  /** A page of the past only learns how its calls end. */
  #catchUp(): void {
    const { position } = this.#engine.state();
    while (this.#position < position) {
      const events = this.#engine.events({ after: this.#position, limit: stretch, type: "call.*" });
      for (const event of events) if (this.#isLive || event.type !== "call.started") take(this.#rows, event);
      this.#position = events.length < stretch ? position : (events.at(-1)?.position ?? position);
    }
    if (this.#rows.size <= rowsOfPage * 2) return;
    this.#rows = new Map([...this.#rows].slice(-rowsOfPage));
    this.#older = this.#rows.values().next().value?.position ?? null;
  }
}

function take(rows: Map<string, CallRow>, event: Event): void {
  if (event.type === "call.started") rows.set(event.callId, callRow(event));
  else if (isEnd(event)) {
    const row = rows.get(event.callId);
    if (row) rows.set(event.callId, endedRow(row, event));
  }
}

function isEnd(event: Event): event is EventOf<"call.settled" | "call.failed"> {
  return event.type === "call.settled" || event.type === "call.failed";
}
