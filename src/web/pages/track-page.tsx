/** @jsxImportSource hono/jsx */
/** One track as a page. */
import { GraphDrawing } from "../../../views/graph-view.tsx";
import { PlanEditor } from "../../../views/plan-editor.tsx";
import { LanesView } from "../../../views/stream-pane.tsx";
import { BoardView, PlanView } from "../../../views/ticket-card.tsx";
import { TrackHead } from "../../../views/track-list.tsx";
import type { EngineApi } from "../../engine/engine-api.ts";
import { nodeSize, ticketGraph } from "../../projections/view-graph.ts";
import { planEditor } from "../../projections/view-plan.ts";
import { trackDetail } from "../../projections/view-tracks.ts";
import { gateRegion } from "./gate-region.tsx";
import { drawLanes } from "./lanes.ts";
import { type OpenPage, region } from "./page.ts";

/** One track: goal, graph, board, plan, gates and streams; null when there is no such track. */
export function trackPage(engine: EngineApi, trackId: string, query = new URLSearchParams()): OpenPage | null {
  const known = engine.state().tracks.get(trackId);
  if (!known) return null;
  return {
    title: known.title,
    draw(hasStreamText) {
      const state = engine.state();
      const detail = trackDetail(state, state.tracks.get(trackId) ?? known);
      const cards = detail.phases.flatMap((phase) => phase.tickets);
      const lanes = drawLanes(engine, hasStreamText, 8, { trackId });
      return {
        panes: lanes.panes,
        redrawAtMs: lanes.redrawAtMs,
        regions: [
          region("track", "Track", <TrackHead track={detail} />, { isHeadingShown: false }),
          // Above what grows with the work, so that no card is pushed away from under a pointer.
          ...gateRegion(engine, { trackId }),
          region("graph", "Dependencies", <GraphDrawing graph={ticketGraph(cards)} nodeSize={nodeSize} />),
          region("board", "Board", <BoardView columns={detail.columns} />),
          region("plan-change", "Change the plan", <PlanEditor editor={planEditor(state, trackId, query)} />),
          // Tier 1 works for a whole goal, never for one track.
          region("lanes", "Streams", <LanesView lanes={lanes.lanes.filter((lane) => lane.tier !== 1)} size="small" />),
          region("plan", "Plan", <PlanView track={detail} />),
        ],
      };
    },
  };
}
