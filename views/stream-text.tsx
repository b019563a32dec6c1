/** @jsxImportSource hono/jsx */
/** A stretch of what a stream has said, with the ways back and on. */
import type { StreamText } from "../src/projections/view-stream-text.ts";
import { count, visible } from "./format.ts";

export function StreamTextView({ streamId, text }: { readonly streamId: string; readonly text: StreamText }) {
  const to = (before: number | null) =>
    `/streams/text?stream=${encodeURIComponent(streamId)}${before === null ? "" : `&before=${before}`}`;
  return (
    <>
      <nav class="row" aria-label="Parts of the text">
        {text.earlier === null ? <span class="quiet">Earlier text</span> : <a href={to(text.earlier)}>Earlier text</a>}
        <span class="quiet">{`characters ${count(text.from)} to ${count(text.to)} of ${count(text.endOffset)}`}</span>
        {text.later === null ? <span class="quiet">Later text</span> : <a href={to(text.later)}>Later text</a>}
        {text.later === null ? null : <a href={to(null)}>To its end</a>}
        {text.ticketId === null ? null : (
          <a href={`/tickets/${encodeURIComponent(text.ticketId)}#transcript`}>Its turns from the log</a>
        )}
      </nav>
      {text.earlier === null && text.from > 0 ? (
        <p class="quiet">What it said before is no longer kept as streamed; its turns are in the log.</p>
      ) : null}
      <pre class="block stream-whole">{visible(text.text) || "(no text yet)"}</pre>
    </>
  );
}
