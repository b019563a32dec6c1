/** @jsxImportSource hono/jsx */
/** Tracks with their progress, and the head of one track's page. */
import { useContext } from "hono/jsx";
import type { TrackOutlook } from "../src/projections/view-track-head.ts";
import type { TrackDetail, TrackRow } from "../src/projections/view-tracks.ts";
import { spaced, usd, visible } from "./format.ts";
import { Past } from "./past.ts";
import { PostForm } from "./post-form.tsx";
import { StatusMark, statusMark } from "./status-mark.tsx";

interface TrackListProps {
  readonly tracks: readonly TrackRow[];
  /** How many more there are; none at or below 0. */
  readonly hiddenCount: number;
}

export function TrackList({ tracks, hiddenCount }: TrackListProps) {
  if (tracks.length === 0) return <p class="quiet">No track yet.</p>;
  return (
    <>
      <div class="tracks">
        {tracks.map((track) => (
          <TrackCard track={track} />
        ))}
      </div>
      {hiddenCount > 0 ? (
        <p class="quiet">{`${hiddenCount} more that have ended or not begun; the palette (Ctrl K) finds them.`}</p>
      ) : null}
    </>
  );
}

function TrackCard({ track }: { readonly track: TrackRow }) {
  return (
    <article
      id={track.elementId}
      class={`track edge-${track.status}`}
      data-track={track.trackId}
      aria-label={visible(track.title)}
    >
      <p class="track-line">
        <StatusMark status={track.status} />
        <a class="one-line" href={`/tracks/${encodeURIComponent(track.trackId)}`}>
          <strong>{visible(track.title)}</strong>
        </a>
        <span class="figure quiet">{usd(track.costUsd)}</span>
      </p>
      <div class="track-line">
        <Progress track={track} />
        <span class="figure">{`${track.doneCount} of ${track.ticketCount}`}</span>
        {track.isStartable ? <StartButton trackId={track.trackId} /> : null}
      </div>
      {track.counts.length === 0 ? null : (
        <p class="track-counts quiet">
          {track.counts.map((each) => (
            <span>
              <span aria-hidden="true">{statusMark(each.status)}</span> {`${each.count} ${spaced(each.status)}`}
            </span>
          ))}
        </p>
      )}
      {track.rest === null ? null : <p class="reason">{visible(track.rest)}</p>}
    </article>
  );
}

interface HeadProps {
  readonly track: TrackDetail;
  readonly outlook: TrackOutlook;
}

export function TrackHead({ track, outlook }: HeadProps) {
  return (
    <div class="track-head">
      <p class="row">
        <StatusMark status={track.status} />{" "}
        <span class="quiet">{`${track.doneCount} of ${track.ticketCount} tickets`}</span>
        <span class="quiet">{usd(track.costUsd)}</span> <span class="quiet">{track.kind}</span>
        <span class="quiet">{visible(track.landing)}</span>
        {track.branch === null ? null : <code class="quiet">{visible(track.branch)}</code>}
        <LineLink trackId={track.trackId} />
        {track.isStartable ? <StartButton trackId={track.trackId} /> : null}
      </p>
      <Progress track={track} />
      {track.rest === null ? null : <p class="reason">{visible(track.rest)}</p>}
      <Outlook outlook={outlook} />
      <p class="said">{visible(track.goal)}</p>
      {track.acceptanceCriteria.length === 0 ? null : (
        <>
          <h3>Acceptance criteria</h3>
          <ul class="tight">
            {track.acceptanceCriteria.map((criterion) => (
              <li>{visible(criterion)}</li>
            ))}
          </ul>
        </>
      )}
      {track.dependsOn.length === 0 ? null : (
        <p class="quiet">{`Needs the tracks ${visible(track.dependsOn.join(", "))}.`}</p>
      )}
    </div>
  );
}

/** The way to the track's past; on a page of the past its own bar has one. */
function LineLink({ trackId }: { readonly trackId: string }) {
  if (useContext(Past)) return null;
  const subject = `track:${trackId}`;
  return <a href={`/timeline?${new URLSearchParams({ view: subject, scope: subject })}`}>Time line</a>;
}

function Outlook({ outlook: { limits, next, phases } }: { readonly outlook: TrackOutlook }) {
  return (
    <>
      <p class="row quiet">
        {limits.length === 0 ? <span>No limit on its spend.</span> : null}
        {limits.map(({ name, usedUsd, heldUsd, maxUsd }) => (
          <span class="figure">
            {`${usd(usedUsd)} of ${usd(maxUsd)} for ${name}${heldUsd > 0 ? `, ${usd(heldUsd)} more held for calls` : ""}`}
          </span>
        ))}
      </p>
      {next.length === 0 ? null : (
        <p class="row">
          <span class="quiet">Next:</span>
          {next.map(({ ticketId, title }) => (
            <a href={`/tickets/${encodeURIComponent(ticketId)}`}>
              <code>{ticketId}</code> {visible(title)}
            </a>
          ))}
        </p>
      )}
      <ul class="phases">
        {phases.map((phase) => (
          <li>
            {visible(phase.name)} <span class="quiet">{`${phase.doneCount} of ${phase.ticketCount}`}</span>{" "}
            {phase.checkpoint === null ? null : <code>{`checkpoint ${phase.checkpoint.slice(0, 7)}`}</code>}
            {phase.gateId === null ? null : <a href="/gates">{`waits for you to try it (gate ${phase.gateId})`}</a>}
          </li>
        ))}
      </ul>
    </>
  );
}

function StartButton({ trackId }: { readonly trackId: string }) {
  const action = `/actions/tracks/${encodeURIComponent(trackId)}/start`;
  return (
    <PostForm action={action}>
      <button type="submit" class="small">
        Start track
      </button>
    </PostForm>
  );
}

function Progress({ track }: { readonly track: TrackRow }) {
  return (
    <progress
      max={Math.max(1, track.ticketCount)}
      value={track.doneCount}
      aria-label={`${track.doneCount} of ${track.ticketCount} tickets are done`}
    ></progress>
  );
}
