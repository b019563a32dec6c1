/**
 * One task line of a plan: `- [x] Task: T-014: Parse dates a1b2c3d`, and the forms that people and other tools write
 * (`Task 1.1:`, bullets of any kind, the commit in brackets or after a full stop). Changes touch the mark and the commit.
 */

export type Mark = " " | "~" | "x";

export interface TaskLine {
  readonly indent: number;
  readonly mark: Mark;
  /** What stands after the mark and `Task:`, without ticket id and commit. */
  readonly title: string;
  readonly ticketId: string | null;
  readonly sha: string | null;
}

const shape = /^(?<lead>\s*(?:[-*+]|\d+[.)])\s+\[)(?<mark>[ ~xX])(?<close>\]\s+)(?<text>.*)$/;
const label = /^(?:\*\*)?Task(?:\s+[\w.]+)?:(?:\*\*)?\s*/;
const ticket = /^(T-\d+)\b:?\s*/;
const shaAtEnd = /[\s.]*\s\[?(?<sha>[0-9a-f]{7,40})\]?\s*$/;

/** Parses a line; null when it is no task. */
export function parseTask(body: string): TaskLine | null {
  const groups = shape.exec(body)?.groups;
  if (!groups) return null;
  const mark = markOf(groups.mark);
  const labelled = (groups.text ?? "").replace(label, "");
  const ticketId = ticket.exec(labelled)?.[1] ?? null;
  const named = labelled.replace(ticket, "").trimEnd();
  // Only a finished task has a commit: an open one may well end in a word of hex digits.
  const sha = mark === "x" ? (shaAtEnd.exec(` ${named}`)?.groups?.sha ?? null) : null;
  const title = sha === null ? named : ` ${named}`.replace(shaAtEnd, "").trim();
  const indent = (/^\s*/.exec(body)?.[0] ?? "").replaceAll("\t", "    ").length;
  return { indent, mark, title, ticketId, sha };
}

/**
 * The line with another mark and commit; all else stays. `knownTitle` tells a title that ends in hex digits from a commit.
 * Without `sha` a commit that the line has stays, unless the task is no longer finished.
 */
export function markTask(body: string, mark: Mark, sha: string | null, knownTitle = ""): string {
  const task = parseTask(body);
  const groups = shape.exec(body)?.groups;
  if (!task || !groups) return body;
  const isSame = task.mark === mark && (sha === null || task.sha?.slice(0, 7) === sha.slice(0, 7));
  if (isSame) return body;
  const text = groups.text ?? "";
  const hasCommit = task.sha !== null && !endsWithTitle(text, knownTitle);
  const bare = hasCommit && (sha !== null || mark !== "x") ? text.replace(shaAtEnd, "") : text;
  const commit = sha === null ? "" : ` ${sha.slice(0, 7)}`;
  const shown = task.mark === mark ? (groups.mark ?? mark) : mark;
  return `${groups.lead ?? ""}${shown}${groups.close ?? ""}${commit ? bare.trimEnd() : bare}${commit}`;
}

/** The line with a ticket id before its title, for a hand-written task that has become a ticket. */
export function nameTask(body: string, ticketId: string): string {
  const groups = shape.exec(body)?.groups;
  if (!groups) return body;
  const text = groups.text ?? "";
  const labelLength = label.exec(text)?.[0].length ?? 0;
  const start = `${groups.lead ?? ""}${groups.mark ?? " "}${groups.close ?? ""}${text.slice(0, labelLength)}`;
  return `${start}${ticketId}: ${text.slice(labelLength)}`;
}

/** The line with another title; mark, ticket id and commit stay. */
export function retitleTask(body: string, title: string): string {
  const task = parseTask(body);
  const groups = shape.exec(body)?.groups;
  if (!task || !groups || task.title === title) return body;
  const text = groups.text ?? "";
  const labelled = text.replace(label, "");
  const start = text.slice(0, text.length - labelled.length) + (ticket.exec(labelled)?.[0] ?? "");
  const commit = task.sha === null ? "" : ` ${task.sha}`;
  return `${groups.lead ?? ""}${groups.mark ?? " "}${groups.close ?? ""}${start}${title}${commit}`;
}

/** A mark as the files have it. */
export function markOf(text: string | undefined): Mark {
  if (text === "~") return "~";
  return text === "x" || text === "X" ? "x" : " ";
}

function endsWithTitle(text: string, title: string): boolean {
  return title !== "" && text.trimEnd().endsWith(title);
}
