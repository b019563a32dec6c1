/**
 * plan.md: phases as headings, tickets as task lines, a manual verification at the end of each phase. Marks, commits and
 * checkpoints are changed in place and missing tickets added to their phase; every other byte of the file stays.
 */
import { insertLines, type Line, linesOf, oneLine, textOf, withBody } from "./lines.ts";
import { firstLineOf, moveBlock } from "./plan-order.ts";
import { type Mark, markTask, nameTask, parseTask, retitleTask, type TaskLine } from "./task-line.ts";

/** A ticket as the plan shows it. `phase` is the phase's name, with or without `Phase N:`. */
export interface PlannedTicket {
  readonly ticketId: string;
  readonly title: string;
  readonly phase: string;
  readonly mark: Mark;
  /** Shown only with the mark `x`. */
  readonly sha: string | null;
}

/** What a person has just changed on the page: it wins over what the file says. */
export interface PlanChanges {
  /** Tickets that were put elsewhere in the order. */
  readonly moved: ReadonlySet<string>;
  /** Tickets that have another title. */
  readonly renamed: ReadonlySet<string>;
}

/** A heading of level 2 or deeper, and the lines from it up to the next one. */
export interface Phase {
  readonly name: string;
  readonly number: number | null;
  readonly level: number;
  readonly start: number;
  readonly end: number;
}

const heading = /^(#{1,6})\s+(.*?)\s*$/;
const checkpoint = /\s*\[checkpoint: *([0-9a-f]{4,40})\]/;
const numbered = /^(?:\[[ ~xX]\]\s*)?Phase(?:\s+(\d+))?\s*[:.—-]\s*/i;
const verification = /^Conductor - User Manual Verification\b/;

/** Whether a task line's title is the verification that ends a phase. */
export function isVerification(title: string): boolean {
  return verification.test(title);
}

/** A new plan with a title and no phases. */
export function newPlan(trackTitle: string): string {
  return `# Implementation Plan: ${oneLine(trackTitle)}\n`;
}

/**
 * The plan with its tickets' marks and commits, and its phases' checkpoints (commit by phase name), brought up to date.
 * Tickets come in the order of the plan.
 */
export function updatePlan(
  text: string,
  tickets: readonly PlannedTicket[],
  checkpoints: Readonly<Record<string, string>>,
  changes: PlanChanges = { moved: new Set(), renamed: new Set() },
): string {
  let lines = linesOf(text);
  let places = placesOf(lines);
  tickets.forEach((ticket, at) => {
    const own = places.get(ticket.ticketId);
    if (own !== undefined) markOwn(lines, own, ticket, changes.renamed);
    else {
      lines = placeTicket(lines, ticket, () => idsOf(tickets.slice(at + 1)));
      places = placesOf(lines);
    }
  });
  tickets.forEach((ticket, at) => {
    const phase = changes.moved.has(ticket.ticketId) ? findPhase(lines, ticket.phase) : undefined;
    if (!phase) return;
    const order = { earlier: idsOf(tickets.slice(0, at)), later: idsOf(tickets.slice(at + 1)) };
    lines = moveBlock(lines, phase, ticket.ticketId, order);
  });
  for (const [phase, sha] of Object.entries(checkpoints)) lines = placeCheckpoint(lines, phase, sha);
  return textOf(lines);
}

function idsOf(tickets: readonly PlannedTicket[]): ReadonlySet<string> {
  return new Set(tickets.map(({ ticketId }) => ticketId));
}

/** The headings that may hold tasks, in order. */
export function phasesOf(lines: readonly Line[]): Phase[] {
  const heads = lines.flatMap((line, start) => {
    const [, marks = "", title = ""] = (line.isFenced ? null : heading.exec(line.body)) ?? [];
    return marks === "" ? [] : [{ start, level: marks.length, title }];
  });
  return heads
    .map(({ start, level, title }, at) => ({
      name: phaseName(title),
      number: phaseNumber(title),
      level,
      start,
      end: heads[at + 1]?.start ?? lines.length,
    }))
    .filter((phase) => phase.level > 1);
}

/** A phase's bare name: without its number, mark and checkpoint. */
export function phaseName(words: string): string {
  const bare = oneLine(words)
    .replace(checkpoint, "")
    .replace(/^#+\s*/, "")
    .replace(numbered, "")
    .trim();
  return bare === "" || bare === "(untitled)" ? "Implementation" : bare;
}

function phaseNumber(title: string): number | null {
  const digits = numbered.exec(title)?.[1];
  return digits === undefined ? null : Number(digits);
}

/** The first line of each ticket that the plan names. */
function placesOf(lines: readonly Line[]): Map<string, number> {
  const places = new Map<string, number>();
  for (const [at, line] of lines.entries()) {
    const ticketId = taskOf(line)?.ticketId ?? null;
    if (ticketId !== null && !places.has(ticketId)) places.set(ticketId, at);
  }
  return places;
}

/** Changes the line of a ticket in its place. */
function markOwn(lines: Line[], at: number, ticket: PlannedTicket, renamed: ReadonlySet<string>): void {
  const line = lines[at];
  if (!line) return;
  const { title, sha } = shownOf(ticket);
  const body = renamed.has(ticket.ticketId) ? retitleTask(line.body, title) : line.body;
  const marked = markTask(body, ticket.mark, sha, title);
  if (marked !== line.body) lines[at] = withBody(line, marked);
}

function shownOf({ title, mark, sha }: PlannedTicket): { readonly title: string; readonly sha: string | null } {
  return { title: oneLine(title), sha: mark === "x" ? sha : null };
}

/** Puts a ticket that the plan does not name into it: on the line that a person wrote for it, or on a new one in its phase. */
function placeTicket(lines: Line[], ticket: PlannedTicket, later: () => ReadonlySet<string>): Line[] {
  const { title, sha } = shownOf(ticket);
  const phase = findPhase(lines, ticket.phase);
  const unnamed = findTask(
    lines,
    (task, at) => task.ticketId === null && task.title === title && (!phase || (at > phase.start && at < phase.end)),
  );
  if (unnamed >= 0)
    return changeLine(lines, unnamed, (body) => markTask(nameTask(body, ticket.ticketId), ticket.mark, sha, title));
  const commit = sha === null ? "" : ` ${sha.slice(0, 7)}`;
  const body = `- [${ticket.mark}] Task: ${ticket.ticketId}: ${title}${commit}`;
  if (!phase) return addPhase(lines, ticket.phase, body);
  return insertLines(lines, firstLineOf(lines, phase, later()) ?? placeInPhase(lines, phase), [body]);
}

/** Before the phase's verification; else after its last task with all that belongs to it; else after its text. */
function placeInPhase(lines: readonly Line[], phase: Phase): number {
  let place = phase.start + 1;
  for (let at = phase.start + 1; at < phase.end; at++) {
    const line = lines[at];
    if (!line) continue;
    const task = taskOf(line);
    if (task && isVerification(task.title)) return at;
    if (line.body.trim() !== "") place = at + 1;
  }
  return place;
}

function addPhase(lines: readonly Line[], phase: string, body: string): Line[] {
  const phases = phasesOf(lines).filter((one) => one.number !== null);
  const last = phases.at(-1);
  const name = phaseName(phase);
  const number = Math.max(0, ...phases.map((one) => one.number ?? 0)) + 1;
  const place = last ? trimmedEnd(lines, last.start, last.end) : lines.length;
  const isApart = place === 0 || lines[place - 1]?.body.trim() === "";
  const isFollowed = place < lines.length && lines[place]?.body.trim() !== "";
  return insertLines(lines, place, [
    ...(isApart ? [] : [""]),
    `## Phase ${number}: ${name}`,
    "",
    body,
    `- [ ] Task: Conductor - User Manual Verification '${name}' (Protocol in workflow.md)`,
    ...(isFollowed ? [""] : []),
  ]);
}

function trimmedEnd(lines: readonly Line[], start: number, end: number): number {
  let at = end;
  while (at > start + 1 && lines[at - 1]?.body.trim() === "") at--;
  return at;
}

function placeCheckpoint(lines: Line[], phaseWords: string, sha: string): Line[] {
  const phase = findPhase(lines, phaseWords);
  if (!phase) return lines;
  const mark = `[checkpoint: ${sha.slice(0, 7)}]`;
  const headed = changeLine(lines, phase.start, (body) => {
    if (checkpoint.exec(body)?.[1]?.slice(0, 7) === sha.slice(0, 7)) return body;
    return checkpoint.test(body) ? body.replace(checkpoint, ` ${mark}`) : `${body.trimEnd()} ${mark}`;
  });
  const isInPhase = (at: number) => at > phase.start && at < phase.end;
  const verified = findTask(headed, (task, at) => isInPhase(at) && isVerification(task.title));
  return verified < 0 ? headed : changeLine(headed, verified, (body) => markTask(body, "x", sha));
}

function findPhase(lines: readonly Line[], words: string): Phase | undefined {
  const name = phaseName(words).toLowerCase();
  return phasesOf(lines).find((phase) => phase.name.toLowerCase() === name);
}

/** A line is taken apart once, however often it is looked at. */
const known = new WeakMap<Line, TaskLine | null>();

function taskOf(line: Line): TaskLine | null {
  let task = known.get(line);
  if (task === undefined) {
    task = line.isFenced ? null : parseTask(line.body);
    known.set(line, task);
  }
  return task;
}

function findTask(lines: readonly Line[], fits: (task: TaskLine, at: number) => boolean): number {
  return lines.findIndex((line, at) => {
    const task = taskOf(line);
    return task !== null && fits(task, at);
  });
}

function changeLine(lines: readonly Line[], index: number, change: (body: string) => string): Line[] {
  return lines.map((line, at) => (at === index ? withBody(line, change(line.body)) : line));
}
