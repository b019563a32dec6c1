/** Routes over the log: events (as a list or live), the provider traffic, and what an agent's next request holds. */
import { z } from "zod";
import type { Event } from "../../domain/event.ts";
import type { EngineApi } from "../../engine/engine-api.ts";
import { apiComms } from "../../projections/api-comms.ts";
import { apiContext } from "../../projections/api-context.ts";
import { type EventFilter, eventStream } from "./event-stream.ts";
import { type ApiRoute, defineRoute, failure } from "./route.ts";
import { CallReply, EventReply } from "./schemas.ts";

const pageSize = 500;
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
  defineRoute({
    method: "GET",
    path: "/api/streams/:streamId/context",
    summary: "What the next request of that stream's agent holds, part by part, and what would be trimmed.",
    params: z.object({ streamId: z.string() }),
    status: 200,
    reply: z.looseObject({ streamId: z.string(), agentId: z.string(), model: z.string(), turnCount: z.number() }),
    refusals: [404],
    handle: ({ engine, contextMap }, { params: { streamId } }) => {
      const eventsOf = (agentId: string) => [...everyEvent(engine, { agentId })];
      const body = apiContext(engine.state(), streamId, eventsOf, contextMap);
      return body ? { status: 200, body } : failure(404, "not_found", `There is no stream "${streamId}".`);
    },
  }),
];

/** All events that match, read from the log in pages: the bodies of all calls at once would fill the memory. */
function* everyEvent(engine: EngineApi, filter: EventFilter): Generator<Event> {
  for (let after = 0; ; ) {
    const page = engine.events({ after, limit: pageSize, ...filter });
    yield* page;
    if (page.length < pageSize) return;
    after = page.at(-1)?.position ?? after;
  }
}

function presentOnly(given: { [K in keyof EventFilter]: EventFilter[K] | undefined }): EventFilter {
  return {
    ...(given.type !== undefined && { type: given.type }),
    ...(given.agentId !== undefined && { agentId: given.agentId }),
    ...(given.ticketId !== undefined && { ticketId: given.ticketId }),
    ...(given.trackId !== undefined && { trackId: given.trackId }),
  };
}
