/**
 * An edit of one ticket. What its worker is told (or a dependency that its work lacks) makes the attempt under way one at an
 * older ticket: it is ended, and the next starts afresh. Priority, model and step mode leave it alone.
 */
import type { Decision, PersonCommand } from "./command.ts";
import { approveGate } from "./decide-gate.ts";
import { noTicket, reopenDependents, reopened } from "./decide-person.ts";
import { accept, failedAttempt, reject, retireTicket } from "./decision.ts";
import type { Fact } from "./event.ts";
import { canonicalJson, type Json } from "./gate.ts";
import { openedBy, spawnNeedsGate } from "./gate-rules.ts";
import { findCycle } from "./graph.ts";
import { pathFault } from "./proposal.ts";
import { isSatisfied, isUnderWay } from "./readiness.ts";
import { spawnGate } from "./spawn-gate.ts";
import type { State, Ticket } from "./state.ts";

type Edit = Extract<PersonCommand, { type: "edit_ticket" }>;

/** What a worker reads in its first message, in words. */
const told = {
  title: "the title",
  description: "the description",
  acceptanceCriteria: "the acceptance criteria",
  targetFiles: "the target files",
  contextFiles: "the context files",
  verify: "the check",
} as const;

export function editTicket(state: State, command: Edit, at: string): Decision {
  const ticket = state.tickets.get(command.ticketId);
  if (!ticket) return noTicket(command.ticketId);
  const { ticketId, trackId, stage } = ticket;
  if (stage.name === "completed")
    return reject(
      "conflict",
      `${ticketId} is completed; an edit would change nothing. Add a ticket that does the rest.`,
    );
  const { changes } = command;
  const fault = editFault(state, ticket, changes);
  if (fault) return reject("invalid", fault);
  const why = isUnderWay(ticket) ? whyAnew(state, ticket, changes) : null;
  if (why !== null && stage.name === "merging")
    return reject(
      "conflict",
      `${ticketId} is being merged, so ${why} comes too late. Add a ticket that does the rest.`,
    );
  return accept(
    ...(why === null ? [] : endedAttempt(state, ticket, `A person changed ${why} of ${ticketId}.`)),
    { type: "ticket.edited", ticketId, trackId, changes },
    ...freedFacts(state, ticket, changes),
    ...(why === null ? stepModeFacts(state, ticket, changes, at) : []),
  );
}

function editFault(state: State, ticket: Ticket, changes: Edit["changes"]): string | null {
  const { dependsOn, targetFiles = [], contextFiles = [] } = changes;
  const paths = [...targetFiles, ...contextFiles].map(pathFault).find((found) => found !== null);
  return (dependsOn ? dependencyFault(state, ticket, dependsOn) : null) ?? paths ?? null;
}

/** Why a ticket of this track may not need these tickets; null when it may. `ticketId` is null for one that is yet to be made. */
export function dependencyFault(
  state: State,
  { ticketId, trackId }: { readonly ticketId: string | null; readonly trackId: string },
  dependsOn: readonly string[],
): string | null {
  const unknown = dependsOn.filter((needed) => !state.tickets.has(needed));
  if (unknown.length > 0) return `There is no ticket ${unknown.join(", ")} that it could need.`;
  const foreign = dependsOn.filter((needed) => state.tickets.get(needed)?.trackId !== trackId);
  if (foreign.length > 0)
    return `${foreign.join(", ")} is no ticket of this track; a ticket depends on tickets of its own track.`;
  if (ticketId === null) return null;
  const own = (state.tracks.get(trackId)?.ticketIds ?? []).flatMap((other) => state.tickets.get(other) ?? []);
  const items = own.map((other) => ({
    key: other.ticketId,
    depends_on: other.ticketId === ticketId ? dependsOn : other.dependsOn,
  }));
  const cycle = findCycle(items);
  return cycle ? `The dependencies would form a cycle: ${fromFirst(cycle, ticketId).join(" → ")}.` : null;
}

/** The same cycle, told from the ticket that is edited. */
function fromFirst(cycle: readonly string[], ticketId: string): string[] {
  const ring = cycle.slice(1);
  const at = ring.indexOf(ticketId);
  return at < 0 ? [...cycle] : [...ring.slice(at), ...ring.slice(0, at), ticketId];
}

/** What of an edit makes the attempt under way one at an older ticket; null when it may go on. */
function whyAnew(state: State, ticket: Ticket, changes: Edit["changes"]): string | null {
  // The keys are those of `told`, which are fields of a ticket.
  const fields = (Object.keys(told) as (keyof typeof told)[]).filter((field) => isChanged(ticket, changes, field));
  if (fields.length > 0) return fields.map((field) => told[field]).join(", ");
  const lacking = (changes.dependsOn ?? []).find((needed) => isLacking(state, ticket, needed));
  return lacking === undefined ? null : `the dependencies (its work lacks ${lacking})`;
}

function isChanged(ticket: Ticket, changes: Edit["changes"], field: keyof typeof told): boolean {
  const wanted = changes[field];
  return wanted !== undefined && canonicalJson(plain(wanted)) !== canonicalJson(plain(ticket[field]));
}

function plain(value: string | readonly string[] | null): Json {
  return typeof value === "object" && value !== null ? [...value] : value;
}

/** Whether a new dependency is not in the work of the attempt under way: not merged yet, or merged after it began. */
function isLacking(state: State, ticket: Ticket, needed: string): boolean {
  if (ticket.dependsOn.includes(needed)) return false;
  const dependency = state.tickets.get(needed);
  if (!isSatisfied(dependency)) return true;
  const mergedAt = dependency?.stage.name === "completed" ? dependency.attempts.at(-1)?.endedAt : null;
  const startedAt = ticket.attempts.at(-1)?.startedAt ?? "";
  return typeof mergedAt === "string" && mergedAt > startedAt;
}

/** The attempt under way ends: no retry is counted, what it cost stays, and the next one starts afresh. */
function endedAttempt(state: State, ticket: Ticket, reason: string): Fact[] {
  return [
    ...retireTicket(state, ticket.ticketId, reason),
    ...failedAttempt(state, ticket, { cause: "interrupted", reason, isFresh: true, code: "edited" }),
  ];
}

/** A ticket that was blocked by one that it no longer needs may go on, and what was blocked by it in turn. */
function freedFacts(state: State, ticket: Ticket, { dependsOn }: Edit["changes"]): Fact[] {
  const { stage } = ticket;
  if (!dependsOn || stage.name !== "blocked" || stage.causeTicketId === null) return [];
  if (dependsOn.includes(stage.causeTicketId)) return [];
  return [reopened(ticket, "person"), ...reopenDependents(state, ticket, "person")];
}

/** Step mode asks from now on, also for a start that is on its way; without it, gates that it alone had opened are decided. */
function stepModeFacts(state: State, ticket: Ticket, { isStepMode }: Edit["changes"], at: string): Fact[] {
  if (isStepMode === undefined || isStepMode === ticket.isStepMode) return [];
  const edited = { ...ticket, isStepMode };
  const after = { ...state, tickets: new Map(state.tickets).set(ticket.ticketId, edited) };
  const gates = [...state.work.openGates.values()].filter((gate) => gate.ticketId === ticket.ticketId);
  if (isStepMode) {
    const isStarting = ticket.stage.name === "spawning" && !ticket.stage.isAllowed && spawnNeedsGate(after, edited);
    return isStarting && !gates.some(({ kind }) => kind === "spawn") ? spawnGate(after, edited, at) : [];
  }
  return gates.flatMap(({ gateId, payloadHash, ...gate }) => {
    const by = openedBy(after, { gateId, payloadHash, ...gate });
    if (by === null) return [];
    const decision = approveGate(after, { type: "approve_gate", gateId, payloadHash, by }, at);
    return decision.isAccepted ? decision.facts : [];
  });
}
