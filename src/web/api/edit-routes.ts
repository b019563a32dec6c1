/** Routes that change a track's plan while it runs: add, split, put in order; and what any change would do, before it is made. */
import { z } from "zod";
import type { PlanCommand } from "../../domain/command.ts";
import type { Event } from "../../domain/event.ts";
import { NewTicket, Place, PlanEdit, planCommand, Split } from "../../domain/plan-edit.ts";
import { apiTicket } from "../../projections/api-ticket.ts";
import { changePlan, previewOf } from "../plan-change.ts";
import type { WebServices } from "../web-services.ts";
import { PreviewReply, seen } from "./preview-schema.ts";
import { type ApiRoute, defineRoute, failure, type Reply, rejected } from "./route.ts";
import { TicketReply } from "./schemas.ts";

const TrackParams = z.object({ trackId: z.string() });
const TicketParams = z.object({ ticketId: z.string() });

export const editRoutes: readonly ApiRoute[] = [
  defineRoute({
    method: "POST",
    path: "/api/tracks/:trackId/plan-preview",
    summary: "Says what a change of the plan would do, ticket by ticket, and changes nothing.",
    params: TrackParams,
    body: z.strictObject({ edit: PlanEdit }),
    status: 200,
    reply: PreviewReply,
    refusals: [404, 409],
    handle: ({ engine }, { params: { trackId }, body: { edit } }) => {
      const { tracks, tickets } = engine.state();
      if (!tracks.has(trackId)) return failure(404, "not_found", `There is no track ${trackId}.`);
      const ticket = "ticketId" in edit ? tickets.get(edit.ticketId) : undefined;
      if (ticket && ticket.trackId !== trackId)
        return failure(422, "invalid", `${ticket.ticketId} is a ticket of the track ${ticket.trackId}.`);
      const preview = previewOf(engine, planCommand(trackId, edit));
      if (!preview.isAccepted) return rejected(preview.rejection);
      const { isAccepted: _isAccepted, hash, ...rest } = preview;
      return { status: 200, body: { ...rest, previewHash: hash } };
    },
  }),
  defineRoute({
    method: "POST",
    path: "/api/tracks/:trackId/tickets",
    summary: "Adds a ticket to a plan that runs.",
    params: TrackParams,
    body: NewTicket.extend(seen),
    status: 201,
    reply: TicketReply,
    refusals: [404, 409],
    handle: (services, { params: { trackId }, body: { previewHash, ...ticket } }) =>
      change(services, { type: "add_ticket", trackId, ticket }, previewHash, (made) => ({
        status: 201,
        body: made.flatMap((ticketId) => shown(services, ticketId))[0],
      })),
  }),
  defineRoute({
    method: "POST",
    path: "/api/tickets/:ticketId/split",
    summary:
      "Splits a ticket: it is skipped, and its parts take its place. What a part does not say it has from the whole.",
    params: TicketParams,
    body: Split.extend(seen),
    status: 201,
    reply: z.object({ ticket: TicketReply, parts: z.array(TicketReply) }),
    refusals: [404, 409],
    handle: (services, { params: { ticketId }, body: { previewHash, ...split } }) =>
      change(services, { type: "split_ticket", ticketId, ...split }, previewHash, (made) => ({
        status: 201,
        body: { ticket: shown(services, ticketId)[0], parts: made.flatMap((part) => shown(services, part)) },
      })),
  }),
  defineRoute({
    method: "POST",
    path: "/api/tickets/:ticketId/place",
    summary:
      "Puts a ticket before another one of its track, or last: of equal priority the first in the plan starts first.",
    params: TicketParams,
    body: Place.extend(seen),
    status: 200,
    reply: TicketReply,
    refusals: [404, 409],
    handle: (services, { params: { ticketId }, body: { previewHash, ...place } }) =>
      change(services, { type: "move_ticket", ticketId, ...place }, previewHash, () => ({
        status: 200,
        body: shown(services, ticketId)[0],
      })),
  }),
];

function change(
  { engine }: WebServices,
  command: PlanCommand,
  previewHash: string | undefined,
  reply: (made: readonly string[]) => Reply,
): Reply {
  const result = changePlan(engine, command, previewHash);
  return result.isAccepted ? reply(madeTickets(result.events)) : rejected(result.rejection);
}

function madeTickets(events: readonly Event[]): string[] {
  return events.flatMap((event) => (event.type === "ticket.created" ? [event.ticketId] : []));
}

function shown({ engine }: WebServices, ticketId: string) {
  const state = engine.state();
  const ticket = state.tickets.get(ticketId);
  return ticket ? [apiTicket(state, ticket)] : [];
}
