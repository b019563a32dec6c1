/** Tracks and tickets as a board: progress, status words, and why a card does not move. */

import type { Epic, State, Ticket, Track } from "../domain/state.ts";
import { type TicketStatus, ticketStatus } from "../domain/ticket-status.ts";
import { trackRest } from "./track-rest.ts";
import { spentOf } from "./usage.ts";
import { type BoardColumn, boardColumns, boardOrder } from "./view-board.ts";
import { elementId } from "./view-element-id.ts";
import { type LineOf, statusLines } from "./why-still.ts";

export interface TicketCard {
  readonly ticketId: string;
  readonly elementId: string;
  readonly trackId: string;
  readonly title: string;
  readonly status: TicketStatus;
  readonly reason: string | null;
  readonly phase: string;
  readonly priority: Ticket["priority"];
  readonly dependsOn: readonly string[];
  readonly targetFiles: readonly string[];
  readonly attemptCount: number;
  readonly model: string | null;
  readonly costUsd: number;
  /** When its last attempt began or ended; null before the first. */
  readonly changedAt: string | null;
}

export interface TrackRow {
  readonly trackId: string;
  readonly elementId: string;
  readonly title: string;
  readonly goal: string;
  readonly kind: Track["kind"];
  readonly status: string;
  readonly reason: string | null;
  readonly ticketCount: number;
  readonly doneCount: number;
  readonly counts: readonly { readonly status: TicketStatus; readonly count: number }[];
  readonly costUsd: number;
  readonly isStartable: boolean;
  /** Why nothing of it moves, in one sentence. */
  readonly rest: string | null;
}

export interface TrackDetail extends TrackRow {
  readonly acceptanceCriteria: readonly string[];
  readonly dependsOn: readonly string[];
  readonly branch: string | null;
  readonly landing: string;
  readonly phases: readonly {
    readonly name: string;
    readonly checkpoint: string | null;
    readonly tickets: readonly TicketCard[];
  }[];
  readonly cards: readonly TicketCard[];
  readonly columns: readonly BoardColumn[];
}

export interface EpicRow {
  readonly epicId: string;
  readonly goal: string;
  readonly status: Epic["status"];
  readonly reason: string | null;
  readonly trackCount: number;
}

/** Tracks that move come first, then new ones, then finished ones; newest first within each, at most `limit` of them. */
export function trackRows(state: State, limit = Number.POSITIVE_INFINITY): readonly TrackRow[] {
  const weight = { in_progress: 0, planning: 0, blocked: 1, new: 2, completed: 3 } as const;
  return [...state.tracks.values()]
    .sort((a, b) => weight[a.status] - weight[b.status] || (a.createdAt < b.createdAt ? 1 : -1))
    .slice(0, limit)
    .map((track) => trackRow(state, track));
}

/** Epics with work left: no track has come of them yet, or one is not landed. A goal never seems lost. */
export function openEpics(state: State): readonly EpicRow[] {
  return [...state.epics.values()]
    .filter((epic) => epic.status !== "planned" || epic.trackIds.some((trackId) => hasWork(state.tracks.get(trackId))))
    .map((epic) => ({
      epicId: epic.epicId,
      goal: epic.goal,
      status: epic.status,
      reason: epic.reason,
      trackCount: epic.trackIds.length,
    }));
}

function hasWork(track: Track | undefined): boolean {
  return track !== undefined && track.status !== "completed";
}

/** A track with its plan by phases and its board by status. */
export function trackDetail(state: State, track: Track): TrackDetail {
  const lineOf = statusLines(state);
  const cards = ticketsOf(state, track).map((ticket) => ticketCard(state, ticket, lineOf));
  const phaseNames = [...new Set(cards.map((card) => card.phase))];
  return {
    ...trackRow(state, track),
    acceptanceCriteria: track.acceptanceCriteria,
    dependsOn: track.dependsOn,
    branch: track.branch,
    landing: landingWords(track),
    phases: phaseNames.map((name) => ({
      name,
      checkpoint: track.checkpoints[name] ?? null,
      tickets: cards.filter((card) => card.phase === name),
    })),
    cards,
    columns: boardColumns(cards),
  };
}

/** One ticket as its card on a board. */
export function ticketCard(state: State, ticket: Ticket, lineOf: LineOf = statusLines(state)): TicketCard {
  const { status, reason } = lineOf(ticket);
  const last = ticket.attempts.at(-1);
  return {
    ticketId: ticket.ticketId,
    elementId: elementId("ticket", ticket.ticketId),
    trackId: ticket.trackId,
    title: ticket.title,
    status,
    reason,
    phase: ticket.phase,
    priority: ticket.priority,
    dependsOn: ticket.dependsOn,
    targetFiles: ticket.targetFiles,
    attemptCount: ticket.attempts.length,
    model: last?.model ?? ticket.model,
    costUsd: spentOf(state, ticket.ticketId),
    changedAt: last?.endedAt ?? last?.startedAt ?? null,
  };
}

function trackRow(state: State, track: Track): TrackRow {
  const lines = new Map(ticketsOf(state, track).map((ticket) => [ticket.ticketId, ticketStatus(state, ticket)]));
  const statuses = [...lines.values()].map((line) => line.status);
  return {
    trackId: track.trackId,
    elementId: elementId("track", track.trackId),
    title: track.title,
    goal: track.goal,
    kind: track.kind,
    status: track.landing.name === "landed" ? "landed" : track.status,
    reason: track.reason,
    ticketCount: statuses.length,
    doneCount: statuses.filter((status) => status === "completed" || status === "skipped").length,
    counts: boardOrder
      .map((status) => ({ status, count: statuses.filter((each) => each === status).length }))
      .filter((each) => each.count > 0),
    costUsd: spentOf(state, track.trackId),
    isStartable: track.status === "new",
    rest: trackRest(state, track, lines),
  };
}

function ticketsOf(state: State, track: Track): readonly Ticket[] {
  return track.ticketIds.flatMap((ticketId) => state.tickets.get(ticketId) ?? []);
}

function landingWords(track: Track): string {
  const { landing } = track;
  switch (landing.name) {
    case "none":
      return "not landed";
    case "prepared":
      return `ready to land in ${landing.branch}`;
    case "refused":
    case "declined":
      return `${landing.name}: ${landing.reason}`;
    case "landed":
      return `landed in ${landing.branch} as ${landing.commit.slice(0, 7)}`;
    default:
      return landing satisfies never;
  }
}
