/** What a person changed in a payload: every place that says something else than what was proposed, word by word. */
import { diffLines, diffWordsWithSpace } from "diff";
import type { Json } from "../domain/gate.ts";

export interface DifferencePart {
  readonly kind: "same" | "added" | "removed";
  readonly text: string;
}

export interface PlaceDifference {
  /** Where in the payload, such as `tickets · parser · title`. */
  readonly place: string;
  readonly parts: readonly DifferencePart[];
}

/** Longer texts are compared line by line: words of a long text would take too long. */
const wordLimit = 20_000;
/** Of a longer stretch that is the same, both ends are shown. */
const sameLimit = 160;
const sameEnd = 60;
const timeLimit = { maxEditLength: 4_000 };

/** Every place that differs, in the order of the payloads; empty where they say the same. */
export function payloadDifference(before: Json, after: Json): readonly PlaceDifference[] {
  const [old, now] = [leavesOf(before), leavesOf(after)];
  const places = [...new Set([...old.keys(), ...now.keys()])];
  return places.flatMap((place) => {
    const [from = "", to = ""] = [old.get(place), now.get(place)];
    return from === to && old.has(place) === now.has(place) ? [] : [{ place, parts: partsOf(from, to) }];
  });
}

function partsOf(from: string, to: string): DifferencePart[] {
  const isLong = from.length + to.length > wordLimit;
  const changes = isLong ? diffLines(from, to, timeLimit) : diffWordsWithSpace(from, to, timeLimit);
  const whole: DifferencePart[] = [
    { kind: "removed", text: from },
    { kind: "added", text: to },
  ];
  const parts = changes?.map(({ added, removed, value }): DifferencePart => {
    if (added) return { kind: "added", text: value };
    return removed ? { kind: "removed", text: value } : { kind: "same", text: abridged(value) };
  });
  return (parts ?? whole).filter(({ text }) => text !== "");
}

function abridged(text: string): string {
  if (text.length <= sameLimit) return text;
  const between = text.length - 2 * sameEnd;
  return `${text.slice(0, sameEnd)} ⋯ ${between} characters as they were ⋯ ${text.slice(-sameEnd)}`;
}

/** Texts by their place. Entries with a key are told by it, so that one that was taken out shifts no other. */
function leavesOf(value: Json, path: readonly string[] = []): Map<string, string> {
  const place = path.join(" · ");
  if (typeof value === "string") return new Map([[place, value]]);
  if (value === null || typeof value !== "object") return new Map([[place, JSON.stringify(value)]]);
  if (!Array.isArray(value))
    return joined(Object.entries(value).map(([key, inner]) => leavesOf(inner, [...path, key])));
  const texts = value.filter((each) => typeof each === "string");
  if (texts.length === value.length) return new Map([[place, texts.join("\n")]]);
  const keys = value.map(keyOf);
  const isKeyed = keys.every((key) => key !== null) && new Set(keys).size === keys.length;
  const parts = value.map((each, index) =>
    leavesOf(each, [...path, isKeyed ? (keys[index] ?? "") : String(index + 1)]),
  );
  return joined([...parts, new Map(isKeyed ? [[[...path, "in this order"].join(" · "), keys.join(", ")]] : [])]);
}

function keyOf(value: Json): string | null {
  const isRecord = value !== null && typeof value === "object" && !Array.isArray(value);
  return isRecord && typeof value.key === "string" ? value.key : null;
}

function joined(maps: readonly ReadonlyMap<string, string>[]): Map<string, string> {
  return new Map(maps.flatMap((map) => [...map]));
}
