/** @jsxImportSource hono/jsx */
/** The context of every agent: how full it is, part by part, and what would leave it first. */
import type { ContextDetail, ContextRow } from "../src/projections/view-context.ts";
import { count, visible } from "./format.ts";
import { StatusMark } from "./status-mark.tsx";
import { TableHead } from "./table-head.tsx";

export function ContextList({ rows }: { readonly rows: readonly ContextRow[] }) {
  if (rows.length === 0) return <p class="quiet">No agent has started yet.</p>;
  return (
    <div class="scroll">
      <table class="figures">
        <TableHead names={["Stream", "Status", "Turns", "Last request", "Share"]} />
        <tbody>
          {rows.map((row) => (
            <tr>
              <th scope="row">
                <a href={`/context?agent=${encodeURIComponent(row.agentId)}`}>{visible(row.streamId)}</a>{" "}
                <span class="quiet">{visible(row.model)}</span>
              </th>
              <td>
                <StatusMark status={row.status === "ended" ? "done" : row.status} />
              </td>
              <td>{count(row.turnCount)}</td>
              <td>{row.tokens === null ? "none yet" : `${count(row.tokens)} tokens`}</td>
              <td>
                <Share tokens={row.tokens ?? 0} limit={row.limit} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function ContextParts({ detail }: { readonly detail: ContextDetail }) {
  return (
    <>
      <p class="row">
        <a href="/context">All agents</a>
        <strong>{visible(detail.streamId)}</strong>
        <span class="quiet">{`about ${count(detail.total)} of ${count(detail.limit)} tokens (estimated)`}</span>
        <Share tokens={detail.total} limit={detail.limit} />
      </p>
      <p class="quiet">
        {detail.trimNext.length === 0
          ? "Nothing would be trimmed next."
          : `Once it grows past the limit, these leave first: ${visible(detail.trimNext.join("; "))}.`}
      </p>
      {detail.parts.map((part) => (
        <details class="part">
          <summary>
            <span>{visible(part.name)}</span> <span class="quiet">{`about ${count(part.tokens)} tokens`}</span>{" "}
            <progress
              max={Math.max(1, detail.total)}
              value={part.tokens}
              aria-label={`Share of ${visible(part.name)}`}
            ></progress>
          </summary>
          <pre class="block">{visible(part.preview)}</pre>
        </details>
      ))}
    </>
  );
}

/** A meter that turns amber at half and red at four fifths, and says the share in words. */
function Share({ tokens, limit }: { readonly tokens: number; readonly limit: number }) {
  const share = Math.min(1, tokens / Math.max(1, limit));
  return (
    <span class="share">
      <meter
        min={0}
        max={1}
        low={0.5}
        high={0.8}
        optimum={0}
        value={share}
        aria-label="Share of the context limit"
      ></meter>{" "}
      {`${Math.round(share * 100)} %`}
    </span>
  );
}
