/** @jsxImportSource hono/jsx */
/** The event log and the provider traffic: rows that unfold to their bodies, with pages and a filter. */
import type { CallRow, EventRow } from "../src/projections/view-events.ts";
import { clock, count, duration, usd, visible } from "./format.ts";
import { StatusMark } from "./status-mark.tsx";

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

export function CallList({ rows, links }: { readonly rows: readonly CallRow[]; readonly links: PageLinks }) {
  return (
    <>
      {rows.length === 0 ? <p class="quiet">No call here.</p> : null}
      <div class="log">
        {rows.map((row) => (
          <details>
            <summary>
              <time datetime={row.at}>{clock(row.at)}</time>{" "}
              <strong class="stream-name">{visible(row.streamId)}</strong>{" "}
              <StatusMark status={row.outcome} words={visible(row.words)} />{" "}
              <span class="quiet">
                {`turn ${row.turn}${row.tries > 1 ? `, try ${row.tries}` : ""} · ${visible(row.model)} at ${visible(row.provider)}`}
                {callFigures(row)}
              </span>
            </summary>
            <h4>Request, beyond the one before</h4>
            <pre class="block">{visible(row.request)}</pre>
            <h4>Answer</h4>
            <pre class="block">{visible(row.response) || "(none yet)"}</pre>
          </details>
        ))}
      </div>
      <Pages links={links} />
    </>
  );
}

function callFigures(row: CallRow): string {
  const parts = [
    row.usage === null ? null : tokenWords(row.usage),
    row.usage === null ? null : row.costUsd === null ? "unpriced" : usd(row.costUsd),
    row.firstByteMs === null ? null : `first byte ${duration(row.firstByteMs)}`,
    row.durationMs === null ? null : duration(row.durationMs),
  ].filter((part) => part !== null);
  return parts.length === 0 ? "" : ` · ${parts.join(" · ")}`;
}

/** Input is all that the model read; providers count what came from a cache apart from it. */
function tokenWords(usage: NonNullable<CallRow["usage"]>): string {
  const input = usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens;
  const cached = usage.cacheReadTokens === 0 ? "" : ` (${count(usage.cacheReadTokens)} cached)`;
  return `${count(input)} in${cached}, ${count(usage.outputTokens)} out`;
}

function Pages({ links }: { readonly links: PageLinks }) {
  return (
    <p class="row">
      {links.newer === null ? null : <a href={links.newer}>Newer</a>}
      {links.older === null ? null : <a href={links.older}>Older</a>}
    </p>
  );
}
