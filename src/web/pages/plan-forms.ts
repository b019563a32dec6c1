/** The forms that change a plan, parsed once: what a browser sends, and the command that it asks for. */
import { z } from "zod";
import type { PlanCommand } from "../../domain/command.ts";
import { NewTicket, PlanEdit, planCommand } from "../../domain/plan-edit.ts";
import type { State, Ticket } from "../../domain/state.ts";
import { placeBeside, ticketBase } from "../../projections/view-plan.ts";
import { type Form, firstIssue, line, lines, text } from "./form-fields.ts";

/** A change of a plan, or a sentence that says what is wrong with the form. */
export type PlanFormResult =
  | { readonly isValid: true; readonly command: PlanCommand }
  | { readonly isValid: false; readonly status: 404 | 409 | 422; readonly message: string };

const optional = line.transform((value) => value || null);
const fields = {
  title: line.pipe(z.string().min(1, "A ticket needs a title.")),
  description: text,
  acceptanceCriteria: lines,
  targetFiles: lines,
  contextFiles: lines,
  dependsOn: lines,
  verify: optional,
  model: optional,
  priority: z.enum(["high", "medium", "low"]),
  isStepMode: z
    .enum(["true", "false"])
    .optional()
    .transform((value) => (value === undefined ? undefined : value === "true")),
};
const TicketForm = z.object(fields);
const AddForm = TicketForm.extend({ phase: line.optional(), afterTicketId: line.optional() });
const MoveForm = z.object({
  direction: z.enum(["up", "down"]).optional(),
  beforeTicketId: optional.optional(),
});

/** The change that a form of a track's plan asks for. */
export function planFormCommand(state: State, trackId: string, form: Form): PlanFormResult {
  if (!state.tracks.has(trackId)) return refused(404, `There is no track ${trackId}.`);
  if (form.action === "add") return addCommand(trackId, form);
  const ticket = state.tickets.get(form.ticketId ?? "");
  if (ticket?.trackId !== trackId) return refused(404, `There is no ticket ${form.ticketId ?? ""} in this track.`);
  switch (form.action) {
    case "edit":
      return editCommand(ticket, form);
    case "split":
      return splitCommand(trackId, ticket, form);
    case "move":
      return moveCommand(state, ticket, form);
    case "skip":
      return edited(trackId, {
        action: "skip",
        ticketId: ticket.ticketId,
        reason: form.reason?.trim() || "A person skipped it.",
      });
    default:
      return refused(422, "The form does not say what to change. Reload the page and try again.");
  }
}

function addCommand(trackId: string, form: Form): PlanFormResult {
  const result = AddForm.safeParse(form);
  if (!result.success) return refused(422, firstIssue(result.error));
  const { phase, afterTicketId, ...rest } = result.data;
  const places = { phase: phase || undefined, afterTicketId: afterTicketId || undefined };
  return edited(trackId, { action: "add", ticket: NewTicket.parse({ ...rest, ...places }) });
}

/** An edit that names only the fields which differ from the ticket as it is. */
export function editCommand(ticket: Ticket, form: Form): PlanFormResult {
  const { ticketId } = ticket;
  if (form.base !== undefined && form.base !== ticketBase(ticket))
    return refused(
      409,
      `${ticketId} was changed since this form was opened. Copy what you wrote, and reload the page.`,
    );
  const result = TicketForm.safeParse(form);
  if (!result.success) return refused(422, firstIssue(result.error));
  const isChanged = ([key, value]: [string, unknown]) =>
    // The form's keys are fields of a ticket by the schema above.
    value !== undefined && JSON.stringify(value) !== JSON.stringify(ticket[key as keyof Ticket]);
  const changes = Object.fromEntries(Object.entries(result.data).filter(isChanged));
  if (Object.keys(changes).length === 0) return refused(422, "Nothing was changed.");
  return { isValid: true, command: { type: "edit_ticket", ticketId, changes } };
}

/** Parts without a title are not meant. A list of files that is the whole's own is not said twice. */
function splitCommand(trackId: string, ticket: Ticket, form: Form): PlanFormResult {
  const numbers = Object.keys(form).flatMap((name) => /^title(\d+)$/.exec(name)?.[1] ?? []);
  const parts = numbers.flatMap((number) => {
    const title = form[`title${number}`]?.trim() ?? "";
    const description = text.parse(form[`description${number}`] ?? "").trim();
    const targetFiles = lines.parse(form[`targetFiles${number}`] ?? "");
    const isOwn = targetFiles.length > 0 && targetFiles.join("\n") !== ticket.targetFiles.join("\n");
    const said = { ...(description !== "" && { description }), ...(isOwn && { targetFiles }) };
    return title === "" ? [] : [{ title, ...said }];
  });
  const { ticketId } = ticket;
  return edited(trackId, { action: "split", ticketId, parts, isChained: form.isChained === "true" });
}

function moveCommand(state: State, ticket: Ticket, form: Form): PlanFormResult {
  const result = MoveForm.safeParse(form);
  if (!result.success) return refused(422, firstIssue(result.error));
  const { direction, beforeTicketId = null } = result.data;
  const before = direction === undefined ? beforeTicketId : placeBeside(state, ticket, direction);
  return edited(ticket.trackId, { action: "move", ticketId: ticket.ticketId, beforeTicketId: before });
}

function edited(trackId: string, edit: unknown): PlanFormResult {
  const result = PlanEdit.safeParse(edit);
  return result.success
    ? { isValid: true, command: planCommand(trackId, result.data) }
    : refused(422, firstIssue(result.error));
}

function refused(status: 404 | 409 | 422, message: string): PlanFormResult {
  return { isValid: false, status, message };
}
