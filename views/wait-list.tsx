/** @jsxImportSource hono/jsx */
/** What waits for you, in short: how many, since when, one sentence and one key each. The cards themselves are elsewhere. */
import { useContext } from "hono/jsx";
import type { Wait } from "../src/projections/view-waits.ts";
import { clock, visible } from "./format.ts";
import { Past } from "./past.ts";

interface WaitListProps {
  /** The oldest ones, oldest first. */
  readonly waits: readonly Wait[];
  readonly count: number;
  readonly isPaused: boolean;
}

export function WaitList({ waits, count, isPaused }: WaitListProps) {
  const [oldest] = waits;
  if (!oldest)
    return (
      <p class="quiet">
        {isPaused ? "Nothing waits for you. The engine is paused: nothing new starts." : "Nothing waits for you."}
      </p>
    );
  return (
    <>
      <p>
        <strong class="wait-count">{count === 1 ? "1 gate waits" : `${count} gates wait`}</strong>
        {count === 1 ? " since " : ", the oldest since "}
        <Since at={oldest.openedAt} />
      </p>
      <ol class="waits-list">
        {waits.map((wait, index) => (
          <li>
            <a href={`#${wait.elementId}`} data-wait-key={index + 1} aria-keyshortcuts={String(index + 1)}>
              <span class="kbd" aria-hidden="true">
                {index + 1}
              </span>
              <span class="one-line">{visible(wait.sentence)}</span>
            </a>
            <Since at={wait.openedAt} />
          </li>
        ))}
      </ol>
      {count > waits.length ? (
        <p class="quiet">
          {`${count - waits.length} more below, and in `}
          <a href="/gates">Gates</a>.
        </p>
      ) : null}
    </>
  );
}

/** A time; a script adds how long ago that is, but not how long before a moment of the past it was. */
export function Since({ at }: { readonly at: string }) {
  return (
    <time class={useContext(Past) ? "quiet" : "ago"} datetime={at}>
      {clock(at)}
    </time>
  );
}
