/** @jsxImportSource hono/jsx */
/** What is true everywhere, in the bar: what waits for you, what the agents do, whether the engine runs, what it has cost. */
import { useContext } from "hono/jsx";
import type { ActivityCount } from "../src/projections/activity-count.ts";
import { usd } from "./format.ts";
import { Past } from "./past.ts";
import { PostForm } from "./post-form.tsx";

export interface StatusView {
  readonly openGateCount: number;
  readonly isPaused: boolean;
  /** What the agents do. */
  readonly activity: readonly ActivityCount[];
  readonly costUsd: number;
  readonly isUnpriced: boolean;
}

export function StatusBar({ status }: { readonly status: StatusView }) {
  // What waited then is told to nobody: not in the title, not by a notification.
  const isPast = useContext(Past) !== null;
  return (
    <div id="status" class="status-bar">
      <a
        class={status.openGateCount > 0 ? "waits has-gates" : "waits"}
        href="/gates"
        data-open-gates={isPast ? undefined : status.openGateCount}
      >
        {status.openGateCount === 0 ? "nothing waits" : `${status.openGateCount} waiting`}
        {status.openGateCount === 0 ? null : <span class="hidden"> for you</span>}
      </a>
      <Working status={status} />
      <Cost status={status} />
      <PostForm id="pause-form" action="/actions/engine" instead="signalbox pause">
        <input type="hidden" name="isPaused" value={status.isPaused ? "false" : "true"} />
        <button type="submit" class={status.isPaused ? "small is-paused" : "small"}>
          {status.isPaused ? "Unpause" : "Pause"}
        </button>
      </PostForm>
    </div>
  );
}

/** The one count that matters most; the rest is told when the pointer rests on it. */
function Working({ status: { activity, isPaused } }: { readonly status: StatusView }) {
  const countOf = (...kinds: readonly string[]) =>
    activity.reduce((sum, { kind, count }) => (kinds.includes(kind) ? sum + count : sum), 0);
  const stalledCount = countOf("stalled");
  const title = activity.map(({ count, words }) => `${count} ${words}`).join(", ") || "No agent is at work.";
  const isOdd = isPaused || stalledCount > 0;
  return (
    <a class={isOdd ? "working is-odd" : "working quiet"} href="/streams" title={title}>
      {isPaused ? "paused" : stalledCount > 0 ? `${stalledCount} stalled` : `${countOf("thinking", "tool")} working`}
    </a>
  );
}

/** A sum with calls of unknown price in it is a least, and says so. */
function Cost({ status: { costUsd, isUnpriced } }: { readonly status: StatusView }) {
  if (!isUnpriced)
    return (
      <a class="cost quiet" href="/usage">
        {usd(costUsd)}
      </a>
    );
  return (
    <a class="cost quiet" href="/usage" title="The calls that have a price; some have none.">
      {`≥ ${usd(costUsd)}`}
      <span class="hidden"> and unpriced calls</span>
    </a>
  );
}
