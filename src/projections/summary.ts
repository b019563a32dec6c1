/** The last word of a run: what became of every track and ticket, and what it took. Contract section 1. */
import type { Epic, State, Ticket, Track } from "../domain/state.ts";
import { type TicketStatus, ticketStatus } from "../domain/ticket-status.ts";
import { type ApiUsage, apiUsage } from "./usage.ts";

export type Outcome = "done" | "blocked" | "failed" | "gate" | "budget";

export interface Summary {
  readonly type: "summary";
  readonly outcome: Outcome;
  readonly tracks: readonly { readonly trackId: string; readonly title: string; readonly status: Track["status"] }[];
  readonly tickets: readonly {
    readonly ticketId: string;
    readonly trackId: string;
    readonly title: string;
    readonly status: TicketStatus;
    readonly reason?: string;
    readonly attemptCount: number;
  }[];
  readonly usage: ApiUsage;
}

/** What the summary is about: these tracks (default: those of the present run), and the outcome if the engine has said it. */
interface SummaryScope {
  readonly trackIds?: readonly string[];
  readonly outcome?: Outcome;
}

/** The summary line of `--json`. */
export function summary(state: State, scope: SummaryScope = {}): Summary {
  const tracks = tracksOf(state, scope);
  const tickets = ticketsOf(state, tracks);
  return {
    type: "summary",
    outcome: scope.outcome ?? outcomeOf(state, scope),
    tracks: tracks.map(({ trackId, title, status }) => ({ trackId, title, status })),
    tickets: tickets.map((ticket) => {
      const { status, reason } = ticketStatus(state, ticket);
      const { ticketId, trackId, title } = ticket;
      const attemptCount = ticket.attempts.length;
      return { ticketId, trackId, title, status, ...(reason !== null && { reason }), attemptCount };
    }),
    usage: apiUsage(state),
  };
}

/**
 * How things stand when nothing moves any more. Order matters: a reached budget also leaves a gate open, and both leave
 * tickets unfinished, so the first cause is named.
 */
export function outcomeOf(state: State, scope: SummaryScope = {}): Outcome {
  const tracks = tracksOf(state, scope);
  const tickets = ticketsOf(state, tracks);
  const epics = scope.trackIds ? [] : runEpics(state);
  const isUnfinished =
    epics.some((epic) => epic.status === "planning") ||
    tracks.some((track) => track.status === "planning" || track.status === "in_progress") ||
    tickets.some((ticket) => !["completed", "blocked", "skipped", "cancelled"].includes(ticket.stage.name));
  const openGates = [...state.work.openGates.values()];
  if (openGates.some((gate) => gate.kind === "budget")) return "budget";
  if (isUnfinished && state.reachedLimits.size > 0) return "budget";
  if (openGates.length > 0) return "gate";
  const isBlocked =
    epics.some((epic) => epic.status === "blocked") ||
    tracks.some((track) => track.status === "blocked" || track.landing.name === "refused") ||
    tickets.some((ticket) => ticket.stage.name === "blocked");
  if (isBlocked) return "blocked";
  return isUnfinished ? "failed" : "done";
}

/** The tracks that were named, else those of the run: what an earlier run left blocked does not spoil this one. */
function tracksOf(state: State, scope: SummaryScope): Track[] {
  const epicIds = new Set(runEpics(state).map((epic) => epic.epicId));
  const isIn = (track: Track) => {
    if (scope.trackIds) return scope.trackIds.includes(track.trackId);
    return isUnscoped(state) || state.run.trackIds.includes(track.trackId) || epicIds.has(track.epicId ?? "");
  };
  return [...state.tracks.values()].filter(isIn);
}

/** The run's own epic, and those that were added while it went on. */
function runEpics(state: State): Epic[] {
  const { epicId, startedAt } = state.run;
  return [...state.epics.values()].filter(
    (epic) => isUnscoped(state) || epic.epicId === epicId || epic.createdAt >= startedAt,
  );
}

/** A log without a run, or a run that names nothing, is about everything. */
function isUnscoped(state: State): boolean {
  return state.run.startedAt === "" || (state.run.epicId === null && state.run.trackIds.length === 0);
}

function ticketsOf(state: State, tracks: readonly Track[]): Ticket[] {
  return tracks.flatMap((track) => track.ticketIds.flatMap((ticketId) => state.tickets.get(ticketId) ?? []));
}
