/** @jsxImportSource hono/jsx */
/** One ticket as a page. */
import { AttemptsView, DecisionsView } from "../../../views/attempts-view.tsx";
import { LanesView } from "../../../views/stream-pane.tsx";
import { TicketEditor, TicketHead, TicketLevers } from "../../../views/ticket-view.tsx";
import type { EngineApi } from "../../engine/engine-api.ts";
import { ticketFormView } from "../../projections/view-plan.ts";
import { ticketDetail } from "../../projections/view-ticket.ts";
import { gateRegion } from "./gate-region.tsx";
import { drawLanes } from "./lanes.ts";
import { type OpenPage, region } from "./page.ts";
import { TicketTail } from "./ticket-tail.ts";

/** One ticket with its evidence; null when there is no such ticket. */
export function ticketPage(engine: EngineApi, ticketId: string): OpenPage | null {
  const known = engine.state().tickets.get(ticketId);
  if (!known) return null;
  const events = new TicketTail(engine, ticketId);
  return {
    title: `${ticketId} ${known.title}`,
    draw(hasStreamText) {
      const state = engine.state();
      const ticket = state.tickets.get(ticketId) ?? known;
      const detail = ticketDetail(state, ticket, events.read());
      const lanes = drawLanes(engine, hasStreamText, 4, { ticketId });
      const inUse = lanes.lanes.filter((lane) => lane.panes.length > 0);
      return {
        panes: lanes.panes,
        redrawAtMs: lanes.redrawAtMs,
        regions: [
          region("ticket", "Ticket", <TicketHead ticket={detail} />, { span: "main", isHeadingShown: false }),
          region(
            "levers",
            "Levers",
            <>
              <TicketLevers ticket={detail} />
              <TicketEditor ticket={ticketFormView(state, ticket)} trackId={ticket.trackId} />
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
