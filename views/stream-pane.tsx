/** @jsxImportSource hono/jsx */
/** Stream panes in lanes. The text of a pane is kept out of morphs: it grows by offset, and is replaced when behind. */
import { useContext } from "hono/jsx";
import type { AgentActivity } from "../src/projections/agent-activity.ts";
import type { Lane, StreamPane } from "../src/projections/view-streams.ts";
import { ElapsedTime } from "./elapsed-time.tsx";
import { clock, duration, visible } from "./format.ts";
import { Past } from "./past.ts";
import { StatusMark } from "./status-mark.tsx";

export function LanesView({ lanes, size }: { readonly lanes: readonly Lane[]; readonly size: "small" | "large" }) {
  return (
    <div class={`lanes lanes-${size}`}>
      {lanes.map((lane) => (
        <section id={`lane-${lane.tier}`} class="lane" aria-label={`Tier ${lane.tier}: ${lane.title}`}>
          <div class="lane-head">
            <h3>
              <span class={`tier tier-${lane.tier}`}>{lane.tier}</span> {lane.title}
            </h3>
            {lane.panes.length === 0 ? null : <FollowSwitch lane={lane} />}
          </div>
          {lane.panes.length === 0 ? <p class="quiet">No agent yet.</p> : null}
          {lane.panes.map((pane) => (
            <PaneView pane={pane} />
          ))}
          {lane.hiddenCount > 0 ? <p class="quiet">{`${lane.hiddenCount} older ones are not shown here.`}</p> : null}
        </section>
      ))}
    </div>
  );
}

/** Whether a lane's text runs on: its script alone changes it, so live updates leave it alone. */
function FollowSwitch({ lane }: { readonly lane: Lane }) {
  if (useContext(Past)) return null;
  return (
    <button
      type="button"
      id={`follow-${lane.tier}`}
      class="small follow"
      data-lane={lane.tier}
      aria-pressed="true"
      aria-label={`Follow tier ${lane.tier}`}
      hx-morph-skip="true"
    >
      Follow
    </button>
  );
}

function PaneView({ pane }: { readonly pane: StreamPane }) {
  const isLive = useContext(Past) === null;
  return (
    <article
      id={pane.elementId}
      class={`pane pane-${pane.status}`}
      data-stream={pane.streamId}
      data-activity={pane.activity.kind}
      aria-label={pane.streamId}
    >
      <header>
        <strong>
          <PaneTitle pane={pane} />
        </strong>
        {pane.subject === "" ? null : <span class="pane-subject">{visible(pane.subject)}</span>}
        <ActivityLine activity={pane.activity} />
        <span class="quiet">
          {visible(pane.model)} {clock(pane.startedAt)}
          <Lifetime pane={pane} />
        </span>
      </header>
      <pre
        id={`${pane.elementId}-text`}
        class="stream-text"
        tabindex={0}
        data-end={pane.text === "" ? "" : pane.endOffset}
        hx-morph-skip={isLive ? "true" : undefined}
      >
        {visible(pane.text)}
      </pre>
      <footer>
        <a href={`/streams/text?stream=${encodeURIComponent(pane.streamId)}`}>Earlier text</a>
        {isLive ? (
          <button type="button" id={`${pane.elementId}-new`} class="small resume" hidden hx-morph-skip="true"></button>
        ) : null}
      </footer>
    </article>
  );
}

/** On the one clock of all lanes: until when and for how long it lived, or for how long it has lived by now. */
function Lifetime({ pane: { startedAt, endedAt } }: { readonly pane: StreamPane }) {
  if (endedAt !== null) {
    const ms = Math.max(0, Date.parse(endedAt) - Date.parse(startedAt));
    return <>{`–${clock(endedAt)} · ${duration(ms)}`}</>;
  }
  return (
    <>
      {" · "}
      <ElapsedTime since={startedAt} />
    </>
  );
}

/** What an agent does now, in one sentence; a script counts the seconds of what is going on. */
export function ActivityLine({ activity }: { readonly activity: AgentActivity }) {
  const { kind, sentence, since } = activity;
  return (
    <span class="activity">
      <StatusMark status={kind} words={visible(sentence)} />
      {since === null || kind === "done" || kind === "dead" ? null : <ElapsedTime since={since} isQuiet />}
    </span>
  );
}

function PaneTitle({ pane }: { readonly pane: StreamPane }) {
  const words = visible(pane.streamId);
  if (pane.ticketId !== null) return <a href={`/tickets/${encodeURIComponent(pane.ticketId)}`}>{words}</a>;
  if (pane.trackId !== null) return <a href={`/tracks/${encodeURIComponent(pane.trackId)}`}>{words}</a>;
  return <>{words}</>;
}
