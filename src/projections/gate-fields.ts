/**
 * A gate's payload as fields for people: a command, a prompt, the tickets of a plan. The fields are a second face of the
 * payload, not a second payload: laid over it they give it back, and only what was changed in them changes it.
 */
import type { GateKind, Json } from "../domain/gate.ts";
import { boxLine, boxText, textOfBox } from "./unseen-text.ts";

/** `lines`: a list, one entry a line. */
type Shape = "line" | "text" | "lines" | "number";

export interface GateField {
  /** Its name in the form: `field.` and the path in the payload. */
  readonly name: string;
  readonly label: string;
  readonly shape: Shape;
  readonly text: string;
}

/** The fields of one thing: the whole payload, or one ticket or track of it. */
export interface FieldGroup {
  readonly title: string;
  readonly fields: readonly GateField[];
}

export interface GateEditor {
  readonly groups: readonly FieldGroup[];
  /** What there is a list of, to be added to and taken from; null where there is no list. */
  readonly item: "ticket" | "track" | null;
}

type JsonObject = { [key: string]: Json };

interface Spec {
  readonly key: string;
  readonly label: string;
  readonly shape: Shape;
}

const command: readonly Spec[] = [{ key: "command", label: "Command", shape: "line" }];
const criteria: Spec = { key: "acceptance_criteria", label: "Criteria, one a line", shape: "lines" };
const needs: Spec = { key: "depends_on", label: "Depends on, a key a line", shape: "lines" };
const named: readonly Spec[] = [
  { key: "title", label: "Title", shape: "line" },
  { key: "key", label: "Key", shape: "line" },
];

const flatSpecs: Partial<Record<GateKind, readonly Spec[]>> = {
  command,
  unknown: command,
  spawn: [
    { key: "model", label: "Model", shape: "line" },
    { key: "prompt", label: "Prompt", shape: "text" },
    { key: "context", label: "Context", shape: "text" },
  ],
  write: [{ key: "content", label: "Content", shape: "text" }],
  budget: [{ key: "raiseTo", label: "Raise to", shape: "number" }],
};

const itemSpecs: Readonly<Record<"ticket" | "track", readonly Spec[]>> = {
  ticket: [
    ...named,
    { key: "description", label: "Description", shape: "text" },
    { key: "target_files", label: "Target files, one a line", shape: "lines" },
    needs,
    criteria,
  ],
  track: [...named, { key: "goal", label: "Goal", shape: "text" }, needs, criteria],
};

/** The payload as fields; null for a kind that is approved as it is, and for a payload that fields cannot hold. */
export function gateEditor(kind: GateKind, payload: Json): GateEditor | null {
  if (!isObject(payload)) return null;
  const item = itemOf(kind);
  if (item === null) {
    const fields = fieldsOf(payload, flatSpecs[kind] ?? [], "field");
    return fields === null || fields.length === 0 ? null : { groups: [{ title: "", fields }], item };
  }
  const items = payload[`${item}s`];
  if (!Array.isArray(items)) return null;
  const groups = items.map((each, index): FieldGroup | null => {
    const fields = isObject(each) ? fieldsOf(each, itemSpecs[item], `field.${item}s.${index}`) : null;
    return fields && { title: `${item === "ticket" ? "Ticket" : "Track"} ${index + 1}`, fields };
  });
  const fit = groups.filter((group) => group !== null);
  return fit.length === groups.length ? { groups: fit, item } : null;
}

/** The payload with what the fields say in place of what it says; a field that was not changed changes nothing. */
export function withFields(kind: GateKind, payload: Json, sent: ReadonlyMap<string, string>): Json {
  const editor = gateEditor(kind, payload);
  if (!editor) return payload;
  return editor.groups
    .flatMap(({ fields }) => fields)
    .reduce((whole, { name, shape, text }) => {
      const said = sent.get(name);
      return said === undefined || said === text ? whole : put(whole, name.split(".").slice(1), jsonValue(shape, said));
    }, payload);
}

/** Whether fields say what this payload says. */
export function agrees(kind: GateKind, payload: Json, sent: ReadonlyMap<string, string>): boolean {
  const fields = gateEditor(kind, payload)?.groups.flatMap((group) => group.fields) ?? [];
  const texts = new Map(fields.map(({ name, text }) => [name, text]));
  return [...sent].every(([name, text]) => texts.get(name) === text);
}

/** The plan with one more ticket or track, which says nothing yet. */
export function withItem(kind: GateKind, payload: Json): Json {
  const item = itemOf(kind);
  if (item === null || !isObject(payload)) return payload;
  const items = listOf(payload, item);
  const keys = new Set(items.map((each) => (isObject(each) ? each.key : null)));
  let count = items.length + 1;
  while (keys.has(`${item}-${count}`)) count += 1;
  const empty = item === "ticket" ? { description: "", target_files: [] } : { goal: "" };
  const added = { key: `${item}-${count}`, title: "", ...empty, acceptance_criteria: [] };
  return { ...payload, [`${item}s`]: [...items, added] };
}

/** The plan without the ticket or track at this place. */
export function withoutItem(kind: GateKind, payload: Json, index: number): Json {
  const item = itemOf(kind);
  if (item === null || !isObject(payload)) return payload;
  return { ...payload, [`${item}s`]: listOf(payload, item).filter((_each, at) => at !== index) };
}

function itemOf(kind: GateKind): "ticket" | "track" | null {
  if (kind === "tickets") return "ticket";
  return kind === "tracks" ? "track" : null;
}

function listOf(payload: JsonObject, item: string): Json[] {
  const items = payload[`${item}s`];
  return Array.isArray(items) ? items : [];
}

function fieldsOf(record: JsonObject, specs: readonly Spec[], path: string): GateField[] | null {
  const fields = specs.map(({ key, label, shape }): GateField | null => {
    const text = textOf(shape, record[key]);
    return text === null ? null : { name: `${path}.${key}`, label, shape, text };
  });
  const fit = fields.filter((field) => field !== null);
  return fit.length === fields.length ? fit : null;
}

function textOf(shape: Shape, value: Json | undefined): string | null {
  if (value === undefined) return "";
  if (shape === "number") return typeof value === "number" ? String(value) : null;
  if (shape !== "lines") return typeof value === "string" ? boxText(value) : null;
  if (!Array.isArray(value)) return null;
  const lines = value.filter((each) => typeof each === "string");
  return lines.length === value.length ? lines.map(boxLine).join("\n") : null;
}

function jsonValue(shape: Shape, text: string): Json {
  if (shape === "number") {
    const value = Number(text);
    return text.trim() !== "" && Number.isFinite(value) ? value : text;
  }
  if (shape !== "lines") return textOfBox(text);
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  return lines.map((line) => textOfBox(line));
}

function put(whole: Json, path: readonly string[], value: Json): Json {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  if (Array.isArray(whole)) return whole.map((each, index) => (String(index) === key ? put(each, rest, value) : each));
  return isObject(whole) ? { ...whole, [key]: put(whole[key] ?? null, rest, value) } : whole;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
