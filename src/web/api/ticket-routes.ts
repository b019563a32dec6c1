/** Routes that steer one ticket: edit, cancel, retry, skip. Each answers with the ticket as it is afterwards. */
import { z } from "zod";
import type { PersonCommand } from "../../domain/command.ts";
import { apiTicket } from "../../projections/api-ticket.ts";
import type { WebServices } from "../web-services.ts";
import { type ApiRoute, defineRoute, type Reply, rejected } from "./route.ts";
import { TicketReply } from "./schemas.ts";

const TicketParams = z.object({ ticketId: z.string() });
const line = z.string().trim().min(1);
const Reason = z.strictObject({ reason: z.string().max(20_000).default("") });

type TicketCommand = Extract<PersonCommand, { ticketId: string }>;

export const ticketRoutes: readonly ApiRoute[] = [
  defineRoute({
    method: "PATCH",
    path: "/api/tickets/:ticketId",
    summary: "Edits a ticket; what is absent stays. A null `verify` or `model` goes back to the project's own.",
    params: TicketParams,
    body: z.strictObject({
      title: line.optional(),
      description: line.optional(),
      targetFiles: z.array(line).optional(),
      contextFiles: z.array(line).optional(),
      dependsOn: z.array(line).optional(),
      acceptanceCriteria: z.array(line).optional(),
      verify: line.nullable().optional(),
      priority: z.enum(["high", "medium", "low"]).optional(),
      isStepMode: z.boolean().optional(),
      model: line.nullable().optional(),
    }),
    status: 200,
    reply: TicketReply,
    refusals: [404, 409],
    handle: (services, { params, body }) =>
      steer(services, { type: "edit_ticket", ticketId: params.ticketId, changes: body }),
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
      steer(services, { type: "cancel_ticket", ticketId: params.ticketId, reason: body.reason }),
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
      steer(services, { type: "skip_ticket", ticketId: params.ticketId, reason: body.reason }),
  }),
];

function steer({ engine }: WebServices, command: TicketCommand): Reply {
  const result = engine.dispatch(command);
  if (!result.isAccepted) return rejected(result.rejection);
  const state = engine.state();
  const ticket = state.tickets.get(command.ticketId);
  if (!ticket) throw new Error(`The ticket ${command.ticketId} was changed, and is not in the state.`);
  return { status: 200, body: apiTicket(state, ticket) };
}
