/** Streams on one axis of time: what ran beside what, calm, bounded, and in words. */
import { describe, expect, test } from "bun:test";
import type { LiveStream, StreamSpan } from "../../src/domain/live-stream.ts";
import { emptyState } from "../../src/domain/state.ts";
import { streamId } from "../../src/domain/stream-id.ts";
import { type StreamClock, streamClock } from "../../src/projections/view-clock.ts";
import { streamLanes } from "../../src/projections/view-streams.ts";

const noon = Date.parse("2026-01-02T12:00:00.000Z");
const seconds = (count: number) => noon + count * 1_000;

interface Life {
  readonly fromS: number;
  readonly toS?: number;
  readonly spans?: readonly StreamSpan[];
}

function clockOf(lives: Readonly<Record<string, Life>>, nowS: number): StreamClock | null {
  const sources = Object.entries(lives).map(([ticketId, { fromS, toS, spans }]): LiveStream => {
    const endedAt = toS === undefined ? null : new Date(seconds(toS)).toISOString();
    return {
      ...{ streamId: streamId("worker", ticketId), role: "worker", agentId: ticketId, epicId: null, trackId: null },
      ...{ ticketId, status: endedAt === null ? "running" : "done", reason: null, text: "", endOffset: 0, endedAt },
      ...{ startedAt: new Date(seconds(fromS)).toISOString(), spans: spans ?? [] },
    };
  });
  const options = { nowMs: seconds(nowS), paneLimit: 16, hasText: false };
  return streamClock(streamLanes(emptyState(), sources, options), seconds(nowS));
}

const places = (clock: StreamClock | null) => clock?.rows.map(({ label, x, width }) => [label, x, width]);

describe("the clock of all lanes", () => {
  test("places every stream by its start and end, and what lives up to now", () => {
    const clock = clockOf({ "T-1": { fromS: 6, toS: 36 }, "T-2": { fromS: 30 } }, 54);
    expect(places(clock)).toEqual([
      ["T-1", 10, 50],
      ["T-2", 50, 40],
    ]);
    expect(clock?.nowX).toBe(90);
    expect(clock?.marks.map(({ x }) => Math.round(x))).toEqual([0, 17, 33, 50, 67, 83]);
  });

  test("stands still while time passes, until its length is used up; without a living stream for ever", () => {
    const at = (nowS: number) => clockOf({ "T-1": { fromS: 6, toS: 36 }, "T-2": { fromS: 30 } }, nowS)?.rows[0];
    expect(at(40)).toEqual(at(59));
    expect(at(62)?.width).toBe(25);
    const ended = (nowS: number) => clockOf({ "T-1": { fromS: 6, toS: 36 } }, nowS);
    expect(ended(40)).toEqual(ended(9_999));
    expect(ended(40)).toMatchObject({ nowX: null, changesAtMs: null });
  });

  test("shows what a stream did when, in one piece where no eye can part it, and sums it up", () => {
    const spans: readonly StreamSpan[] = [
      { kind: "call", fromMs: seconds(6), toMs: seconds(12) },
      { kind: "call", fromMs: seconds(12.1), toMs: seconds(12.5) },
      { kind: "gate", fromMs: seconds(12.5), toMs: null },
    ];
    const row = clockOf({ "T-1": { fromS: 0, spans } }, 30)?.rows[0];
    expect(row?.spans).toEqual([
      { kind: "call", x: 10, width: 10.8 },
      { kind: "gate", x: 20.8, width: 29.2 },
    ]);
    expect(row?.sums).toEqual({ call: 6_400, tool: 0, gate: 17_500, wait: 0 });
  });

  test("shows nothing beyond the present that is drawn", () => {
    const spans: readonly StreamSpan[] = [{ kind: "call", fromMs: seconds(30.5), toMs: seconds(30.9) }];
    const clock = clockOf({ "T-1": { fromS: 0, spans } }, 31);
    expect([clock?.nowX, clock?.rows[0]?.spans]).toEqual([50, []]);
  });

  test("holds one stretch of work and so many rows; what is left out is counted", () => {
    const old = { "T-0": { fromS: -9_000, toS: -8_000 } };
    expect(clockOf({ ...old, "T-1": { fromS: 0 } }, 30)).toMatchObject({ hiddenCount: 1, rows: [{ label: "T-1" }] });
    const many = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`T-${index}`, { fromS: index }]));
    const clock = clockOf(many, 60);
    expect([clock?.rows.length, clock?.hiddenCount]).toEqual([16, 24]);
    expect(clockOf({}, 0)).toBeNull();
  });

  test("a stream of days keeps an axis that can be read: its beginning is off it", () => {
    const clock = clockOf({ "T-1": { fromS: -400_000 } }, 0);
    expect(clock?.rows[0]?.x).toBe(0);
    expect(clock?.marks.length).toBeLessThanOrEqual(6);
  });
});
