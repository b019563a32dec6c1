/** @jsxImportSource hono/jsx */
/** One track as a page. */
import { DocumentView } from "../../../views/document-view.tsx";
import { visible } from "../../../views/format.ts";
import { GraphDrawing } from "../../../views/graph-view.tsx";
import { PlanEditor } from "../../../views/plan-editor.tsx";
import { LanesView } from "../../../views/stream-pane.tsx";
import { BoardView } from "../../../views/ticket-card.tsx";
import { TrackHead } from "../../../views/track-list.tsx";
import type { DocumentName } from "../../domain/event-document.ts";
import type { EngineApi } from "../../engine/engine-api.ts";
import { criticalPath } from "../../projections/critical-path.ts";
import { ticketList } from "../../projections/view-board.ts";
import { planDrift } from "../../projections/view-documents.ts";
import { nodeSize } from "../../projections/view-graph.ts";
import { planEditor } from "../../projections/view-plan.ts";
import { trackOutlook } from "../../projections/view-track-head.ts";
import { trackDetail } from "../../projections/view-tracks.ts";
import { pastOf } from "../past/past-engine.ts";
import { gateRegion } from "./gate-region.tsx";
import { graphOf } from "./graph-layouts.ts";
import { drawLanes } from "./lanes.ts";
import { documentHtml } from "./markdown.ts";
import { type OpenPage, region } from "./page.ts";

const lookMs = 4_000;

/** One track: goal, graph, board, plan, gates and streams; null when there is no such track. */
export function trackPage(engine: EngineApi, trackId: string, query = new URLSearchParams()): OpenPage | null {
  const known = engine.state().tracks.get(trackId);
  if (!known) return null;
  const isPast = pastOf(engine) !== null;
  return {
    title: known.title,
    draw(hasStreamText) {
      const state = engine.state();
      const detail = trackDetail(state, state.tracks.get(trackId) ?? known);
      const tickets = detail.cards.flatMap(({ ticketId }) => state.tickets.get(ticketId) ?? []);
      const graph = graphOf(engine, trackId, detail.cards, criticalPath(state, tickets));
      const list = ticketList(detail.cards, query);
      const head = <TrackHead track={detail} outlook={trackOutlook(state, detail)} />;
      const lanes = drawLanes(engine, hasStreamText, 8, { trackId });
      return {
        panes: lanes.panes,
        // A hand edit of a document is no event: it is looked for now and then.
        redrawAtMs: Math.min(lanes.redrawAtMs ?? Number.POSITIVE_INFINITY, Date.now() + lookMs),
        regions: [
          region("track", "Track", head, { isHeadingShown: false }),
          // Above what grows with the work, so that no card is pushed away from under a pointer; in the past below it, so that
          // a gate that comes and goes moves no board.
          ...(isPast ? [] : gateRegion(engine, { trackId })),
          region("graph", "Dependencies", <GraphDrawing graph={graph} nodeSize={nodeSize} />),
          region("board", "Board", <BoardView trackId={trackId} columns={detail.columns} list={list} />),
          ...(isPast ? gateRegion(engine, { trackId }) : [changeRegion(engine, trackId, query)]),
          // Tier 1 works for a whole goal, never for one track.
          region("lanes", "Streams", <LanesView lanes={lanes.lanes.filter((lane) => lane.tier !== 1)} size="small" />),
          ...documentRegions(engine, trackId),
        ],
      };
    },
  };
}

function changeRegion(engine: EngineApi, trackId: string, query: URLSearchParams) {
  return region("plan-change", "Change the plan", <PlanEditor editor={planEditor(engine.state(), trackId, query)} />);
}

/** The documents are files: the log knows what became of their tickets, and not what they said. */
function documentRegions(engine: EngineApi, trackId: string) {
  if (pastOf(engine) === null)
    return [
      region("plan", "Plan", drawDocument(engine, trackId, "plan")),
      region("spec", "Specification", drawDocument(engine, trackId, "spec")),
    ];
  const words = (
    <p class="quiet">
      plan.md and spec.md are files of the project: the log does not keep what they said then.{" "}
      <a href={`/tracks/${encodeURIComponent(trackId)}#plan`} data-now="">
        Read them as they are now
      </a>
      .
    </p>
  );
  return [region("plan", "Plan and specification", words)];
}

/** A document as it is on disk now: a hand edit is seen with the next drawing. */
function drawDocument(engine: EngineApi, trackId: string, name: DocumentName) {
  const document = engine.documents.read(trackId, name);
  if (document.fault !== undefined) return <p class="reason">{visible(document.fault)}</p>;
  const { text, hash, tasks } = document;
  const drift = planDrift(engine.state(), trackId, tasks);
  const shown = { trackId, name, text, hash, html: documentHtml(document), drift: text === "" ? [] : drift };
  return <DocumentView {...shown} drift={name === "plan" ? shown.drift : []} />;
}
