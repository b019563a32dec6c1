/** Two requests in words: the first part in which they differ, and the lines that do. */
import { structuredPatch } from "diff";
import type { RequestForm, RequestPart } from "./request-form.ts";

export interface RequestDifference {
  /** The part in words; both requests are the same before it. */
  readonly place: string;
  /** The lines that differ, marked `-` (recorded) and `+` (now), with a few around them; bounded. */
  readonly lines: readonly string[];
}

const mostLines = 24;
const lineLength = 200;
const nothing = "(nothing)";

/** Where a request leaves the recorded one; null when their forms are the same. */
export function requestDifference(recorded: RequestForm, present: RequestForm): RequestDifference | null {
  const most = Math.max(recorded.parts.length, present.parts.length);
  for (let at = 0; at < most; at += 1) {
    const [before, now] = [recorded.parts[at], present.parts[at]];
    if (before && now && before.place === now.place && before.normal.text === now.normal.text) continue;
    if (before && now && before.place !== now.place)
      return { place: `${before.place}, which is now ${now.place}`, lines: lineDiff(before, now) };
    const place = now?.place ?? before?.place ?? "";
    return {
      place:
        now === undefined ? `${place}, which is missing now` : before === undefined ? `${place}, which is new` : place,
      lines: lineDiff(before, now),
    };
  }
  return null;
}

/** How many parts two requests have in common before they differ. */
export function likeness(recorded: RequestForm, present: RequestForm): number {
  const differing = recorded.parts.findIndex((part, at) => part.normal.text !== present.parts[at]?.normal.text);
  return differing < 0 ? recorded.parts.length : differing;
}

/** By normal forms, so that what may differ is not shown as what does. */
function lineDiff(before: RequestPart | undefined, now: RequestPart | undefined): string[] {
  const patch = structuredPatch(
    "",
    "",
    `${before?.normal.text ?? nothing}\n`,
    `${now?.normal.text ?? nothing}\n`,
    "",
    "",
    {
      context: 2,
    },
  );
  const lines = patch.hunks.flatMap((hunk) => hunk.lines.filter((line) => !line.startsWith("\\")));
  const shown = lines.slice(0, mostLines).map((line, at) => clipped(line, lines[at - 1], lines[at + 1]));
  return lines.length > mostLines ? [...shown, `  (${lines.length - mostLines} more lines)`] : shown;
}

/** A long line around the place in which it differs from its counterpart beside it. */
function clipped(line: string, before: string | undefined, after: string | undefined): string {
  if (line.length <= lineLength) return line;
  const other = line.startsWith("-") ? after : before;
  const isPair = other !== undefined && /^[-+]/.test(line) && other[0] !== line[0] && /^[-+]/.test(other);
  const start = isPair ? Math.max(1, commonLength(line.slice(1), other.slice(1)) - lineLength / 4) : 1;
  const end = start + lineLength;
  return `${line[0]}${start > 1 ? "…" : ""}${line.slice(start, end)}${end < line.length ? "…" : ""}`;
}

function commonLength(one: string, other: string): number {
  const differing = Array.from(one).findIndex((character, at) => character !== other[at]);
  return differing < 0 ? one.length : differing;
}
