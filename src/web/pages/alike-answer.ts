/** One answer for gates that ask the same: each takes it by itself, with its own payload hash, and says what came of it. */
import type { Context } from "hono";
import { alikeKey, answeredAlone } from "../../domain/alike.ts";
import { elementId } from "../../projections/view-element-id.ts";
import { decisionCommand } from "./action-forms.ts";
import type { PageServices } from "./page-services.ts";
import { tell } from "./tell.ts";

type Form = Record<string, string>;

/** Answers a gate and those that its form names as `<gate id>:<payload hash>`, with spaces between them. */
export function answerAlike(c: Context, services: PageServices, gateId: string, form: Form) {
  const { engine } = services;
  const errorId = `${elementId("gate", gateId)}-error`;
  const { alike: _alike, ...own } = form;
  const asked = decisionCommand(engine.state(), gateId, own);
  if (!asked.isValid) return tell(c, services, { ...asked, errorId });
  const { command } = asked;
  const head = engine.state().gates.get(gateId);
  const refuse = (message: string) => tell(c, services, { status: 422, message, errorId });
  if ("payload" in command)
    return refuse("An edited payload answers one gate. Take the changes back, or the tick away from the others.");
  const alone = head ? answeredAlone(head) : null;
  if (alone !== null) return refuse(`${gateId} is answered by itself: ${alone}.`);
  const key = head && alikeKey(head);
  const answer = (id: string, payloadHash: string) => {
    const gate = engine.state().gates.get(id);
    if (!gate || alikeKey(gate) !== key) return `${id} asks something else, and was not answered.`;
    // Both decisions have these two fields, and the rest of the answer is the same for all.
    const result = engine.dispatch({ ...command, gateId: id, payloadHash } as typeof command);
    const done = form.decision === "approve" ? "approved" : "declined";
    return result.isAccepted ? `${id} is ${done}.` : result.rejection.message;
  };
  const said = [answer(gateId, form.payloadHash ?? ""), ...membersOf(form).map(([id, hash]) => answer(id, hash))];
  return tell(c, services, { status: 200, message: said.join(" "), errorId });
}

function membersOf({ alike = "" }: Form): readonly (readonly [gateId: string, payloadHash: string])[] {
  return alike.split(" ").flatMap((pair) => {
    const at = pair.lastIndexOf(":");
    return at < 0 ? [] : [[pair.slice(0, at), pair.slice(at + 1)] as const];
  });
}
