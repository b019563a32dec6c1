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
            <svg aria-hidden="true">
              <Span kind={kind} x={0} width={100} />
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
      <svg role="img" aria-label={visible(words)}>
        <title>{visible(words)}</title>
        {view.marks.map(({ x }) => (
          <line class="clock-mark" x1={`${x}%`} x2={`${x}%`} y1="0" y2="100%" />
        ))}
        <rect class="clock-life" x={`${row.x}%`} width={`${row.width}%`} y="7" height="2" />
        {row.spans.map((span) => (
          <Span kind={span.kind} x={span.x} width={span.width} />
        ))}
        {view.nowX === null ? null : (
          <line class="clock-now" x1={`${view.nowX}%`} x2={`${view.nowX}%`} y1="0" y2="100%" />
        )}
      </svg>
    </li>
  );
}

/** Told apart by height and place as well as by colour: an answer is tall, tools are a strip, a wait is hollow. */
const shapes = { call: [2, 12], tool: [5, 6], gate: [2, 12], wait: [5, 6] } as const;

function Span(props: { readonly kind: keyof typeof shapes; readonly x: number; readonly width: number }) {
  const { kind, x, width } = props;
  const [y, height] = shapes[kind];
  return <rect class={`clock-${kind}`} x={`${x}%`} width={`${width}%`} y={y} height={height} />;
}

function wordsOf({ fromMs, toMs, sums }: ClockRow): string {
  const at = (ms: number) => clock(new Date(ms).toISOString());
  const life = `${at(fromMs)} to ${toMs === null ? "now" : at(toMs)}`;
  const parts = kinds.flatMap(({ kind, words }) => (sums[kind] === 0 ? [] : [`${words} ${duration(sums[kind])}`]));
  return [life, ...parts].join(", ");
}
