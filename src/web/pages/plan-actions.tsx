/** @jsxImportSource hono/jsx */
/**
 * What the forms of a plan do: show what a change would do, or make it. A change that would end an attempt is shown first, and
 * one that was shown is made only while it still does what was shown.
 */
import type { Context, Hono } from "hono";
import { PreviewDetail } from "../../../views/plan-preview.tsx";
import { type Consequences, isCostly } from "../../domain/consequence.ts";
import { changeWords, previewView } from "../../projections/view-plan.ts";
import { rejectionStatus } from "../answer.ts";
import { isSeen, previewOf, stalePreview } from "../plan-change.ts";
import type { PageServices } from "./page-services.ts";
import { elementPartial, textPartial } from "./partials.tsx";
import { editCommand, type PlanFormResult, planFormCommand } from "./plan-forms.ts";
import { formOf, tell } from "./tell.ts";

const errorId = "edit-error";

/** Adds the routes that the forms of plans and tickets post to. */
export function registerPlanActions(app: Hono, services: PageServices): void {
  const state = () => services.engine.state();
  app.post("/actions/plan/:trackId", async (c) => {
    const form = await formOf(c);
    return change(c, services, planFormCommand(state(), c.req.param("trackId"), form), form);
  });
  app.post("/actions/tickets/:ticketId/edit", async (c) => {
    const form = await formOf(c);
    const ticketId = c.req.param("ticketId");
    const ticket = state().tickets.get(ticketId);
    const missing = { isValid: false, status: 404, message: `There is no ticket ${ticketId}.` } as const;
    return change(c, services, ticket ? editCommand(ticket, form) : missing, form);
  });
}

function change(c: Context, services: PageServices, result: PlanFormResult, form: Record<string, string>) {
  if (!result.isValid) return tell(c, services, { ...result, errorId, parts: [noPreview] });
  const { command } = result;
  const preview = previewOf(services.engine, command);
  if (!preview.isAccepted) {
    const { code, message } = preview.rejection;
    return tell(c, services, { status: rejectionStatus[code], message, errorId, parts: [noPreview] });
  }
  if (form.step === "preview") return show(c, preview, "", 200);
  const isUnseen = form.previewHash ? !isSeen(preview, form.previewHash) : isCostly(preview);
  if (isUnseen) return show(c, preview, form.previewHash ? stalePreview.message : costlyWords, 409);
  const done = services.engine.dispatch(command);
  if (!done.isAccepted) {
    const { code, message } = done.rejection;
    return tell(c, services, { status: rejectionStatus[code], message, errorId });
  }
  const message = changeWords(command);
  return tell(c, services, { status: 200, message, errorId, parts: [noPreview, donePart(preview, message)] });
}

const costlyWords = "Nothing is changed yet: it would end an attempt. Look at what it would do, and apply it again.";
const noPreview = { elementId: "edit-preview", html: "" };

/** The consequences beside the form, which stays as it was typed. */
function show(c: Context, preview: Consequences, message: string, status: 200 | 409) {
  const detail = <PreviewDetail preview={previewView(preview)} heading="What it would do" isAsked />;
  const shown = elementPartial("edit-preview", detail.toString(), "innerHTML");
  return c.html(`${textPartial(errorId, message)}${shown}`, status);
}

/** On the page of a track the form gives way to what was done; the page of a ticket keeps its form. */
function donePart(preview: Consequences, words: string) {
  const detail = <PreviewDetail preview={previewView(preview)} heading={words} />;
  return { elementId: "plan-form", html: detail.toString() };
}
