/** The lanes of streams that a page shows, with or without their text. */
import type { EngineApi } from "../../engine/engine-api.ts";
import { streamLanes } from "../../projections/view-streams.ts";

type Scope = { readonly trackId?: string; readonly ticketId?: string };

/** The panes of each tier, at most `paneLimit` a lane; a live update draws them empty. */
export function drawLanes(engine: EngineApi, hasStreamText: boolean, paneLimit: number, scope: Scope = {}) {
  const drawn = streamLanes(engine.state(), engine.streams().values(), paneLimit, scope);
  const panes = drawn.flatMap((lane) => lane.panes);
  if (hasStreamText) return { lanes: drawn, panes };
  const lanes = drawn.map((lane) => ({ ...lane, panes: lane.panes.map((pane) => ({ ...pane, text: "" })) }));
  return { lanes, panes };
}
