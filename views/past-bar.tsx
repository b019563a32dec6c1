/** @jsxImportSource hono/jsx */
/** Which moment of the past a page shows, what happened there, and the ways to others and back. */
import { clock, visible } from "./format.ts";
import type { PastMoment } from "./past.ts";

export interface PastPlace extends PastMoment {
  /** What happened at the position, in one sentence. */
  readonly words: string;
  readonly last: number;
  /** The same page now, at another position, and on the time line. */
  readonly nowHref: string;
  readonly atHref: (position: number) => string;
  readonly lineHref: string;
  readonly hasStreams: boolean;
}

export function PastBar({ place }: { readonly place: PastPlace }) {
  const { position, at, words, last, atHref } = place;
  return (
    <div class="past-bar" role="note" aria-label="The past">
      <p class="row">
        <strong>{`As of position ${position}`}</strong>
        <time datetime={at}>{clock(at)}</time>
        <span class="one-line past-words">{visible(words)}</span>
      </p>
      <p class="row">
        <a href={place.nowHref} data-now="">
          Back to now
        </a>
        {position > 1 ? <a href={atHref(position - 1)}>Event before</a> : <span class="quiet">Event before</span>}
        {position < last ? <a href={atHref(position + 1)}>Next event</a> : <span class="quiet">Next event</span>}
        <a href={place.lineHref}>Time line</a>
      </p>
      {place.hasStreams ? <StreamWords /> : null}
    </div>
  );
}

/** What a stream's text of the past is made of. */
export function StreamWords() {
  return (
    <p class="hint">
      A stream shows what had been answered by then: of a call that was still under way, the log has nothing yet.
    </p>
  );
}
