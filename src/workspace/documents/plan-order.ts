/**
 * Where a ticket's line stands in plan.md: a new one before those that come after it, and one that a person has moved before its
 * new neighbour, with all that is indented below it. Lines that nobody moved on the page stay in the order of the file.
 */
import type { Line } from "./lines.ts";
import { parseTask } from "./task-line.ts";

/** A stretch of lines: from the first up to, but not, the end. */
interface Stretch {
  readonly start: number;
  readonly end: number;
}

/** The line of the first of these tickets in a stretch; null when none of them is there. */
export function firstLineOf(lines: readonly Line[], within: Stretch, ticketIds: ReadonlySet<string>): number | null {
  for (let at = within.start; at < within.end; at += 1) if (isOneOf(lines[at], ticketIds)) return at;
  return null;
}

/** The lines with one ticket's block before the first of `later`, or after the last of `earlier`. */
export function moveBlock(
  lines: readonly Line[],
  within: Stretch,
  ticketId: string,
  { earlier, later }: { readonly earlier: ReadonlySet<string>; readonly later: ReadonlySet<string> },
): Line[] {
  const own = firstLineOf(lines, within, new Set([ticketId]));
  if (own === null) return [...lines];
  const end = blockEnd(lines, own);
  const block = lines.slice(own, end);
  const rest = [...lines.slice(0, own), ...lines.slice(end)];
  const room = { start: within.start, end: within.end - block.length };
  const next = firstLineOf(rest, room, later);
  const last = next === null ? lastLineOf(rest, room, earlier) : null;
  const place = next ?? (last === null ? null : blockEnd(rest, last));
  return place === null ? [...lines] : withEndings(rest.toSpliced(place, 0, ...block), lines);
}

function lastLineOf(lines: readonly Line[], within: Stretch, ticketIds: ReadonlySet<string>): number | null {
  for (let at = within.end - 1; at >= within.start; at -= 1) if (isOneOf(lines[at], ticketIds)) return at;
  return null;
}

function isOneOf(line: Line | undefined, ticketIds: ReadonlySet<string>): boolean {
  const task = line && !line.isFenced ? parseTask(line.body) : null;
  return task?.ticketId != null && ticketIds.has(task.ticketId);
}

/** A task with the lines that are indented below it. */
function blockEnd(lines: readonly Line[], start: number): number {
  const indent = indentOf(lines[start]);
  let end = start + 1;
  while (end < lines.length && lines[end]?.body.trim() !== "" && indentOf(lines[end]) >= indent + 2) end += 1;
  return end;
}

function indentOf(line: Line | undefined): number {
  return (/^\s*/.exec(line?.body ?? "")?.[0] ?? "").replaceAll("\t", "    ").length;
}

/** The last line of a file may have no ending, wherever it goes. */
function withEndings(moved: readonly Line[], before: readonly Line[]): Line[] {
  const ending = before.find((line) => line.ending !== "")?.ending ?? "\n";
  const isClosed = before.at(-1)?.ending !== "";
  return moved.map((line, at) => {
    if (at < moved.length - 1) return line.ending === "" ? { ...line, ending } : line;
    return isClosed ? line : { ...line, ending: "" };
  });
}
