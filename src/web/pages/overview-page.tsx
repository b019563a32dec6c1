/** @jsxImportSource hono/jsx */
/** The overview: what the pages begin with. */
import { GateList } from "../../../views/gate-card.tsx";
import { EpicList, FirstSteps, GoalBox } from "../../../views/goal-box.tsx";
import { HoldList } from "../../../views/hold-list.tsx";
import { LanesView } from "../../../views/stream-pane.tsx";
import { TrackList } from "../../../views/track-list.tsx";
import { BudgetView, TierTable } from "../../../views/usage-table.tsx";
import type { EngineApi } from "../../engine/engine-api.ts";
import { apiUsage } from "../../projections/usage.ts";
import { decidedGates, gateCards } from "../../projections/view-gates.ts";
import { modelHolds } from "../../projections/view-holds.ts";
import { openEpics, trackRows } from "../../projections/view-tracks.ts";
import { budgetRows } from "../../projections/view-usage.ts";
import { drawLanes } from "./lanes.ts";
import { type OpenPage, region } from "./page.ts";

/** The overview: goal box, what waits, tracks, spend, and what every tier does now. */
export function overviewPage(engine: EngineApi): OpenPage {
  return {
    title: "Overview",
    draw(hasStreamText) {
      const state = engine.state();
      const lanes = drawLanes(engine, hasStreamText, 3);
      const epics = openEpics(state);
      const tracks = trackRows(state);
      const isFirst = state.epics.size === 0 && tracks.length === 0;
      return {
        panes: lanes.panes,
        redrawAtMs: lanes.redrawAtMs,
        regions: [
          region("goal-region", "Start something new", <GoalBox isFirst={isFirst} />, {
            span: "main",
            isHeadingShown: false,
          }),
          region(
            "gates",
            "Waiting for you",
            <GateList cards={gateCards(state)} decided={decidedGates(state)} emptyWords="Nothing waits for you." />,
            { span: "main" },
          ),
          region(
            "tracks",
            "Tracks",
            isFirst ? (
              <FirstSteps />
            ) : (
              <>
                <EpicList epics={epics} />
                <TrackList tracks={tracks} />
              </>
            ),
            { span: "side" },
          ),
          region(
            "spend",
            "Spend",
            <>
              <TierTable usage={apiUsage(state)} />
              <BudgetView rows={budgetRows(state)} />
            </>,
            { span: "side" },
          ),
          region(
            "lanes",
            "Streams",
            <>
              <HoldList holds={modelHolds(state, Date.parse(state.lastAt))} />
              <LanesView lanes={lanes.lanes} size="small" />
            </>,
          ),
        ],
      };
    },
  };
}
