/** Routes over the log: events, as a list or live, and the provider traffic. */
import { z } from "zod";
import { apiComms } from "../../projections/api-comms.ts";
import { everyEvent } from "../every-event.ts";
import { type EventFilter, eventStream } from "./event-stream.ts";
import { type ApiRoute, defineRoute } from "./route.ts";
import { CallReply, EventReply } from "./schemas.ts";

const maxEvents = 10_000;

const position = z.coerce.number().int().nonnegative();

export const logRoutes: readonly ApiRoute[] = [
  defineRoute({
    method: "GET",
    path: "/api/events",
    summary:
      "Events after a position, oldest first. With `Accept: text/event-stream` they come live: each with its position as `id` and its type as `event`, and streamed text as `event: delta` without an id. `Last-Event-ID` resumes.",
    query: z.object({
      after: position.default(0),
      limit: z.coerce
        .number()
        .int()
        .min(1)
        .max(maxEvents)
        .default(maxEvents)
        .describe("At most so many; ask again after the last one's position for more."),
      type: z.string().optional().describe("A glob over event types, such as `ticket.*`."),
      agentId: z.string().optional(),
      ticketId: z.string().optional(),
      trackId: z.string().optional(),
    }),
    status: 200,
    reply: z.array(EventReply),
    refusals: [503],
    handle: (services, { query, request }) => {
      const { after, limit, ...given } = query;
      const filter = presentOnly(given);
      if (!request.headers.get("accept")?.includes("text/event-stream")) {
        return { status: 200, body: services.engine.events({ after, limit, ...filter }) };
      }
      const lastId = position.safeParse(request.headers.get("last-event-id") || undefined);
      return eventStream(services, { after: lastId.success ? lastId.data : after, filter, signal: request.signal });
    },
  }),
  defineRoute({
    method: "GET",
    path: "/api/comms",
    summary: "The provider traffic, one entry for each request, oldest first; bodies with `full=1`.",
    query: z.object({
      stream: z.string().optional().describe("A stream id."),
      full: z.enum(["0", "1", "true", "false"]).default("0"),
      limit: z.coerce.number().int().positive().optional().describe("Only the latest so many."),
    }),
    status: 200,
    reply: z.array(CallReply),
    refusals: [],
    handle: ({ engine }, { query }) => {
      const isFull = query.full === "1" || query.full === "true";
      const calls = apiComms(everyEvent(engine, { type: "call.*" }), query.stream, { isFull });
      return { status: 200, body: query.limit === undefined ? calls : calls.slice(-query.limit) };
    },
  }),
];

function presentOnly(given: { [K in keyof EventFilter]: EventFilter[K] | undefined }): EventFilter {
  return {
    ...(given.type !== undefined && { type: given.type }),
    ...(given.agentId !== undefined && { agentId: given.agentId }),
    ...(given.ticketId !== undefined && { ticketId: given.ticketId }),
    ...(given.trackId !== undefined && { trackId: given.trackId }),
  };
}
