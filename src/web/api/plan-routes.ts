/** Routes that start and stop work: goals, tracks, the engine as a whole. */
import { z } from "zod";
import { apiTrack } from "../../projections/api-state.ts";
import { type ApiRoute, defineRoute, failure, rejected } from "./route.ts";
import { TrackReply } from "./schemas.ts";

export const planRoutes: readonly ApiRoute[] = [
  defineRoute({
    method: "POST",
    path: "/api/epics",
    summary: "Gives a goal to tier 1. Its tracks, once approved, start by themselves unless `start` is false.",
    body: z.strictObject({ goal: z.string(), start: z.boolean().default(true) }),
    status: 201,
    reply: z.object({ epicId: z.string() }),
    refusals: [],
    handle: ({ engine }, { body }) => {
      const result = engine.dispatch({ type: "create_epic", goal: body.goal, isStarting: body.start });
      if (!result.isAccepted) return rejected(result.rejection);
      const created = result.events.find((event) => event.type === "epic.created");
      if (!created) throw new Error("An accepted goal gave no epic.");
      return { status: 201, body: { epicId: created.epicId } };
    },
  }),
  defineRoute({
    method: "POST",
    path: "/api/tracks/:trackId/starts",
    summary: "Starts a track.",
    params: z.object({ trackId: z.string() }),
    body: z.strictObject({}),
    status: 201,
    reply: TrackReply,
    refusals: [404, 409],
    handle: ({ engine }, { params }) => {
      const result = engine.dispatch({ type: "start_track", trackId: params.trackId });
      if (!result.isAccepted) return rejected(result.rejection);
      const track = engine.state().tracks.get(params.trackId);
      if (!track) return failure(404, "not_found", `There is no track ${params.trackId}.`);
      return { status: 201, body: apiTrack(engine.state(), track) };
    },
  }),
  defineRoute({
    method: "PATCH",
    path: "/api/engine",
    summary: "Pauses the engine, or lets it go on. What runs is finished; nothing new starts.",
    body: z.strictObject({ isPaused: z.boolean() }),
    status: 200,
    reply: z.object({ isPaused: z.boolean() }),
    refusals: [],
    handle: ({ engine }, { body }) => {
      const result = engine.dispatch({ type: body.isPaused ? "pause_engine" : "unpause_engine", by: "person" });
      if (!result.isAccepted) return rejected(result.rejection);
      return { status: 200, body: { isPaused: engine.state().isPaused } };
    },
  }),
];
