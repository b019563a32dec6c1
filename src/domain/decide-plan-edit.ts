/** Changes of a track's plan while it runs: tickets that a person adds, splits, or puts in another order. */
import type { Decision, PersonCommand } from "./command.ts";
import { dependencyFault } from "./decide-edit.ts";
import { isAboutEnd, noTicket, reopenDependents, restartDependents } from "./decide-person.ts";
import { accept, reject, retireTicket, withdrawGates } from "./decision.ts";
import type { Fact } from "./event.ts";
import { planNeedsGate } from "./gate-rules.ts";
import { idSource } from "./ids.ts";
import type { TicketPart } from "./plan-edit.ts";
import { pathFault } from "./proposal.ts";
import type { State, Ticket, Track } from "./state.ts";

type Of<T extends PersonCommand["type"]> = Extract<PersonCommand, { type: T }>;

export function addTicket(state: State, { trackId, ticket }: Of<"add_ticket">): Decision {
  const track = state.tracks.get(trackId);
  if (!track) return reject("not_found", `There is no track ${trackId}.`);
  const closed = closedWords(state, track);
  if (closed) return reject("conflict", closed);
  const { afterTicketId } = ticket;
  const fault =
    dependencyFault(state, { ticketId: null, trackId }, ticket.dependsOn) ??
    [...ticket.targetFiles, ...ticket.contextFiles].map(pathFault).find((found) => found !== null) ??
    (afterTicketId === undefined ? null : placeFault(track, afterTicketId));
  if (fault) return reject("invalid", fault);
  const ticketId = idSource(state).ticket();
  const { verify, model, phase, ...fields } = ticket;
  const made: Fact = {
    type: "ticket.created",
    ...fields,
    ticketId,
    trackId,
    key: ticketId,
    phase: phase ?? lastPhase(state, track),
    dependsOn: [...new Set(ticket.dependsOn)],
    ...(verify === null ? {} : { verify }),
    ...(model === null ? {} : { model }),
  };
  return accept(
    ...withdrawGates(state, `${ticketId} is added to it.`, (gate) => isAboutEnd(gate, trackId, made.phase)),
    made,
    ...restartDependents(state, trackId),
  );
}

/** Why no ticket may come to a track; null when one may. */
function closedWords(state: State, { trackId, status, ticketIds, landing }: Track): string | null {
  if (status === "new") return `The track ${trackId} has not started: start it, and add the ticket to its plan then.`;
  if (ticketIds.length === 0)
    return `The track ${trackId} has no plan yet: edit the tech lead's tickets at their gate, or wait until they are made.`;
  if (landing.name === "landed")
    return `The track ${trackId} has landed in ${landing.branch}: make a new track for what is left.`;
  const isLanding = landing.name === "prepared" && (landing.isAllowed || !planNeedsGate(state));
  return isLanding ? `The track ${trackId} is being landed: make a new track for what is left.` : null;
}

function placeFault({ trackId, ticketIds }: Track, ticketId: string): string | null {
  return ticketIds.includes(ticketId) ? null : `${ticketId} is no ticket of the track ${trackId}.`;
}

function lastPhase(state: State, { ticketIds }: Track): string {
  return state.tickets.get(ticketIds.at(-1) ?? "")?.phase ?? "Implementation";
}

/** The whole is skipped; its parts need what it needed, and what needed it needs all of them, or the last of a chain. */
export function splitTicket(state: State, command: Of<"split_ticket">): Decision {
  const { ticketId, parts, isChained } = command;
  const ticket = state.tickets.get(ticketId);
  const track = state.tracks.get(ticket?.trackId ?? "");
  if (!ticket || !track) return noTicket(ticketId);
  const { name } = ticket.stage;
  if (name === "completed" || name === "skipped" || name === "merging")
    return reject("conflict", `${ticketId} is ${name}; only what is still to do can be split.`);
  const closed = closedWords(state, track);
  if (closed) return reject("conflict", closed);
  if (parts.length < 2) return reject("invalid", "A ticket is split into two parts or more.");
  const paths = parts.flatMap((part) => [...(part.targetFiles ?? []), ...(part.contextFiles ?? [])]);
  const fault = paths.map(pathFault).find((found) => found !== null);
  if (fault) return reject("invalid", fault);
  const ids = idSource(state);
  const partIds = parts.map(() => ids.ticket());
  const reason = `Split into ${partIds.join(", ")}.`;
  const { trackId } = ticket;
  return accept(
    ...retireTicket(state, ticketId, reason),
    ...parts.map((part, index) => partFact(ticket, part, { partIds, index, isChained })),
    { type: "ticket.skipped", ticketId, trackId, reason },
    ...passedOn(state, ticket, isChained ? partIds.slice(-1) : partIds),
    ...reopenDependents(state, ticket, "person"),
    ...restartDependents(state, trackId),
  );
}

interface PartPlace {
  readonly partIds: readonly string[];
  readonly index: number;
  readonly isChained: boolean;
}

function partFact(whole: Ticket, part: TicketPart, { partIds, index, isChained }: PartPlace): Fact {
  const ticketId = partIds[index] ?? "";
  const before = partIds[index - 1];
  const verify = part.verify === undefined ? whole.verify : part.verify;
  const model = part.model === undefined ? whole.model : part.model;
  return {
    type: "ticket.created",
    ticketId,
    trackId: whole.trackId,
    key: ticketId,
    title: part.title,
    description: part.description || partWords(whole, index, partIds.length),
    targetFiles: part.targetFiles ?? [...whole.targetFiles],
    contextFiles: part.contextFiles ?? [...whole.contextFiles],
    dependsOn: isChained && before !== undefined ? [before] : [...whole.dependsOn],
    acceptanceCriteria: part.acceptanceCriteria ?? [...whole.acceptanceCriteria],
    ...(verify === null ? {} : { verify }),
    ...(model === null ? {} : { model }),
    phase: whole.phase,
    priority: part.priority ?? whole.priority,
    isStepMode: part.isStepMode ?? whole.isStepMode,
    afterTicketId: before ?? whole.ticketId,
  };
}

/** Its worker sees this ticket alone: without the whole's words it would not know what the part is a part of. */
function partWords(whole: Ticket, index: number, count: number): string {
  return `Part ${index + 1} of ${count} of "${whole.title}". Do only this part. The whole was described so:\n\n${whole.description}`;
}

/** What has not begun and needed the whole needs its parts instead. What has begun had it already. */
function passedOn(state: State, { ticketId, trackId }: Ticket, partIds: readonly string[]): Fact[] {
  const own = (state.tracks.get(trackId)?.ticketIds ?? []).flatMap((other) => state.tickets.get(other) ?? []);
  const dependants = own.filter(({ dependsOn, stage }) => dependsOn.includes(ticketId) && isUnbegun(stage.name));
  return dependants.map((other) => ({
    type: "ticket.edited",
    ticketId: other.ticketId,
    trackId,
    changes: {
      dependsOn: [...new Set(other.dependsOn.flatMap((needed) => (needed === ticketId ? partIds : [needed])))],
    },
  }));
}

function isUnbegun(stage: Ticket["stage"]["name"]): boolean {
  return stage === "todo" || stage === "blocked" || stage === "cancelled";
}

/** Puts a ticket before another one: of two that may start and have one priority, the first in the plan starts first. */
export function moveTicket(state: State, { ticketId, beforeTicketId }: Of<"move_ticket">): Decision {
  const ticket = state.tickets.get(ticketId);
  const track = state.tracks.get(ticket?.trackId ?? "");
  if (!ticket || !track) return noTicket(ticketId);
  if (ticket.stage.name === "completed")
    return reject("conflict", `${ticketId} is completed; its place in the order says nothing any more.`);
  const fault = beforeTicketId === null ? null : placeFault(track, beforeTicketId);
  if (fault) return reject("invalid", fault);
  const next = track.ticketIds[track.ticketIds.indexOf(ticketId) + 1] ?? null;
  if (beforeTicketId === ticketId || beforeTicketId === next) return accept();
  return accept({ type: "ticket.moved", ticketId, trackId: track.trackId, beforeTicketId });
}
