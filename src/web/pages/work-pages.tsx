/** @jsxImportSource hono/jsx */
/** The pages about work: the overview, one track, one ticket, all streams, all gates. */

import { AttemptsView, DecisionsView } from "../../../views/attempts-view.tsx";
import { GateList } from "../../../views/gate-card.tsx";
import { EpicList, FirstSteps, GoalBox } from "../../../views/goal-box.tsx";
import { GraphDrawing } from "../../../views/graph-view.tsx";
import { HoldList } from "../../../views/hold-list.tsx";
import { LanesView } from "../../../views/stream-pane.tsx";
import { BoardView, PlanView } from "../../../views/ticket-card.tsx";
import { TicketEditor, TicketHead, TicketLevers } from "../../../views/ticket-view.tsx";
import { TrackHead, TrackList } from "../../../views/track-list.tsx";
import { BudgetView, TierTable } from "../../../views/usage-table.tsx";
import type { EngineApi } from "../../engine/engine-api.ts";
import { apiUsage } from "../../projections/usage.ts";
import { decidedGates, gateCards } from "../../projections/view-gates.ts";
import { nodeSize, ticketGraph } from "../../projections/view-graph.ts";
import { modelHolds } from "../../projections/view-holds.ts";
import { streamLanes } from "../../projections/view-streams.ts";
import { ticketDetail } from "../../projections/view-ticket.ts";
import { openEpics, trackDetail, trackRows } from "../../projections/view-tracks.ts";
import { budgetRows } from "../../projections/view-usage.ts";
import { type Drawing, type OpenPage, region } from "./page.ts";
import { TicketTail } from "./ticket-tail.ts";

type Scope = { readonly trackId?: string; readonly ticketId?: string };

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

/** One track: goal, graph, board, plan, gates and streams; null when there is no such track. */
export function trackPage(engine: EngineApi, trackId: string): OpenPage | null {
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
        regions: [
          region("track", "Track", <TrackHead track={detail} />, { isHeadingShown: false }),
          // Above what grows with the work, so that no card is pushed away from under a pointer.
          ...gateRegion(engine, { trackId }),
          region("graph", "Dependencies", <GraphDrawing graph={ticketGraph(cards)} nodeSize={nodeSize} />),
          region("board", "Board", <BoardView columns={detail.columns} />),
          // Tier 1 works for a whole goal, never for one track.
          region("lanes", "Streams", <LanesView lanes={lanes.lanes.filter((lane) => lane.tier !== 1)} size="small" />),
          region("plan", "Plan", <PlanView track={detail} />),
        ],
      };
    },
  };
}

/** One ticket with its evidence; null when there is no such ticket. */
export function ticketPage(engine: EngineApi, ticketId: string): OpenPage | null {
  const known = engine.state().tickets.get(ticketId);
  if (!known) return null;
  const events = new TicketTail(engine, ticketId);
  return {
    title: `${ticketId} ${known.title}`,
    draw(hasStreamText) {
      const state = engine.state();
      const detail = ticketDetail(state, state.tickets.get(ticketId) ?? known, events.read());
      const lanes = drawLanes(engine, hasStreamText, 4, { ticketId });
      const inUse = lanes.lanes.filter((lane) => lane.panes.length > 0);
      return {
        panes: lanes.panes,
        regions: [
          region("ticket", "Ticket", <TicketHead ticket={detail} />, { span: "main", isHeadingShown: false }),
          region(
            "levers",
            "Levers",
            <>
              <TicketLevers ticket={detail} />
              <TicketEditor ticket={detail} />
            </>,
            { span: "side" },
          ),
          region("decisions", "Decisions", <DecisionsView decisions={detail.decisions} />, { span: "side" }),
          ...gateRegion(engine, { ticketId }),
          region("lanes", "Streams", <LanesView lanes={inUse} size="large" />),
          region("attempts", "Attempts", <AttemptsView attempts={detail.attempts} />),
        ],
      };
    },
  };
}

/** All streams in four lanes. */
export function streamsPage(engine: EngineApi): OpenPage {
  return {
    title: "Streams",
    draw(hasStreamText) {
      const { lanes, panes } = drawLanes(engine, hasStreamText, 16);
      return {
        panes,
        regions: [region("lanes", "Streams", <LanesView lanes={lanes} size="large" />, { isHeadingShown: false })],
      };
    },
  };
}

/** Everything that waits for a person, oldest first. */
export function gatesPage(engine: EngineApi): OpenPage {
  return {
    title: "Gates",
    draw(): Drawing {
      const state = engine.state();
      const list = (
        <GateList
          cards={gateCards(state)}
          decided={decidedGates(state)}
          emptyWords="Nothing waits for you. New gates appear here, oldest first."
        />
      );
      return { panes: [], regions: [region("gates", "Waiting for you", list, { isHeadingShown: false })] };
    },
  };
}

function drawLanes(engine: EngineApi, hasStreamText: boolean, paneLimit: number, scope: Scope = {}) {
  const drawn = streamLanes(engine.state(), engine.streams().values(), paneLimit, scope);
  const panes = drawn.flatMap((lane) => lane.panes);
  if (hasStreamText) return { lanes: drawn, panes };
  const lanes = drawn.map((lane) => ({ ...lane, panes: lane.panes.map((pane) => ({ ...pane, text: "" })) }));
  return { lanes, panes };
}

function gateRegion(engine: EngineApi, scope: Scope) {
  const state = engine.state();
  const [cards, decided] = [gateCards(state, scope), decidedGates(state, scope)];
  const list = <GateList cards={cards} decided={decided} emptyWords="Nothing waits for you here." />;
  return [region("gates", "Waiting for you", list)];
}
