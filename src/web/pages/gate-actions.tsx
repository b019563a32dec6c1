/** @jsxImportSource hono/jsx */
/** What a gate card's form does: an answer, and before it the difference between what was proposed and what would be approved. */
import type { Context, Hono } from "hono";
import { DifferenceView } from "../../../views/gate-difference.tsx";
import { FieldsView, PayloadBox } from "../../../views/gate-editor.tsx";
import { judgeEdit } from "../../domain/decide-gate.ts";
import type { Gate } from "../../domain/state.ts";
import { gateEditor } from "../../projections/gate-fields.ts";
import { payloadDifference } from "../../projections/payload-difference.ts";
import { editorJson } from "../../projections/unseen-text.ts";
import { elementId } from "../../projections/view-element-id.ts";
import { nonceOf } from "../security-headers.ts";
import { decisionCommand } from "./action-forms.ts";
import { answerAlike } from "./alike-answer.ts";
import { type DraftChange, draftPayload } from "./gate-edit.ts";
import type { PageServices } from "./page-services.ts";
import { elementPartial, textPartial, withNonce } from "./partials.tsx";
import { act, formOf } from "./tell.ts";

/** Adds the routes that gate cards post to. */
export function registerGateActions(app: Hono, services: PageServices): void {
  const state = () => services.engine.state();
  app.post("/actions/gates/:gateId/decision", async (c) => {
    const gateId = c.req.param("gateId");
    const form = await formOf(c);
    if (form.alike) return answerAlike(c, services, gateId, form);
    const done = `${gateId} is ${form.decision === "approve" ? "approved" : "declined"}.`;
    return act(c, services, decisionCommand(state(), gateId, form), done, `${elementId("gate", gateId)}-error`);
  });
  app.post("/actions/gates/:gateId/difference", async (c) => {
    const gate = state().gates.get(c.req.param("gateId"));
    const form = await formOf(c);
    return gate?.status === "open" ? difference(c, services, gate, form) : c.html("", 404);
  });
}

/** The other face of the draft, and what differs from what was proposed; nothing is decided by it. */
function difference(c: Context, { engine }: PageServices, gate: Gate, form: Record<string, string>) {
  const { gateId, kind } = gate;
  const id = elementId("gate", gateId);
  const change: DraftChange = c.req.query();
  const draft = draftPayload(gate, form, change);
  const put = (part: string, content: Parameters<typeof withNonce>[1], swap: "innerHTML" | "outerHTML") =>
    elementPartial(`${id}-${part}`, withNonce(nonceOf(c), content), swap);
  const parts = [textPartial(`${id}-error`, "")];
  if ("fault" in draft) {
    const view = <DifferenceView card={gate} places={[]} fault={draft.fault} />;
    return c.html([...parts, put("difference", view, "innerHTML")].join(""));
  }
  const { payload, fault } = judgeEdit(engine.state(), gate, draft.payload);
  const places = payloadDifference(gate.payload, payload);
  const [editor, payloadText] = [gateEditor(kind, draft.payload), editorJson(draft.payload)];
  const isFieldEdit = change.by === "fields" && change.add === undefined && change.remove === undefined;
  if (!isFieldEdit && gateEditor(kind, gate.payload) !== null)
    parts.push(put("fields", <FieldsView card={{ gateId, elementId: id, editor }} />, "outerHTML"));
  if (change.by !== "json")
    parts.push(put("payload", <PayloadBox card={{ elementId: id, payloadText }} />, "outerHTML"));
  parts.push(put("difference", <DifferenceView card={gate} places={places} fault={fault} />, "innerHTML"));
  return c.html(parts.join(""));
}
