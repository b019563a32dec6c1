/** @jsxImportSource hono/jsx */
/** The overview: what the pages begin with. */
import { ActivityLine } from "../../../views/activity-line.tsx";
import { GateList } from "../../../views/gate-card.tsx";
import { EpicList, FirstSteps, GoalBox } from "../../../views/goal-box.tsx";
import { HoldList } from "../../../views/hold-list.tsx";
import { LandingList } from "../../../views/landing-list.tsx";
import type { Region } from "../../../views/region.ts";
import { LanesView } from "../../../views/stream-pane.tsx";
import { TrackList } from "../../../views/track-list.tsx";
import { BudgetView, TierTable } from "../../../views/usage-table.tsx";
import { WaitList } from "../../../views/wait-list.tsx";
import type { State } from "../../domain/state.ts";
import type { EngineApi } from "../../engine/engine-api.ts";
import { activityCounts } from "../../projections/activity-count.ts";
import { decidedGates, gateCards, openGateCount } from "../../projections/view-gates.ts";
import { modelHolds } from "../../projections/view-holds.ts";
import { recentLandings } from "../../projections/view-landings.ts";
import { openEpics, trackRows } from "../../projections/view-tracks.ts";
import { budgetRows, tierUsage } from "../../projections/view-usage.ts";
import { oldestWaits } from "../../projections/view-waits.ts";
import { nowMsOf, pastOf } from "../past/past-engine.ts";
import { drawLanes } from "./lanes.ts";
import { type OpenPage, region } from "./page.ts";

/** As many as there are keys for. */
const waitLimit = 9;
const trackLimit = 12;
const landingLimit = 5;

/** The overview: goal box, what waits, tracks, spend, landings, and what every tier does now. */
export function overviewPage(engine: EngineApi): OpenPage {
  return {
    title: "Overview",
    draw(hasStreamText) {
      const state = engine.state();
      const lanes = drawLanes(engine, hasStreamText, 3);
      return {
        panes: lanes.panes,
        redrawAtMs: lanes.redrawAtMs,
        regions: [
          ...(pastOf(engine) ? pastColumns(state) : presentColumns(state)),
          region(
            "lanes",
            "Streams",
            <>
              <ActivityLine counts={activityCounts(state, engine.streams().values(), nowMsOf(engine))} />
              <HoldList holds={modelHolds(state, Date.parse(state.lastAt))} />
              <LanesView lanes={lanes.lanes} size="small" />
            </>,
          ),
        ],
      };
    },
  };
}

function presentColumns(state: State): Region[] {
  const isFirst = state.epics.size === 0 && state.tracks.size === 0;
  return [
    goalRegion(isFirst),
    gatesRegion(state, "main"),
    waitsRegion(state),
    isFirst ? region("tracks", "What to do first", <FirstSteps />, { span: "side" }) : tracksRegion(state, "side"),
    spendRegion(state, "side"),
    landingsRegion(state, "side"),
  ];
}

/** Without a goal box, and so that a gate which opens or closes on the way through the past moves no track. */
function pastColumns(state: State): Region[] {
  return [
    tracksRegion(state, "main"),
    spendRegion(state, "main"),
    landingsRegion(state, "main"),
    waitsRegion(state),
    gatesRegion(state, "side"),
  ];
}

type Span = Region["span"];

function goalRegion(isFirst: boolean): Region {
  const box = <GoalBox isFirst={isFirst} />;
  return region("goal-region", "Start something new", box, { span: "main", isHeadingShown: false });
}

function gatesRegion(state: State, span: Span): Region {
  const list = <GateList cards={gateCards(state)} decided={decidedGates(state)} emptyWords="" />;
  return region("gates", "Waiting for you", list, { span });
}

function waitsRegion(state: State): Region {
  const list = (
    <WaitList waits={oldestWaits(state, waitLimit)} count={openGateCount(state)} isPaused={state.isPaused} />
  );
  return region("waits", "What waits", list, { span: "side" });
}

function tracksRegion(state: State, span: Span): Region {
  return region(
    "tracks",
    "Tracks",
    <>
      <EpicList epics={openEpics(state)} />
      <TrackList tracks={trackRows(state, trackLimit)} hiddenCount={state.tracks.size - trackLimit} />
    </>,
    { span },
  );
}

function spendRegion(state: State, span: Span): Region {
  const spend = (
    <>
      <BudgetView rows={budgetRows(state)} />
      <TierTable {...tierUsage(state)} />
    </>
  );
  return region("spend", "Spend", spend, { span });
}

function landingsRegion(state: State, span: Span): Region {
  const list = <LandingList landings={recentLandings(state, landingLimit)} />;
  return region("landings", "Landed lately", list, { span });
}
