/** A track's tickets by status: what moves or waits first, each status bounded on the board and whole on its list. */
import type { TicketStatus } from "../domain/ticket-status.ts";
import type { TicketCard } from "./view-tracks.ts";

export interface BoardColumn {
  readonly status: TicketStatus;
  /** The first of them. */
  readonly tickets: readonly TicketCard[];
  readonly count: number;
}

/** One page of the list of all tickets of a status. */
export interface TicketList {
  readonly status: TicketStatus;
  readonly tickets: readonly TicketCard[];
  readonly count: number;
  /** Counted from 1. */
  readonly page: number;
  readonly pageCount: number;
}

/** Statuses in the order in which a ticket passes through them. */
export const boardOrder: readonly TicketStatus[] = [
  "todo",
  "waiting",
  "in_progress",
  "verifying",
  "merging",
  "blocked",
  "completed",
  "skipped",
  "cancelled",
];

const mostCards = 20;
const pageSize = 100;
const priorities = { high: 0, medium: 1, low: 2 } as const;

/** The board's columns that are not empty. */
export function boardColumns(cards: readonly TicketCard[]): readonly BoardColumn[] {
  return boardOrder
    .map((status) => {
      const all = cards.filter((card) => card.status === status);
      return { status, tickets: inOrder(all).slice(0, mostCards), count: all.length };
    })
    .filter((column) => column.count > 0);
}

/** The list that an address asks for with `list=<status>&page=<n>`; null when it asks for none. */
export function ticketList(cards: readonly TicketCard[], query: URLSearchParams): TicketList | null {
  const status = boardOrder.find((one) => one === query.get("list"));
  if (!status) return null;
  const all = inOrder(cards.filter((card) => card.status === status));
  const pageCount = Math.max(1, Math.ceil(all.length / pageSize));
  const asked = Math.trunc(Number(query.get("page") ?? "1"));
  const page = Math.min(pageCount, Math.max(1, Number.isFinite(asked) ? asked : 1));
  return { status, tickets: all.slice((page - 1) * pageSize, page * pageSize), count: all.length, page, pageCount };
}

/** What is over: the last first. What is not: by priority, then in the order of the plan. */
function inOrder(cards: readonly TicketCard[]): readonly TicketCard[] {
  const isOver = cards[0]?.status === "completed" || cards[0]?.status === "skipped" || cards[0]?.status === "cancelled";
  if (isOver) return cards.toSorted((a, b) => (b.changedAt ?? "").localeCompare(a.changedAt ?? ""));
  return cards.toSorted((a, b) => priorities[a.priority] - priorities[b.priority]);
}
