/** The forms of the page, parsed once: what a browser sends, and the command that it asks for. */
import { z } from "zod";
import type { PersonCommand } from "../../domain/command.ts";
import { canonicalJson } from "../../domain/gate.ts";
import type { State, Ticket } from "../../domain/state.ts";
import { editedPayload } from "./gate-edit.ts";

/** A command, or a sentence that says what is wrong with the form. */
export type FormResult =
  | { readonly isValid: true; readonly command: PersonCommand }
  | { readonly isValid: false; readonly status: 404 | 422; readonly message: string };

type Form = Record<string, string>;

/** Browsers send line ends of forms as CR LF. */
const text = z.string().transform((value) => value.replaceAll("\r\n", "\n"));
const line = text.pipe(z.string().trim());
const lines = text.transform((value) =>
  value
    .split("\n")
    .map((each) => each.trim())
    .filter((each) => each !== ""),
);

const GoalForm = z.object({
  goal: line.pipe(z.string().min(1, "The goal is empty. Say what should be true when it is done.")),
});
const PauseForm = z.object({ isPaused: z.enum(["true", "false"]) });
const ReasonForm = z.object({ reason: line.optional() });
const DecisionForm = z.object({
  decision: z.enum(["approve", "decline"], "Press Approve or Decline."),
  payloadHash: z.string(),
  reason: line.optional(),
});
const TicketForm = z.object({
  title: line.pipe(z.string().min(1, "A ticket needs a title.")),
  description: text,
  acceptanceCriteria: lines,
  targetFiles: lines,
  contextFiles: lines,
  dependsOn: lines,
  verify: line,
  model: line,
  priority: z.enum(["high", "medium", "low"]),
});

const person = "person";

export function goalCommand(form: Form): FormResult {
  return parsed(GoalForm, form, ({ goal }) => ({ type: "create_epic", goal, isStarting: true }));
}

export function pauseCommand(form: Form): FormResult {
  return parsed(PauseForm, form, ({ isPaused }) => ({
    type: isPaused === "true" ? "pause_engine" : "unpause_engine",
    by: person,
  }));
}

/** A decision. The payload counts as edited only when it says something else than what was shown. */
export function decisionCommand(state: State, gateId: string, form: Form): FormResult {
  const gate = state.gates.get(gateId);
  if (!gate) return refused(404, `There is no gate ${gateId}. Reload the page to see those that are open.`);
  const result = DecisionForm.safeParse(form);
  if (!result.success) return refused(422, firstIssue(result.error));
  const { decision, payloadHash, reason } = result.data;
  if (decision === "decline") {
    return valid({
      type: "decline_gate",
      gateId,
      payloadHash,
      reason: reason || "Declined without a reason.",
      by: person,
    });
  }
  const edited = editedPayload(gate, form);
  if ("fault" in edited) return refused(422, edited.fault);
  const isEdited = canonicalJson(edited.payload) !== canonicalJson(gate.payload);
  return valid({
    type: "approve_gate",
    gateId,
    payloadHash,
    by: person,
    ...(isEdited ? { payload: edited.payload } : {}),
  });
}

/** Retry, skip or cancel a ticket; null for another word. */
export function leverCommand(ticketId: string, lever: string, form: Form): FormResult | null {
  switch (lever) {
    case "retry":
      return valid({ type: "retry_ticket", ticketId, by: person });
    case "skip":
      return parsed(ReasonForm, form, ({ reason }) => ({
        type: "skip_ticket",
        ticketId,
        reason: reason || "A person skipped it.",
      }));
    case "cancellation":
      return parsed(ReasonForm, form, ({ reason }) => ({
        type: "cancel_ticket",
        ticketId,
        reason: reason || "A person cancelled it.",
      }));
    default:
      return null;
  }
}

/** An edit that names only the fields which differ from the ticket as it is. */
export function editCommand(state: State, ticketId: string, form: Form): FormResult {
  const ticket = state.tickets.get(ticketId);
  if (!ticket) return refused(404, `There is no ticket ${ticketId}.`);
  const result = TicketForm.safeParse(form);
  if (!result.success) return refused(422, firstIssue(result.error));
  const { verify, model, ...rest } = result.data;
  const wanted = { ...rest, verify: verify || null, model: model || null };
  const isChanged = ([key, value]: [string, unknown]) =>
    // The form's keys are fields of a ticket by the schema above.
    JSON.stringify(value) !== JSON.stringify(ticket[key as keyof Ticket]);
  const changes = Object.fromEntries(Object.entries(wanted).filter(isChanged));
  if (Object.keys(changes).length === 0) return refused(422, "Nothing was changed.");
  return valid({ type: "edit_ticket", ticketId, changes });
}

function parsed<S extends z.ZodType>(
  schema: S,
  form: Form,
  commandOf: (value: z.output<S>) => PersonCommand,
): FormResult {
  const result = schema.safeParse(form);
  return result.success ? valid(commandOf(result.data)) : refused(422, firstIssue(result.error));
}

function valid(command: PersonCommand): FormResult {
  return { isValid: true, command };
}

function refused(status: 404 | 422, message: string): FormResult {
  return { isValid: false, status, message };
}

function firstIssue(error: z.ZodError): string {
  return error.issues[0]?.message ?? "The form could not be read. Reload the page and try again.";
}
