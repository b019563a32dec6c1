/** The forms of the page, parsed once: what a browser sends, and the command that it asks for. */
import { z } from "zod";
import type { PersonCommand } from "../../domain/command.ts";
import { canonicalJson } from "../../domain/gate.ts";
import type { State } from "../../domain/state.ts";
import { type Form, firstIssue, line } from "./form-fields.ts";
import { editedPayload } from "./gate-edit.ts";

/** A command, or a sentence that says what is wrong with the form. */
export type FormResult =
  | { readonly isValid: true; readonly command: PersonCommand }
  | { readonly isValid: false; readonly status: 404 | 422; readonly message: string };

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
