/** The lanes of streams that a page shows, with or without their text. */
import type { EngineApi } from "../../engine/engine-api.ts";
import { type Lane, type StreamPane, type StreamScope, streamLanes } from "../../projections/view-streams.ts";
import { nowMsOf } from "../past/past-engine.ts";

interface DrawnLanes {
  readonly lanes: readonly Lane[];
  readonly panes: readonly StreamPane[];
  /** The time that they are drawn at (milliseconds since 1970). */
  readonly nowMs: number;
  /** When they are to be drawn again although nothing has happened (milliseconds since 1970); null when never. */
  readonly redrawAtMs: number | null;
}

/** The panes of each tier, at most `paneLimit` a lane; a live update draws them empty. */
export function drawLanes(
  engine: EngineApi,
  hasStreamText: boolean,
  paneLimit: number,
  scope: StreamScope = {},
): DrawnLanes {
  const options = { nowMs: nowMsOf(engine), paneLimit, hasText: hasStreamText };
  const lanes = streamLanes(engine.state(), engine.streams().values(), options, scope);
  const panes = lanes.flatMap((lane) => lane.panes);
  const changes = panes.flatMap(({ activity }) => activity.changesAtMs ?? []);
  return { lanes, panes, nowMs: options.nowMs, redrawAtMs: changes.length === 0 ? null : Math.min(...changes) };
}
