/** @jsxImportSource hono/jsx */
/** What a change of the plan would do, or has done: tickets by what happens to them, each with the reason in a sentence. */
import type { PreviewView } from "../src/projections/view-plan.ts";
import { visible } from "./format.ts";

const labels = {
  rerun: { mark: "↻", words: "Re-run" },
  invalidated: { mark: "✕", words: "Invalidated" },
  ended: { mark: "■", words: "Ended" },
  starts: { mark: "▸", words: "Starts now" },
  waits: { mark: "◔", words: "Waits" },
  untouched: { mark: "=", words: "Goes on untouched" },
} as const;

interface PreviewProps {
  readonly preview: PreviewView;
  readonly heading: string;
  /** Whether the change is still to be made: its hash then goes with the form. */
  readonly isAsked?: boolean;
}

/** The consequences of a change, in the form that asks for them or in its place. */
export function PreviewDetail({ preview, heading, isAsked }: PreviewProps) {
  const { groups, otherCount, notes, hash } = preview;
  return (
    <div class="preview" data-preview={isAsked ? hash : undefined}>
      {isAsked ? <input type="hidden" name="previewHash" value={hash} /> : null}
      <h3>{heading}</h3>
      {groups.length === 0 ? <p>No ticket starts, ends or waits otherwise than now.</p> : null}
      <dl>
        {groups.map(({ kind, tickets, count }) => (
          <div class={`effect effect-${kind}`}>
            <dt>
              <span aria-hidden="true">{labels[kind].mark}</span> {labels[kind].words}{" "}
              <span class="quiet">{count}</span>
            </dt>
            {tickets.map((one) => (
              <dd data-consequence={one.ticketId} data-kind={kind}>
                <code>{one.ticketId}</code> {visible(one.title)}
                {one.isNew ? <span class="quiet"> (new)</span> : null}
                <span class="effect-reason">{visible(one.reason)}</span>
              </dd>
            ))}
            {count > tickets.length ? <dd class="quiet">{`and ${count - tickets.length} more`}</dd> : null}
          </div>
        ))}
      </dl>
      {notes.map((note) => (
        <p>{visible(note)}</p>
      ))}
      <p class="quiet">{otherWords(otherCount, groups.length > 0)}</p>
    </div>
  );
}

function otherWords(count: number, hasOthers: boolean): string {
  if (count === 0) return hasOthers ? "The track has no other ticket." : "";
  return `Nothing happens to ${hasOthers ? "the other " : ""}${count === 1 ? "1 ticket" : `${count} tickets`} of the track.`;
}
