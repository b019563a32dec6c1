/**
 * The streams of all lanes on one axis of time, so that one sees what ran beside what. The axis is from a short list of
 * lengths and begins at a full mark: it moves when a length is used up, not with every second.
 */
import type { StreamSpan } from "../domain/live-stream.ts";
import type { Lane, StreamPane } from "./view-streams.ts";

/** Where something lies on the axis, in per cent of its length. */
interface Stretch {
  readonly x: number;
  readonly width: number;
}

export interface ClockSpan extends Stretch {
  readonly kind: StreamSpan["kind"];
}

export interface ClockRow extends Stretch {
  readonly streamId: string;
  readonly elementId: string;
  readonly tier: StreamPane["tier"];
  /** What it works on: a ticket, a track or an epic. */
  readonly label: string;
  readonly fromMs: number;
  /** Null while it lives. */
  readonly toMs: number | null;
  readonly spans: readonly ClockSpan[];
  /** How long it did what, in milliseconds, as far back as its spans are kept. */
  readonly sums: Readonly<Record<StreamSpan["kind"], number>>;
}

export interface StreamClock {
  readonly rows: readonly ClockRow[];
  readonly marks: readonly { readonly x: number; readonly atMs: number }[];
  /** Where the present is; null where nothing lives. */
  readonly nowX: number | null;
  /** Streams that are not on it: of an earlier stretch of work, or too many. */
  readonly hiddenCount: number;
  /** When something that lives will have grown by as much as can be seen (milliseconds since 1970); null when never. */
  readonly changesAtMs: number | null;
}

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
/** Lengths of the axis, each with the distance of its marks. */
const scales: readonly (readonly [lengthMs: number, markMs: number])[] = [
  [minute, 10 * second],
  [2 * minute, 30 * second],
  [5 * minute, minute],
  [10 * minute, 2 * minute],
  [20 * minute, 5 * minute],
  [40 * minute, 10 * minute],
  [hour, 10 * minute],
  [2 * hour, 30 * minute],
  [4 * hour, hour],
  [8 * hour, 2 * hour],
  [16 * hour, 4 * hour],
];
const longest = 16 * hour - 4 * hour;
/** A pause after which what came before is another stretch of work. */
const pauseMs = 20 * minute;
const rowLimit = 20;

/** The clock of these lanes at a time (milliseconds since 1970); null where there is no stream. */
export function streamClock(lanes: readonly Lane[], nowMs: number): StreamClock | null {
  const panes = lanes.flatMap((lane) => lane.panes);
  const stepMs = stepOf(panes, nowMs);
  const drawnMs = Math.floor(nowMs / stepMs) * stepMs;
  const lives = panes
    .map((pane) => lifeOf(pane, drawnMs))
    .filter(({ untilMs }) => Number.isFinite(untilMs))
    .sort((a, b) => b.untilMs - a.untilMs || b.fromMs - a.fromMs);
  const shown = lastStretch(lives).slice(0, rowLimit);
  const [latest] = shown;
  if (!latest) return null;
  const isLive = shown.some(({ pane }) => pane.endedAt === null);
  const fromMs = Math.max(Math.min(...shown.map((life) => life.fromMs)), latest.untilMs - longest);
  const axis = axisOf(fromMs, latest.untilMs);
  const hiddenCount = panes.length - shown.length + lanes.reduce((sum, lane) => sum + lane.hiddenCount, 0);
  return {
    rows: shown.sort((a, b) => a.pane.tier - b.pane.tier || a.fromMs - b.fromMs).map((life) => rowOf(life, axis)),
    marks: marksOf(axis),
    nowX: isLive ? placeOf(axis, latest.untilMs) : null,
    hiddenCount,
    changesAtMs: isLive ? drawnMs + stepMs : null,
  };
}

/** What lives grows by as much as can be seen, and not with every event: the drawing is the same in between. */
function stepOf(panes: readonly StreamPane[], nowMs: number): number {
  const earliest = Math.min(...panes.filter((pane) => pane.endedAt === null).map((pane) => Date.parse(pane.startedAt)));
  const lived = Number.isFinite(earliest) ? Math.min(longest, nowMs - earliest) : 0;
  return Math.max(2 * second, Math.ceil(lived / 400 / second) * second);
}

interface Life {
  readonly pane: StreamPane;
  readonly fromMs: number;
  /** Its end, or the present. */
  readonly untilMs: number;
}

function lifeOf(pane: StreamPane, nowMs: number): Life {
  const fromMs = Date.parse(pane.startedAt);
  return { pane, fromMs, untilMs: Math.max(fromMs, pane.endedAt === null ? nowMs : Date.parse(pane.endedAt)) };
}

/** From the latest end back to the first pause; the lives come latest end first. */
function lastStretch(lives: readonly Life[]): Life[] {
  let earliest = lives[0]?.fromMs ?? 0;
  const stretch: Life[] = [];
  for (const life of lives) {
    if (life.untilMs < earliest - pauseMs) break;
    earliest = Math.min(earliest, life.fromMs);
    stretch.push(life);
  }
  return stretch;
}

interface Axis {
  readonly startMs: number;
  readonly lengthMs: number;
  readonly markMs: number;
}

function axisOf(fromMs: number, untilMs: number): Axis {
  for (const [lengthMs, markMs] of scales) {
    const startMs = Math.floor(fromMs / markMs) * markMs;
    if (startMs + lengthMs >= untilMs) return { startMs, lengthMs, markMs };
  }
  const markMs = 4 * hour;
  const startMs = Math.floor(fromMs / markMs) * markMs;
  return { startMs, lengthMs: Math.ceil((untilMs - startMs) / markMs) * markMs, markMs };
}

function marksOf({ startMs, lengthMs, markMs }: Axis): StreamClock["marks"] {
  const count = Math.round(lengthMs / markMs);
  return Array.from({ length: count }, (_none, index) => ({
    x: tenths((index / count) * 100),
    atMs: startMs + index * markMs,
  }));
}

function rowOf({ pane, fromMs, untilMs }: Life, axis: Axis): ClockRow {
  const { streamId, elementId, tier, endedAt } = pane;
  // What has begun since the present that is drawn comes with the next drawing.
  const begun = pane.spans.filter((span) => span.fromMs < untilMs);
  const spans = begun.map((span) => ({ ...span, untilMs: Math.min(span.toMs ?? untilMs, untilMs) }));
  const sums = { call: 0, tool: 0, gate: 0, wait: 0 };
  for (const span of spans) sums[span.kind] += Math.max(0, span.untilMs - span.fromMs);
  return {
    ...{ streamId, elementId, tier, fromMs, toMs: endedAt === null ? null : untilMs, sums },
    label: streamId.slice(streamId.indexOf(": ") + 2),
    ...stretchOf(axis, fromMs, untilMs),
    spans: drawn(
      spans
        .filter((span) => span.untilMs > axis.startMs)
        .map((span) => ({ kind: span.kind, ...stretchOf(axis, span.fromMs, span.untilMs) })),
    ),
  };
}

/** Of one kind, so close that no eye can part them: drawn as one. */
const closest = 0.4;

function drawn(spans: readonly ClockSpan[]): readonly ClockSpan[] {
  const shown: ClockSpan[] = [];
  for (const span of spans) {
    const last = shown.at(-1);
    if (last?.kind === span.kind && span.x - (last.x + last.width) < closest && span.width < 1)
      shown[shown.length - 1] = { ...last, width: tenths(Math.max(last.width, span.x + span.width - last.x)) };
    else shown.push(span);
  }
  return shown;
}

/** Never narrower than can be seen. */
function stretchOf(axis: Axis, fromMs: number, untilMs: number): Stretch {
  const x = placeOf(axis, fromMs);
  return { x, width: Math.max(0.2, tenths(placeOf(axis, untilMs) - x)) };
}

function placeOf({ startMs, lengthMs }: Axis, atMs: number): number {
  return tenths(Math.min(100, Math.max(0, ((atMs - startMs) / lengthMs) * 100)));
}

function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}
