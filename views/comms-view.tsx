/** @jsxImportSource hono/jsx */
/** The provider traffic: a row a call without its bodies, and one call in full on a page of its own. */
import type { CallDetail, CallFilter, CallRow } from "../src/projections/view-comms.ts";
import { clock, count, duration, usd, visible } from "./format.ts";
import { StatusMark } from "./status-mark.tsx";

const statuses = ["", "running", "settled", "failed"] as const;

export function CommsFilter({ filter }: { readonly filter: CallFilter }) {
  return (
    <form action="/comms" method="get" class="row filter">
      <label for="filter-stream">Stream</label>
      <input id="filter-stream" type="text" name="stream" value={filter.stream} placeholder="T-001" />
      <label for="filter-model">Model</label>
      <input id="filter-model" type="text" name="model" value={filter.model} placeholder="haiku" />
      <label for="filter-status">Status</label>
      <select id="filter-status" name="status">
        {statuses.map((status) => (
          <option value={status} selected={status === filter.status}>
            {status === "" ? "any" : status}
          </option>
        ))}
      </select>
      <button type="submit" class="small">
        Filter
      </button>
    </form>
  );
}

export function CallList(props: {
  readonly rows: readonly CallRow[];
  readonly newest: string | null;
  readonly older: string | null;
}) {
  return (
    <>
      {props.rows.length === 0 ? <p class="quiet">No call here.</p> : null}
      <div class="log comms">
        {props.rows.map((row) => (
          <CallLine row={row} />
        ))}
      </div>
      <p class="row">
        {props.newest === null ? null : <a href={props.newest}>Newest</a>}
        {props.older === null ? null : <a href={props.older}>Older</a>}
      </p>
    </>
  );
}

function CallLine({ row }: { readonly row: CallRow }) {
  return (
    <p class="call" data-call={row.callId}>
      <time datetime={row.at}>{clock(row.at)}</time>{" "}
      <a href={`/comms?call=${encodeURIComponent(row.callId)}`}>{row.callId}</a>{" "}
      <strong class="stream-name">{visible(row.streamId)}</strong>{" "}
      <StatusMark status={row.outcome} words={visible(row.words)} />{" "}
      <span class="quiet call-figures">
        {`turn ${row.turn}${row.tries > 1 ? `, try ${row.tries}` : ""} · ${visible(row.model)} at ${visible(row.provider)}`}
        {callFigures(row)}
      </span>
    </p>
  );
}

/** One call in full. */
export function CallView({ call }: { readonly call: CallDetail }) {
  const { row } = call;
  return (
    <>
      <p class="row">
        <a href="/comms">All calls</a>
        <strong>{row.callId}</strong>
        <StatusMark status={row.outcome} words={visible(row.words)} />
        <a href={`/context?agent=${encodeURIComponent(row.agentId)}`}>{`Context of ${row.agentId}`}</a>
      </p>
      <CallFacts call={call} />
      <h3>Response</h3>
      {call.response.length === 0 ? <p class="quiet">Nothing came.</p> : null}
      {call.response.map((block) => (
        <pre class="block whole">{visible(blockText(block))}</pre>
      ))}
      <h3>Request as sent</h3>
      <p class="hint">{exactWords(call)}</p>
      <pre class="block whole">{visible(readable(call.request))}</pre>
    </>
  );
}

function CallFacts({ call }: { readonly call: CallDetail }) {
  const { row } = call;
  const { usage } = row;
  const facts: readonly (readonly [string, string | null])[] = [
    ["Stream", visible(`${row.streamId}, turn ${row.turn}, try ${row.tries}`)],
    ["Model", visible(`${row.model} at ${row.provider}`)],
    ["Sent", row.at],
    ["Timing", timing(row)],
    [
      "Usage",
      usage &&
        `input ${count(usage.inputTokens)}, cache read ${count(usage.cacheReadTokens)}, cache write ${count(usage.cacheWriteTokens)}, output ${count(usage.outputTokens)}`,
    ],
    ["Cost", usage && (row.costUsd === null ? "unpriced" : usd(row.costUsd))],
    [
      "Reserved",
      `${count(call.reservedInputTokens)} input tokens, ${call.isCounted ? "counted by the endpoint" : "estimated"}`,
    ],
    ["HTTP status", call.status === null ? null : String(call.status)],
    ["Fault", call.code && visible(call.code)],
    ["Tried again", call.retryInMs === null ? null : `after ${duration(call.retryInMs)}`],
    ["Request id", call.requestId && visible(call.requestId)],
  ];
  return (
    <dl class="facts">
      {facts.map(([name, value]) =>
        value === null ? null : (
          <>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </>
        ),
      )}
      {call.tries.length > 1 ? (
        <>
          <dt>All tries</dt>
          <dd>
            {call.tries.map((one) => (
              <>
                <a href={`/comms?call=${encodeURIComponent(one.callId)}`}>{one.callId}</a>{" "}
                <StatusMark status={one.outcome} words={visible(one.words)} />{" "}
              </>
            ))}
          </dd>
        </>
      ) : null}
    </dl>
  );
}

function exactWords({ isExact }: CallDetail): string {
  if (isExact === null) return "Told again from the log, which held no hash of it yet.";
  return isExact
    ? "Told again from the log; its SHA-256 is the one that was written down when it was sent, so it is what was sent, byte for byte (here with line breaks)."
    : "Told again from the log. Its SHA-256 is not the one that was written down when it was sent: another version of Signalbox, or other settings, made it.";
}

/** A body of one line with line breaks; a text that is no JSON as it is. */
function readable(body: string): string {
  return JSON.stringify(JSON.parse(body), null, 2);
}

function blockText(block: CallDetail["response"][number]): string {
  const isText = typeof block === "object" && block !== null && !Array.isArray(block) && typeof block.text === "string";
  return isText ? String(block.text) : JSON.stringify(block, null, 2);
}

function timing({ firstByteMs, durationMs }: CallRow): string | null {
  if (durationMs === null) return null;
  return `${firstByteMs === null ? "" : `first byte after ${duration(firstByteMs)}, `}whole in ${duration(durationMs)}`;
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
