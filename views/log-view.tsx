/** @jsxImportSource hono/jsx */
/** The event log: rows that unfold to their bodies, with pages and a filter. */
import type { EventRow } from "../src/projections/view-events.ts";
import { clock, visible } from "./format.ts";

export interface PageLinks {
  readonly newer: string | null;
  readonly older: string | null;
}

export function FilterForm(props: {
  readonly action: string;
  readonly name: string;
  readonly label: string;
  readonly value: string;
  readonly hint: string;
}) {
  return (
    <form action={props.action} method="get" class="row filter">
      <label for={`filter-${props.name}`}>{props.label}</label>
      <input id={`filter-${props.name}`} type="text" name={props.name} value={props.value} placeholder={props.hint} />
      <button type="submit" class="small">
        Filter
      </button>
    </form>
  );
}

export function EventList({ rows, links }: { readonly rows: readonly EventRow[]; readonly links: PageLinks }) {
  return (
    <>
      {rows.length === 0 ? <p class="quiet">No event here.</p> : null}
      <div class="log">
        {rows.map((row) => (
          <details id={`event-${row.position}`}>
            <summary>
              <span class="quiet figure">{row.position}</span> <time datetime={row.at}>{clock(row.at)}</time>{" "}
              <code class="type">{row.type}</code> <span class="subject-id">{row.ticketId ?? ""}</span>{" "}
              <span class="quiet cut">{visible(row.summary)}</span>
            </summary>
            <pre class="block">{visible(row.body)}</pre>
          </details>
        ))}
      </div>
      <Pages links={links} />
    </>
  );
}

function Pages({ links }: { readonly links: PageLinks }) {
  return (
    <p class="row">
      {links.newer === null ? null : <a href={links.newer}>Newer</a>}
      {links.older === null ? null : <a href={links.older}>Older</a>}
    </p>
  );
}
