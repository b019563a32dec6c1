/** What the editor of a plan shows: the tickets that are not merged yet, in the order of the plan, and the form that is asked for. */
import type { PlanCommand } from "../domain/command.ts";
import type { ConsequenceKind, Consequences } from "../domain/consequence.ts";
import { type Json, payloadHash } from "../domain/gate.ts";
import type { State, Ticket } from "../domain/state.ts";
import { type TicketStatus, ticketStatus } from "../domain/ticket-status.ts";

export interface PlanRow {
  readonly ticketId: string;
  readonly title: string;
  readonly status: TicketStatus;
  readonly dependsOn: readonly string[];
  readonly priority: Ticket["priority"];
  readonly model: string | null;
  readonly isStepMode: boolean;
}

/** A ticket as its form has it; `base` says what it was when the form was drawn. */
export interface TicketFormView extends PlanRow {
  readonly description: string;
  readonly acceptanceCriteria: readonly string[];
  readonly targetFiles: readonly string[];
  readonly contextFiles: readonly string[];
  readonly verify: string | null;
  readonly base: string;
}

export type PlanForm =
  | { readonly name: "add"; readonly phases: readonly string[] }
  | { readonly name: "edit" | "split" | "skip" | "move"; readonly ticket: TicketFormView };

export interface PlanEditorView {
  readonly trackId: string;
  /** Whether the list, or a form, is asked for: otherwise there are only the ways to it. */
  readonly isOpen: boolean;
  readonly rows: readonly PlanRow[];
  readonly hiddenCount: number;
  readonly form: PlanForm | null;
  /** Why the form that is asked for is not there. */
  readonly fault: string | null;
}

/** What a preview shows: tickets by what happens to them. */
export interface PreviewView {
  readonly hash: string;
  readonly groups: readonly {
    readonly kind: ConsequenceKind;
    readonly count: number;
    /** The first of them. */
    readonly tickets: Consequences["tickets"];
  }[];
  readonly otherCount: number;
  readonly notes: readonly string[];
}

const mostRows = 100;
const mostTold = 50;
const kinds: readonly ConsequenceKind[] = ["rerun", "invalidated", "ended", "starts", "waits", "untouched"];

/** The editor of a track's plan, as the address asks for it: `change` names a form, `ticket` whose it is. */
export function planEditor(state: State, trackId: string, query: URLSearchParams): PlanEditorView {
  const change = query.get("change");
  const track = state.tracks.get(trackId);
  const open = change === null ? [] : openTickets(state, track?.ticketIds ?? []);
  const closed = { trackId, isOpen: change !== null, form: null, fault: null };
  const list = {
    rows: open.slice(0, mostRows).map((ticket) => planRow(state, ticket)),
    hiddenCount: Math.max(0, open.length - mostRows),
  };
  if (change === null || change === "order") return { ...closed, ...list };
  if (change === "add")
    return { ...closed, ...list, form: { name: "add", phases: phasesOf(state, track?.ticketIds ?? []) } };
  const ticketId = query.get("ticket") ?? "";
  const ticket = state.tickets.get(ticketId);
  const fault = formFault(ticket, trackId, ticketId, change);
  if (fault !== null || !ticket || !isChange(change)) return { ...closed, ...list, fault };
  return { ...closed, ...list, form: { name: change, ticket: ticketFormView(state, ticket) } };
}

function openTickets(state: State, ticketIds: readonly string[]): Ticket[] {
  return ticketIds.flatMap((ticketId) => {
    const ticket = state.tickets.get(ticketId);
    return ticket && ticket.stage.name !== "completed" && ticket.stage.name !== "skipped" ? [ticket] : [];
  });
}

function phasesOf(state: State, ticketIds: readonly string[]): string[] {
  return [...new Set(ticketIds.flatMap((ticketId) => state.tickets.get(ticketId)?.phase ?? []))];
}

function formFault(ticket: Ticket | undefined, trackId: string, ticketId: string, change: string): string | null {
  if (ticket?.trackId !== trackId) return `There is no ticket ${ticketId} in this track.`;
  if (!isChange(change)) return "There is no such change of a plan.";
  return ticket.stage.name === "completed" ? `${ticketId} is completed; a change of it would change nothing.` : null;
}

function isChange(word: string): word is "edit" | "split" | "skip" | "move" {
  return word === "edit" || word === "split" || word === "skip" || word === "move";
}

function planRow(state: State, ticket: Ticket): PlanRow {
  const { ticketId, title, dependsOn, priority, model, isStepMode } = ticket;
  return { ticketId, title, status: ticketStatus(state, ticket).status, dependsOn, priority, model, isStepMode };
}

/** A ticket for its form. */
export function ticketFormView(state: State, ticket: Ticket): TicketFormView {
  const { description, acceptanceCriteria, targetFiles, contextFiles, verify } = ticket;
  const texts = { description, acceptanceCriteria, targetFiles, contextFiles, verify };
  return { ...planRow(state, ticket), ...texts, base: ticketBase(ticket) };
}

/** What a ticket says now, as a short hash: a form that was drawn from something else is not taken. */
export function ticketBase(ticket: Ticket): string {
  const { stage: _stage, attempts: _attempts, failedCount: _failed, ...fields } = ticket;
  // The fields of a ticket that are left are plain JSON.
  return payloadHash(fields as unknown as Json).slice(0, 16);
}

/** The consequences of a change as a preview shows them. */
export function previewView({ hash, tickets, otherCount, notes }: Consequences): PreviewView {
  const groups = kinds.map((kind) => {
    const all = tickets.filter((one) => one.kind === kind);
    return { kind, count: all.length, tickets: all.slice(0, mostTold) };
  });
  return { hash, groups: groups.filter(({ count }) => count > 0), otherCount, notes };
}

/**
 * The ticket before which this one goes when it passes its neighbour above or below among those that are not done: itself when
 * there is none, null for the end.
 */
export function placeBeside(state: State, { ticketId, trackId }: Ticket, direction: "up" | "down"): string | null {
  const all = state.tracks.get(trackId)?.ticketIds ?? [];
  const open = openTickets(state, all).map((ticket) => ticket.ticketId);
  const neighbour = open[open.indexOf(ticketId) + (direction === "up" ? -1 : 1)];
  if (neighbour === undefined) return ticketId;
  return direction === "up" ? neighbour : (all[all.indexOf(neighbour) + 1] ?? null);
}

/** A change in a few words, for the notice of what was done. */
export function changeWords(command: PlanCommand): string {
  switch (command.type) {
    case "add_ticket":
      return "The ticket is added.";
    case "split_ticket":
      return `${command.ticketId} is split.`;
    case "edit_ticket":
      return `${command.ticketId} is saved.`;
    case "move_ticket":
      return `${command.ticketId} is moved.`;
    case "skip_ticket":
      return `${command.ticketId} is skipped.`;
    case "cancel_ticket":
      return `${command.ticketId} is cancelled.`;
    case "retry_ticket":
      return `${command.ticketId} is done again.`;
    default:
      return command satisfies never;
  }
}
