/** @jsxImportSource hono/jsx */
/** All streams on one clock: a bar for the life of each, and on it what it did when. The same stands in words. */
import type { ClockRow, StreamClock } from "../src/projections/view-clock.ts";
import { clock, duration, visible } from "./format.ts";

const kinds = [
  { kind: "call", words: "model answers" },
  { kind: "tool", words: "tools run" },
  { kind: "gate", words: "waits for you" },
  { kind: "wait", words: "waits for its next try" },
] as const;

export function ClockView({ view }: { readonly view: StreamClock | null }) {
  if (view === null) return <p class="quiet">No agent has begun: what runs beside what will be seen here.</p>;
  return (
    <>
      <ol class="clock">
        <li class="clock-axis" aria-hidden="true">
          <span></span>
          <svg aria-hidden="true">
            {view.marks.map(({ x, atMs }) => (
              <text x={`${x}%`} y="11">
                {clock(new Date(atMs).toISOString())}
              </text>
            ))}
          </svg>
        </li>
        {view.rows.map((row) => (
          <RowView row={row} view={view} />
        ))}
      </ol>
      <p class="hint clock-legend">
        {kinds.map(({ kind, words }) => (
          <span>
            <svg viewBox="0 0 100 16" preserveAspectRatio="none" aria-hidden="true">
              <Spans kind={kind} spans={[{ kind, x: 0, width: 100 }]} />
            </svg>{" "}
            {words}
          </span>
        ))}
        {view.hiddenCount === 0 ? null : <span>{`${view.hiddenCount} earlier agents are not on this clock.`}</span>}
      </p>
    </>
  );
}

function RowView({ row, view }: { readonly row: ClockRow; readonly view: StreamClock }) {
  const words = `${row.streamId}: ${wordsOf(row)}`;
  return (
    <li>
      <a href={`#${row.elementId}`} class="one-line">
        <span class={`tier tier-${row.tier}`}>{row.tier}</span> {visible(row.label)}
      </a>
      <svg viewBox="0 0 100 16" preserveAspectRatio="none" role="img" aria-label={visible(words)}>
        <title>{visible(words)}</title>
        <path class="clock-mark" d={view.marks.map(({ x }) => `M${x} 0V16`).join("")} />
        <rect class="clock-life" x={row.x} width={row.width} y="7" height="2" />
        {kinds.map(({ kind }) => (
          <Spans kind={kind} spans={row.spans} />
        ))}
        {view.nowX === null ? null : <path class="clock-now" d={`M${view.nowX} 0V16`} />}
      </svg>
    </li>
  );
}

/** Told apart by height and place as well as by colour: an answer is tall, tools are a strip, a wait is hollow. */
const shapes = { call: [2, 12], tool: [5, 6], gate: [2, 12], wait: [5, 6] } as const;

/** All of one kind are one path: a long life is drawn anew as cheaply as a short one. */
function Spans(props: { readonly kind: keyof typeof shapes; readonly spans: ClockRow["spans"] }) {
  const own = props.spans.filter(({ kind }) => kind === props.kind);
  if (own.length === 0) return null;
  const [y, height] = shapes[props.kind];
  const boxes = own.map(({ x, width }) => `M${x} ${y}h${width}v${height}h-${width}z`);
  return <path class={`clock-${props.kind}`} d={boxes.join("")} />;
}

function wordsOf({ fromMs, toMs, sums }: ClockRow): string {
  const at = (ms: number) => clock(new Date(ms).toISOString());
  const life = `${at(fromMs)} to ${toMs === null ? "now" : at(toMs)}`;
  const parts = kinds.flatMap(({ kind, words }) => (sums[kind] === 0 ? [] : [`${words} ${duration(sums[kind])}`]));
  return [life, ...parts].join(", ");
}
