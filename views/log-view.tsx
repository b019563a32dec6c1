/** @jsxImportSource hono/jsx */
/** The event log: filters, and rows of a sentence each that unfold to the event itself. */
import type { EventRow } from "../src/projections/view-events.ts";
import { clock, count, visible } from "./format.ts";

interface Filters {
  readonly type: string;
  readonly track: string;
  readonly ticket: string;
  readonly agent: string;
  readonly since: string;
  readonly until: string;
}

interface EventLinks {
  /** To the newest events, which are followed; null where they are shown. */
  readonly newest: string | null;
  /** To the same rows, standing still. */
  readonly hold: string | null;
  readonly older: string | null;
}

const fields: readonly { readonly name: keyof Filters; readonly label: string; readonly hint: string }[] = [
  { name: "type", label: "Type", hint: "ticket.*" },
  { name: "track", label: "Track", hint: "greeting_20261123" },
  { name: "ticket", label: "Ticket", hint: "T-001" },
  { name: "agent", label: "Agent", hint: "A-0001" },
  { name: "since", label: "Since", hint: "2026-11-23T14:05 or 1200" },
  { name: "until", label: "Until", hint: "2026-11-23 or 1300" },
];

/** A plain form: the address has the filters, so that it can be kept and sent. */
export function EventFilterForm({ filters, fault }: { readonly filters: Filters; readonly fault: string | null }) {
  return (
    <form action="/events" method="get" class="row event-filters">
      {fields.map(({ name, label, hint }) => (
        <span class="event-field">
          <label for={`filter-${name}`}>{label}</label>
          <input
            id={`filter-${name}`}
            type="text"
            name={name}
            value={filters[name]}
            placeholder={hint}
            autocomplete="off"
          />
        </span>
      ))}
      <button type="submit" class="small">
        Filter
      </button>
      <a href="/events">Clear</a>
      {fault === null ? null : <p class="error">{visible(fault)}</p>}
    </form>
  );
}

interface EventListProps {
  readonly rows: readonly EventRow[];
  readonly links: EventLinks;
  /** How many events were looked at in vain. */
  readonly searchedCount: number | null;
  /** Whether it is the page of one event. */
  readonly isAlone: boolean;
}

export function EventList({ rows, links, searchedCount, isAlone }: EventListProps) {
  return (
    <>
      <Pages links={links} />
      {rows.length === 0 ? <p class="quiet">No event here.</p> : null}
      <div class="log">
        {rows.map((row) => (
          <details id={`event-${row.position}`} open={isAlone}>
            <summary>
              <span class="quiet figure">{row.position}</span> <time datetime={row.at}>{clock(row.at)}</time>{" "}
              <code class="type">{row.type}</code>{" "}
              <span class="subject-id">{visible(row.ticketId ?? row.trackId ?? "")}</span>{" "}
              <span class="event-words">{visible(row.words)}</span>
            </summary>
            <p class="row hint">
              <a href={`/events?position=${row.position}`}>
                {row.isWhole ? "Link to this event" : "More of this event"}
              </a>
              {row.trackId === null ? null : (
                <a href={`/events?${new URLSearchParams({ track: row.trackId })}`}>Events of its track</a>
              )}
              {row.ticketId === null ? null : (
                <a href={`/events?${new URLSearchParams({ ticket: row.ticketId })}`}>{`Events of ${row.ticketId}`}</a>
              )}
            </p>
            <pre class="block">{visible(row.body)}</pre>
          </details>
        ))}
      </div>
      {searchedCount === null ? null : (
        <p class="hint">{`${count(searchedCount)} events were looked at; "Older" looks further back.`}</p>
      )}
      <Pages links={links} />
    </>
  );
}

function Pages({ links }: { readonly links: EventLinks }) {
  return (
    <p class="row log-pages">
      {links.newest === null ? null : <a href={links.newest}>Newest, and follow</a>}
      {links.hold === null ? null : <a href={links.hold}>Hold here</a>}
      {links.older === null ? null : <a href={links.older}>Older</a>}
    </p>
  );
}
