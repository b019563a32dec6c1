/** Why each of many tickets does not move, in words that name what it waits for: a ticket with its status, a slot, a gate. */
import { isSatisfied } from "../domain/readiness.ts";
import type { State, Ticket, Track } from "../domain/state.ts";
import { type StatusLine, ticketStatus } from "../domain/ticket-status.ts";

/** Gives the status of a ticket, and why it does not move. */
export type LineOf = (ticket: Ticket) => StatusLine;

/** How many tickets a sentence names before it counts. */
const mostNamed = 4;

/** The present statuses; open gates are gathered once for all tickets that are asked about. */
export function statusLines(state: State): LineOf {
  const known = new Map<string, StatusLine>();
  const plainLine = (ticket: Ticket): StatusLine => {
    const line = known.get(ticket.ticketId) ?? ticketStatus(state, ticket);
    known.set(ticket.ticketId, line);
    return line;
  };
  let gates: ReadonlyMap<string, string> | null = null;
  return (ticket) => {
    gates ??= openGates(state);
    const line = plainLine(ticket);
    return { ...line, reason: whyStill(state, ticket, line, { gateId: gates.get(ticket.ticketId), plainLine }) };
  };
}

interface Surroundings {
  readonly gateId: string | undefined;
  readonly plainLine: LineOf;
}

/** One sentence that names what the ticket waits for; null where its status says all. */
function whyStill(state: State, ticket: Ticket, { status, reason }: StatusLine, around: Surroundings): string | null {
  if (status === "todo") return todoReason(state, ticket, reason, around);
  if (status !== "waiting" || reason === null) return reason;
  const busy = /^All (\d+) workers are busy\.$/.exec(reason)?.[1];
  if (busy !== undefined) return `Waits for a slot: ${busy} of ${busy} workers are busy.`;
  return around.gateId === undefined ? reason : `${reason.replace(/\.$/, "")} (gate ${around.gateId}).`;
}

function todoReason(state: State, ticket: Ticket, reason: string | null, { plainLine }: Surroundings): string | null {
  const unmet = ticket.dependsOn.filter((ticketId) => !isSatisfied(state.tickets.get(ticketId)));
  if (unmet.length > 0) {
    const words = unmet.slice(0, mostNamed).map((ticketId) => {
      const needed = state.tickets.get(ticketId);
      return needed ? `${ticketId} (${plainLine(needed).status.replaceAll("_", " ")})` : `${ticketId} (unknown)`;
    });
    const more = unmet.length > mostNamed ? ` and ${unmet.length - mostNamed} more` : "";
    return `Waits for ${words.join(", ")}${more}.`;
  }
  return reason ?? trackReason(state, state.tracks.get(ticket.trackId));
}

function trackReason(state: State, track: Track | undefined): string {
  if (track?.status === "in_progress") return state.isPaused ? "The engine is paused." : "It may start now.";
  if (track?.status === "blocked") return "Its track is blocked.";
  return track?.status === "planning" ? "Its track is being planned." : "Its track has not started.";
}

function openGates(state: State): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const { gateId, ticketId } of state.work.openGates.values())
    if (ticketId !== undefined && !found.has(ticketId)) found.set(ticketId, gateId);
  return found;
}
