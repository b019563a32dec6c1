/** Routes that only look: the state and its parts, streams, usage. */
import { z } from "zod";
import { apiState, apiTrack } from "../../projections/api-state.ts";
import { apiStreams } from "../../projections/api-streams.ts";
import { apiTicket } from "../../projections/api-ticket.ts";
import { summary } from "../../projections/summary.ts";
import { apiUsage } from "../../projections/usage.ts";
import { type ApiRoute, defineRoute, failure } from "./route.ts";
import { EpicReply, StateReply, StreamReply, SummaryReply, TicketReply, TrackReply, UsageReply } from "./schemas.ts";
import { trustReply } from "./trust-routes.ts";

export const stateRoutes: readonly ApiRoute[] = [
  defineRoute({
    method: "GET",
    path: "/api/state",
    summary: "The whole present state. Of decided gates only the latest are in it.",
    status: 200,
    reply: StateReply,
    refusals: [],
    handle: ({ engine, trust }) => {
      const state = apiState(engine.state(), engine.project, engine.streams());
      return { status: 200, body: { ...state, ...trustReply(trust) } };
    },
  }),
  defineRoute({
    method: "GET",
    path: "/api/streams",
    summary: "The live text of every agent, by stream id.",
    status: 200,
    reply: z.record(z.string(), StreamReply),
    refusals: [],
    handle: ({ engine }) => ({ status: 200, body: apiStreams(engine.state(), engine.streams(), Date.now()) }),
  }),
  defineRoute({
    method: "GET",
    path: "/api/usage",
    summary: "Tokens and money in total, and by tier, model, track, ticket, attempt and day.",
    status: 200,
    reply: UsageReply,
    refusals: [],
    handle: ({ engine }) => ({ status: 200, body: apiUsage(engine.state()) }),
  }),
  defineRoute({
    method: "GET",
    path: "/api/summary",
    summary: "How the present run stands: the last line that `--json` prints.",
    status: 200,
    reply: SummaryReply,
    refusals: [],
    handle: ({ engine }) => ({ status: 200, body: summary(engine.state()) }),
  }),
  defineRoute({
    method: "GET",
    path: "/api/epics",
    summary: "Every epic.",
    status: 200,
    reply: z.array(EpicReply),
    refusals: [],
    handle: ({ engine }) => ({ status: 200, body: [...engine.state().epics.values()] }),
  }),
  defineRoute({
    method: "GET",
    path: "/api/tracks",
    summary: "Every track.",
    status: 200,
    reply: z.array(TrackReply),
    refusals: [],
    handle: ({ engine }) => {
      const state = engine.state();
      return { status: 200, body: [...state.tracks.values()].map((track) => apiTrack(state, track)) };
    },
  }),
  defineRoute({
    method: "GET",
    path: "/api/tracks/:trackId",
    summary: "One track.",
    params: z.object({ trackId: z.string() }),
    status: 200,
    reply: TrackReply,
    refusals: [404],
    handle: ({ engine }, { params }) => {
      const state = engine.state();
      const track = state.tracks.get(params.trackId);
      if (!track) return failure(404, "not_found", `There is no track ${params.trackId}.`);
      return { status: 200, body: apiTrack(state, track) };
    },
  }),
  defineRoute({
    method: "GET",
    path: "/api/tickets",
    summary: "Every ticket, with its attempts.",
    status: 200,
    reply: z.array(TicketReply),
    refusals: [],
    handle: ({ engine }) => {
      const state = engine.state();
      return { status: 200, body: [...state.tickets.values()].map((ticket) => apiTicket(state, ticket)) };
    },
  }),
  defineRoute({
    method: "GET",
    path: "/api/tickets/:ticketId",
    summary: "One ticket, with its attempts.",
    params: z.object({ ticketId: z.string() }),
    status: 200,
    reply: TicketReply,
    refusals: [404],
    handle: ({ engine }, { params }) => {
      const state = engine.state();
      const ticket = state.tickets.get(params.ticketId);
      if (!ticket) return failure(404, "not_found", `There is no ticket ${params.ticketId}.`);
      return { status: 200, body: apiTicket(state, ticket) };
    },
  }),
];
