/** @jsxImportSource hono/jsx */
/**
 * The clock of the streams, drawn at most once a second for all pages that show the same streams: it is the one part of the
 * page whose cost grows with all that was done, and no eye needs it sooner.
 */
import { raw } from "hono/html";
import { ClockView } from "../../../views/stream-clock.tsx";
import type { EngineApi } from "../../engine/engine-api.ts";
import { streamClock } from "../../projections/view-clock.ts";
import type { Lane } from "../../projections/view-streams.ts";

const calmMs = 1_000;
/** Selections of streams that are kept for each engine; the oldest goes first. */
const keptCount = 16;

interface DrawnClock {
  readonly content: ReturnType<typeof raw>;
  /** When it is to be drawn again although nothing has happened (milliseconds since 1970); null when never. */
  readonly changesAtMs: number | null;
}

interface Kept extends DrawnClock {
  readonly atMs: number;
  readonly position: number;
}

interface Asked {
  readonly lanes: readonly Lane[];
  readonly nowMs: number;
  /** What was selected. */
  readonly scope: string;
  /** Whether it must be the present one: a page that opens shows what is so. */
  readonly isFresh: boolean;
}

const clocks = new WeakMap<EngineApi, Map<string, Kept>>();

/** The clock of these lanes, at most a second old. */
export function drawnClock(engine: EngineApi, { lanes, nowMs, scope, isFresh }: Asked): DrawnClock {
  const kept = clocks.get(engine) ?? new Map<string, Kept>();
  clocks.set(engine, kept);
  const { position } = engine.state();
  const known = kept.get(scope);
  if (known && !isFresh && nowMs >= known.atMs && nowMs < known.atMs + calmMs)
    return known.position === position ? known : { ...known, changesAtMs: known.atMs + calmMs };
  const view = streamClock(lanes, nowMs);
  const content = raw(String(<ClockView view={view} />));
  const drawn = { content, changesAtMs: view?.changesAtMs ?? null, atMs: nowMs, position };
  kept.delete(scope);
  kept.set(scope, drawn);
  for (const oldest of kept.keys()) if (kept.size > keptCount) kept.delete(oldest);
  return drawn;
}
