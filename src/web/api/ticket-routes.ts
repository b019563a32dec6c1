/** Routes that steer one ticket: edit, cancel, retry, skip. Each answers with the ticket as it is afterwards. */
import { z } from "zod";
import type { PlanCommand } from "../../domain/command.ts";
import { TicketChanges } from "../../domain/plan-edit.ts";
import { apiTicket } from "../../projections/api-ticket.ts";
import { changePlan } from "../plan-change.ts";
import type { WebServices } from "../web-services.ts";
import { seen } from "./preview-schema.ts";
import { type ApiRoute, defineRoute, type Reply, rejected } from "./route.ts";
import { TicketReply } from "./schemas.ts";

const TicketParams = z.object({ ticketId: z.string() });
const Reason = z.strictObject({ reason: z.string().max(20_000).default(""), ...seen });

type TicketCommand = Extract<PlanCommand, { ticketId: string }>;

export const ticketRoutes: readonly ApiRoute[] = [
  defineRoute({
    method: "PATCH",
    path: "/api/tickets/:ticketId",
    summary: "Edits a ticket; what is absent stays. A null `verify` or `model` goes back to the project's own.",
    params: TicketParams,
    body: TicketChanges.extend(seen),
    status: 200,
    reply: TicketReply,
    refusals: [404, 409],
    handle: (services, { params, body: { previewHash, ...changes } }) =>
      steer(services, { type: "edit_ticket", ticketId: params.ticketId, changes }, previewHash),
  }),
  defineRoute({
    method: "POST",
    path: "/api/tickets/:ticketId/cancellation",
    summary: "Cancels a ticket; what depends on it is blocked.",
    params: TicketParams,
    body: Reason,
    status: 200,
    reply: TicketReply,
    refusals: [404, 409],
    handle: (services, { params, body }) =>
      steer(services, { type: "cancel_ticket", ticketId: params.ticketId, reason: body.reason }, body.previewHash),
  }),
  defineRoute({
    method: "POST",
    path: "/api/tickets/:ticketId/retry",
    summary: "Tries a ticket again that is blocked, cancelled or skipped.",
    params: TicketParams,
    body: z.strictObject({}),
    status: 200,
    reply: TicketReply,
    refusals: [404, 409],
    handle: (services, { params }) =>
      steer(services, { type: "retry_ticket", ticketId: params.ticketId, by: "person" }),
  }),
  defineRoute({
    method: "POST",
    path: "/api/tickets/:ticketId/skip",
    summary: "Says that a ticket is not needed; what depends on it goes on.",
    params: TicketParams,
    body: Reason,
    status: 200,
    reply: TicketReply,
    refusals: [404, 409],
    handle: (services, { params, body }) =>
      steer(services, { type: "skip_ticket", ticketId: params.ticketId, reason: body.reason }, body.previewHash),
  }),
];

function steer({ engine }: WebServices, command: TicketCommand, previewHash?: string): Reply {
  const result = changePlan(engine, command, previewHash);
  if (!result.isAccepted) return rejected(result.rejection);
  const state = engine.state();
  const ticket = state.tickets.get(command.ticketId);
  if (!ticket) throw new Error(`The ticket ${command.ticketId} was changed, and is not in the state.`);
  return { status: 200, body: apiTicket(state, ticket) };
}
