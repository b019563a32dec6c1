/** @jsxImportSource hono/jsx */
/** One agent's context: its bar and parts, what would be trimmed, what is cached, and every piece with its levers. */
import type { ContextMap } from "../src/projections/context-map.ts";
import type { ContextPiece } from "../src/projections/context-piece.ts";
import { ContextBar, Fullness, percent, signedPercent } from "./context-bar.tsx";
import { Tokens } from "./context-view.tsx";
import { count, visible } from "./format.ts";
import { PostForm } from "./post-form.tsx";
import { StatusMark } from "./status-mark.tsx";
import { TableHead } from "./table-head.tsx";

export function ContextHead({ map, canCount }: { readonly map: ContextMap; readonly canCount: boolean }) {
  const address = `/context?agent=${encodeURIComponent(map.agentId)}`;
  return (
    <>
      <p class="row">
        <a href="/context">All agents</a>
        <strong>{visible(map.streamId)}</strong>
        <StatusMark status={map.status === "ended" ? "done" : map.status} />
        <span class="quiet">{`${map.agentId} · ${visible(map.model)} · turn ${map.turnCount}`}</span>
        <Fullness figures={map} />
      </p>
      <ContextBar figures={map} />
      <p class="context-sum">
        <span>
          <Tokens figures={map} />
          {` of ${count(map.windowTokens)} tokens`}
        </span>
        <span>{`head-room ${count(map.headroomTokens)} before trimming`}</span>
        <a href={`${address}&view=request`}>{map.isNext ? "Next request, exact text" : "Last request, exact text"}</a>
        <a href={`/api/agents/${encodeURIComponent(map.agentId)}/request`} download="">
          Download
        </a>
      </p>
      <p class="hint">{`${countWords(map)} The limit is ${visible(map.windowSource)}.`}</p>
      {map.openCallCount === 0 ? null : (
        <p class="reason">{`${count(map.openCallCount)} tool ${map.openCallCount === 1 ? "call of its last answer is" : "calls of its last answer are"} still under way: their results join this request before it is sent.`}</p>
      )}
      {canCount && map.isNext && map.openCallCount === 0 && map.countedBy === "estimate" ? (
        <CountLever map={map} />
      ) : null}
      <LastCall map={map} />
    </>
  );
}

function CountLever({ map }: { readonly map: ContextMap }) {
  return (
    <PostForm action={`/actions/agents/${encodeURIComponent(map.agentId)}/count`}>
      <button type="submit" class="small">
        Count at the endpoint
      </button>{" "}
      <span class="hint">Asks it for the whole, the system and the tools; costs nothing and sends no message.</span>
    </PostForm>
  );
}

function countWords({ countedBy, isNext, correction }: ContextMap): string {
  const what = isNext ? "The next request" : "The last request that it sent";
  if (countedBy === "count")
    return `${what}, as the endpoint counted it; parts marked ~ are shares of that by estimate.`;
  if (countedBy === "usage") return `${what}, as the endpoint reported it; its parts are shares of that by estimate.`;
  const corrected = correction === 1 ? "" : `, times ${correction.toFixed(3)} by the model's earlier requests`;
  return `${what}, estimated from its text${corrected}.`;
}

function LastCall({ map: { lastCall, estimateError } }: { readonly map: ContextMap }) {
  if (!lastCall) return <p class="quiet">The endpoint has not reported on a call of it yet.</p>;
  const { usage } = lastCall;
  return (
    <dl class="facts">
      <dt>Last call</dt>
      <dd>
        <a href={`/comms?call=${encodeURIComponent(lastCall.callId)}`}>{lastCall.callId}</a>
        {`: the endpoint read ${count(lastCall.reportedTokens)} tokens (input ${count(usage.inputTokens)}, cache read ${count(usage.cacheReadTokens)}, cache write ${count(usage.cacheWriteTokens)})`}
      </dd>
      <dt>Our estimate of it</dt>
      <dd>
        {`${count(lastCall.estimatedTokens)} tokens, off by `}
        <strong>{signedPercent(lastCall.errorPercent)}</strong>
        {estimateError
          ? `; over ${count(estimateError.requestCount)} of its calls the median error is ${estimateError.medianPercent.toFixed(1)} %, the 95th of 100 is ${estimateError.p95Percent.toFixed(1)} %`
          : ""}
      </dd>
      <dt>Cached part</dt>
      <dd>{`${count(usage.cacheReadTokens)} tokens of that call came from the cache (${percent(usage.cacheReadTokens / lastCall.reportedTokens)}), ${count(usage.cacheWriteTokens)} were written to it. Marks for the cache stand after the tools, after the system, and after the last two user messages (⚑ below).`}</dd>
    </dl>
  );
}

export function ContextParts({ map }: { readonly map: ContextMap }) {
  return (
    <table class="figures context-parts">
      <TableHead names={["Part", "Tokens", "Share", "Said by"]} />
      <tbody>
        {map.parts.map((part, index) => (
          <tr data-part={part.name}>
            <th scope="row">
              <span class={`swatch shade-${index % 5} ${map.fullness.replaceAll(" ", "-")}`} aria-hidden="true"></span>{" "}
              {part.name}
            </th>
            <td>{`${part.isEstimated ? "~" : ""}${count(part.tokens)}`}</td>
            <td>{percent(part.share)}</td>
            <td>{part.isEstimated ? "estimate" : "endpoint"}</td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row">All of it</th>
          <td>{`${map.countedBy === "estimate" ? "~" : ""}${count(map.usedTokens)}`}</td>
          <td>{map.usedTokens === 0 ? "–" : "100 %"}</td>
          <td>{map.countedBy === "estimate" ? "estimate" : "endpoint"}</td>
        </tr>
      </tfoot>
    </table>
  );
}

export function TrimPreview({ map }: { readonly map: ContextMap }) {
  const { trimmedNext } = map;
  const head = map.wouldTrim
    ? "Its messages are over the limit: this request goes without what follows."
    : trimmedNext.length === 0
      ? "Nothing of it may be trimmed: it holds what the agent must do, its newest turn, and what is pinned."
      : `All fits. Once its messages grow by about ${count(map.headroomTokens)} tokens, these go first:`;
  return (
    <>
      <p class={map.wouldTrim ? "reason" : ""}>{head}</p>
      <ol class="trim-list">
        {trimmedNext.slice(0, 12).map((item) => (
          <li>
            {visible(item.name)} <span class="quiet">{`${item.role} message, about ${count(item.tokens)} tokens`}</span>
          </li>
        ))}
      </ol>
      <p class="hint">
        Oldest tool results lose their bodies first, then the oldest exchanges go, at last the newest results' bodies.
        What the agent must do and what is pinned stay.
      </p>
    </>
  );
}

export function PieceList({ map }: { readonly map: ContextMap }) {
  if (map.pieces.length === 0) return <p class="quiet">It has no message yet.</p>;
  return (
    <table class="pieces">
      <TableHead names={["Piece", "Size", "In the request", "Levers"]} />
      <tbody>
        {map.pieces.map((piece) => (
          <tr id={`piece-${piece.key.replaceAll(".", "-")}`} class={`piece-${piece.kind}`} data-piece={piece.key}>
            <th scope="row">
              <a href={`/context?agent=${encodeURIComponent(map.agentId)}&piece=${encodeURIComponent(piece.key)}`}>
                {visible(piece.name)}
              </a>{" "}
              <small class="quiet">{piece.kind === "exchange" ? "" : `${piece.role} · ${piece.part}`}</small>
              {piece.isCacheMark ? <small title="Marked for the provider's cache"> ⚑ cached up to here</small> : null}
            </th>
            <td class="number">{`~${count(piece.tokens)}`}</td>
            <td>
              <Fate piece={piece} />
            </td>
            <td>{map.isOpen ? <Levers agentId={map.agentId} piece={piece} /> : null}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Fate({ piece }: { readonly piece: ContextPiece }) {
  if (piece.choice === "evicted")
    return <span class="fate">✕ evicted{piece.fate === "stub" ? ", a stub stays" : ""}</span>;
  const pin = piece.choice === "pinned" ? "◆ pinned" : piece.isAlwaysKept ? "◆ always kept" : null;
  if (piece.fate === "gone") return <span class="fate quiet">– not in it</span>;
  if (piece.fate === "stub") return <span class="fate quiet">– trimmed to a stub</span>;
  return <span class="fate">{pin ?? "✔ sent"}</span>;
}

const inverse = { pinned: "unpin", evicted: "restore" } as const;
const words = { pin: "Pin", unpin: "Unpin", evict: "Evict", restore: "Restore" } as const;

function Levers({ agentId, piece }: { readonly agentId: string; readonly piece: ContextPiece }) {
  const levers = piece.choice ? [inverse[piece.choice]] : possible(piece);
  if (levers.length === 0) return null;
  return (
    <PostForm action={`/actions/agents/${encodeURIComponent(agentId)}/context`} class="row piece-levers">
      <input type="hidden" name="piece" value={piece.key} />
      {levers.map((lever) => (
        <button
          type="submit"
          name="lever"
          value={lever}
          class="small"
          aria-label={`${words[lever]} ${visible(piece.name)}`}
        >
          {words[lever]}
        </button>
      ))}
    </PostForm>
  );
}

function possible({ isAlwaysKept, isEvictable }: ContextPiece): readonly ("pin" | "evict")[] {
  return [...(isAlwaysKept ? [] : ["pin" as const]), ...(isEvictable ? ["evict" as const] : [])];
}

/** One piece in full. */
export function PieceText({ map, piece }: { readonly map: ContextMap; readonly piece: ContextPiece }) {
  return (
    <>
      <p class="row">
        <a href={`/context?agent=${encodeURIComponent(map.agentId)}`}>{`Back to the context of ${map.agentId}`}</a>
        <strong>{visible(piece.name)}</strong>
        <Fate piece={piece} />
      </p>
      <pre class="block whole">{visible(piece.text)}</pre>
    </>
  );
}

/** The request as it goes over the wire. */
export function RequestText(props: { readonly map: ContextMap; readonly text: string }) {
  const { map, text } = props;
  return (
    <>
      <p class="row">
        <a href={`/context?agent=${encodeURIComponent(map.agentId)}`}>{`Back to the context of ${map.agentId}`}</a>
        <a href={`/api/agents/${encodeURIComponent(map.agentId)}/request`} download="">
          Download
        </a>
        <span class="quiet">{`${count(new TextEncoder().encode(text).length)} bytes · SHA-256 ${map.requestHash}`}</span>
      </p>
      <p class="hint">
        {map.isNext ? "The body of the next request" : "The body of the last request that it sent"}, byte for byte as it
        goes over the wire; keys and tokens of ours never enter it.
      </p>
      <pre class="block whole" id="request-text">
        {text}
      </pre>
    </>
  );
}
