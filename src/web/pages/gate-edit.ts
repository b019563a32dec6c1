/**
 * What a card's form says the payload is. The JSON is the payload; fields that were changed and that the JSON does not know
 * of count where the JSON itself was left alone. Where both were changed and say different things, neither counts.
 */
import { canonicalJson, type GateKind, Json } from "../../domain/gate.ts";
import { agrees, withFields, withItem, withoutItem } from "../../projections/gate-fields.ts";

type Form = Record<string, string>;

interface Shown {
  readonly kind: GateKind;
  readonly payload: Json;
}

export type EditedPayload = { readonly payload: Json } | { readonly fault: string };

/** The payload that the form asks to approve; what was shown where it sends none. */
export function editedPayload({ kind, payload: shown }: Shown, form: Form): EditedPayload {
  const json = jsonOf(form.payload, shown);
  if ("fault" in json) return json;
  const sent = sentFields(form);
  if (agrees(kind, json.payload, sent) || agrees(kind, shown, sent)) return json;
  if (canonicalJson(json.payload) === canonicalJson(shown)) return { payload: withFields(kind, shown, sent) };
  return {
    fault:
      "The fields and the JSON were both changed and say different things, so nothing was approved. Take the changes back in one of them.",
  };
}

/** How a draft was changed last: in its fields (or by adding to and taking from its list), in its JSON, or taken back. */
export interface DraftChange {
  readonly by?: string | undefined;
  readonly add?: string | undefined;
  readonly remove?: string | undefined;
}

/** The payload as it stands while it is edited: the face that was changed last counts. */
export function draftPayload({ kind, payload: shown }: Shown, form: Form, change: DraftChange): EditedPayload {
  if (change.by === "reset") return { payload: shown };
  const json = jsonOf(form.payload, shown);
  if (change.by !== "fields" || "fault" in json) return json;
  const filled = withFields(kind, json.payload, sentFields(form));
  if (change.add !== undefined) return { payload: withItem(kind, filled) };
  return { payload: change.remove === undefined ? filled : withoutItem(kind, filled, Number(change.remove)) };
}

function sentFields(form: Form): ReadonlyMap<string, string> {
  const fields = Object.entries(form).filter(([name]) => name.startsWith("field."));
  return new Map(fields.map(([name, text]) => [name, text.replaceAll("\r\n", "\n")]));
}

function jsonOf(source: string | undefined, shown: Json): EditedPayload {
  if (source === undefined) return { payload: shown };
  try {
    return { payload: Json.parse(JSON.parse(source)) };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { fault: "The payload is not JSON, so it cannot be approved. Mend it, or take the changes back." };
  }
}
