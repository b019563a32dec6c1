/**
 * What a person may change in a track's plan while it runs, as the page, the API and the preview take it: one schema for all
 * three. Whether a change may be made, and what comes of it, is decided elsewhere.
 */
import { z } from "zod";
import type { PlanCommand } from "./command.ts";

const line = z.string().trim().min(1);
const lines = z.array(line);
const reason = z.string().max(20_000).default("");
const priority = z.enum(["high", "medium", "low"]);

/** Fields of a ticket that may be changed; what is absent stays. A null `verify` or `model` goes back to the project's own. */
export const TicketChanges = z.strictObject({
  title: line.optional(),
  description: z.string().optional(),
  targetFiles: lines.optional(),
  contextFiles: lines.optional(),
  dependsOn: lines.optional(),
  acceptanceCriteria: lines.optional(),
  verify: line.nullable().optional(),
  priority: priority.optional(),
  isStepMode: z.boolean().optional(),
  model: line.nullable().optional(),
});

/** A ticket that a person adds. Without a phase it joins the last one; without `afterTicketId` it comes last. */
export const NewTicket = z.strictObject({
  title: line,
  description: z.string().default(""),
  targetFiles: lines.default([]),
  contextFiles: lines.default([]),
  dependsOn: lines.default([]),
  acceptanceCriteria: lines.default([]),
  verify: line.nullable().default(null),
  phase: line.optional(),
  priority: priority.default("medium"),
  isStepMode: z.boolean().default(false),
  model: line.nullable().default(null),
  afterTicketId: line.optional(),
});
export type NewTicket = z.infer<typeof NewTicket>;

/** One part of a split ticket; what is absent it has from the whole. */
export const TicketPart = TicketChanges.omit({ dependsOn: true }).extend({ title: line });
export type TicketPart = z.infer<typeof TicketPart>;

/** The parts of a ticket; `isChained`: each one needs the one before it. */
export const Split = z.strictObject({
  parts: z.array(TicketPart).min(2, "A ticket is split into two parts or more.").max(50),
  isChained: z.boolean().default(false),
});

/** The place of a ticket: before another one of its track, or null for the end. */
export const Place = z.strictObject({ beforeTicketId: line.nullable() });

const ticketId = line;

/** One change of a plan. */
export const PlanEdit = z.discriminatedUnion("action", [
  z.strictObject({ action: z.literal("add"), ticket: NewTicket }),
  z.strictObject({ action: z.literal("split"), ticketId, ...Split.shape }),
  z.strictObject({ action: z.literal("edit"), ticketId, changes: TicketChanges }),
  z.strictObject({ action: z.literal("move"), ticketId, ...Place.shape }),
  z.strictObject({ action: z.literal("skip"), ticketId, reason }),
  z.strictObject({ action: z.literal("cancel"), ticketId, reason }),
  z.strictObject({ action: z.literal("retry"), ticketId }),
]);
export type PlanEdit = z.infer<typeof PlanEdit>;

/** The command that makes a change. */
export function planCommand(trackId: string, edit: PlanEdit): PlanCommand {
  switch (edit.action) {
    case "add":
      return { type: "add_ticket", trackId, ticket: edit.ticket };
    case "split":
      return { type: "split_ticket", ticketId: edit.ticketId, parts: edit.parts, isChained: edit.isChained };
    case "edit":
      return { type: "edit_ticket", ticketId: edit.ticketId, changes: edit.changes };
    case "move":
      return { type: "move_ticket", ticketId: edit.ticketId, beforeTicketId: edit.beforeTicketId };
    case "skip":
      return { type: "skip_ticket", ticketId: edit.ticketId, reason: edit.reason };
    case "cancel":
      return { type: "cancel_ticket", ticketId: edit.ticketId, reason: edit.reason };
    case "retry":
      return { type: "retry_ticket", ticketId: edit.ticketId, by: "person" };
    default:
      return edit satisfies never;
  }
}
