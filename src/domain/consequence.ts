/**
 * What a change of the plan would do, ticket by ticket, before it is made. It is made on a copy of the state, by the same rules
 * that make it: preview and effect cannot differ. The hash says which change with which effects a person has seen.
 */
import type { PlanCommand, Rejection } from "./command.ts";
import { consequenceNotes } from "./consequence-notes.ts";
import { copyState } from "./copy-state.ts";
import { decide } from "./decide.ts";
import type { Fact } from "./event.ts";
import { evolve } from "./evolve.ts";
import { follow } from "./follow.ts";
import { type Json, payloadHash } from "./gate.ts";
import { isFinal, isUnderWay } from "./readiness.ts";
import type { State, Ticket } from "./state.ts";
import { ticketStatus } from "./ticket-status.ts";

/**
 * `rerun`: its attempt is ended and another one starts. `invalidated`: its attempt is ended and none starts. `starts`: an attempt
 * starts. `waits`: it is to do, and says for what it waits. `ended`: it is skipped, cancelled or blocked. `untouched`: its attempt goes on.
 */
export type ConsequenceKind = "rerun" | "invalidated" | "starts" | "waits" | "ended" | "untouched";

export interface Consequence {
  readonly ticketId: string;
  readonly title: string;
  readonly kind: ConsequenceKind;
  /** Whether the change makes the ticket. */
  readonly isNew: boolean;
  /** One sentence or two. */
  readonly reason: string;
}

export interface Consequences {
  readonly isAccepted: true;
  /** What changes, and every attempt that is under way and does not; in the order of the plan. */
  readonly tickets: readonly Consequence[];
  /** Tickets of the track besides those: nothing happens to them. */
  readonly otherCount: number;
  /** What is so afterwards beyond single tickets. */
  readonly notes: readonly string[];
  readonly hash: string;
}

export type Preview = Consequences | { readonly isAccepted: false; readonly rejection: Rejection };

const followLimit = 100_000;

/** What a command on the plan of a track would do now. */
export function consequencesOf(state: State, command: PlanCommand, at: string): Preview {
  const trackId = "ticketId" in command ? state.tickets.get(command.ticketId)?.trackId : command.trackId;
  const decision = decide(state, command, at);
  if (!decision.isAccepted) return decision;
  const after = afterFacts(state, decision.facts, at);
  const changed = [...after.tickets.values()].filter((ticket) => state.tickets.get(ticket.ticketId) !== ticket);
  const isNear = nearness(changed);
  const own = (after.tracks.get(trackId ?? "")?.ticketIds ?? []).flatMap(
    (ticketId) => after.tickets.get(ticketId) ?? [],
  );
  const shown = new Set([...own.filter((one) => isUnderWay(one) || isNear(one)), ...changed]);
  const tickets = [...shown].flatMap((ticket) => consequence(state, after, ticket) ?? []);
  const told = new Set(tickets.map(({ ticketId }) => ticketId));
  // What goes on anyway moves on by itself: a preview is not stale because of it.
  const seen = tickets.flatMap(({ ticketId, kind }) => (kind === "untouched" ? [] : [{ ticketId, kind }]));
  return {
    isAccepted: true,
    tickets,
    otherCount: own.filter((ticket) => !told.has(ticket.ticketId)).length,
    notes: consequenceNotes(state, after, trackId ?? "", command),
    // A command is plain data, as it came in.
    hash: payloadHash({ command: JSON.parse(JSON.stringify(command)), seen } satisfies Json),
  };
}

/** Whether anything that is under way, or was to be done, would be lost: such a change is shown before it is made. */
export function isCostly({ tickets }: Consequences): boolean {
  return tickets.some(({ kind }) => kind === "rerun" || kind === "invalidated");
}

function afterFacts(state: State, facts: readonly Fact[], at: string): State {
  const copy = copyState(state);
  let next: readonly Fact[] = facts;
  for (let count = 0; next.length > 0 && count < followLimit; count += 1) {
    for (const fact of next) evolve(copy, { ...fact, position: copy.position + 1, at });
    next = follow(copy);
  }
  return copy;
}

/** A ticket that needs a changed one may wait for something else than before. */
function nearness(changed: readonly Ticket[]): (ticket: Ticket) => boolean {
  const ids = new Set(changed.map(({ ticketId }) => ticketId));
  return ({ dependsOn }) => dependsOn.some((needed) => ids.has(needed));
}

function consequence(before: State, after: State, ticket: Ticket): Consequence | null {
  const was = before.tickets.get(ticket.ticketId);
  const { ticketId, title } = ticket;
  const words = kindOf(before, after, was, ticket);
  return words ? { ticketId, title, isNew: was === undefined, ...words } : null;
}

type Words = Pick<Consequence, "kind" | "reason">;

function kindOf(before: State, after: State, was: Ticket | undefined, ticket: Ticket): Words | null {
  const last = was?.attempts.at(-1);
  const wasUnderWay = was !== undefined && isUnderWay(was);
  const isStarted = ticket.attempts.length > (was?.attempts.length ?? 0);
  const isEnded = wasUnderWay && last?.endedAt === null && ticket.attempts.at(last.attempt - 1)?.endedAt !== null;
  if (isEnded) return endedWords(after, ticket, last.attempt, isStarted);
  if (isStarted) return { kind: "starts", reason: startWords(ticket) };
  if (wasUnderWay) return { kind: "untouched", reason: `Attempt ${ticket.attempts.length} goes on as it is.` };
  if (isFinal(ticket)) return finalWords(was, ticket);
  const now = waitWords(after, ticket);
  if (was === ticket && now === waitWords(before, was)) return null;
  return { kind: "waits", reason: now };
}

function endedWords(after: State, ticket: Ticket, attempt: number, isStarted: boolean): Words {
  const lost = `Attempt ${attempt} is ended: its work is kept, and what it cost stays on the books.`;
  if (isStarted) return { kind: "rerun", reason: `${lost} ${startWords(ticket)}` };
  return { kind: "invalidated", reason: `${lost} ${isFinal(ticket) ? stageWords(ticket) : waitWords(after, ticket)}` };
}

function startWords({ attempts }: Ticket): string {
  const last = attempts.at(-1);
  return `Attempt ${last?.attempt ?? 1} starts now, with ${last?.model ?? "the tier's model"}.`;
}

function finalWords(was: Ticket | undefined, ticket: Ticket): Words | null {
  if (was === ticket) return null;
  if (was?.stage === ticket.stage)
    return { kind: "ended", reason: `It stays ${ticket.stage.name}; the change counts once it is done again.` };
  return { kind: "ended", reason: stageWords(ticket) };
}

function stageWords({ stage }: Ticket): string {
  const reason = "reason" in stage ? ` ${stage.reason}` : "";
  return `It is ${stage.name}.${reason}`;
}

function waitWords(state: State, ticket: Ticket): string {
  const { reason } = ticketStatus(state, ticket);
  if (reason !== null) return reason;
  const isRunning = state.tracks.get(ticket.trackId)?.status === "in_progress";
  return isRunning ? "It starts as soon as a worker is free." : "Its track does not run.";
}
