/** @jsxImportSource hono/jsx */
/** Tickets as cards, on a board by status, and as the lines of a plan. */
import type { TicketList } from "../src/projections/view-board.ts";
import type { TicketCard, TrackDetail } from "../src/projections/view-tracks.ts";
import { spaced, usd, visible } from "./format.ts";
import { StatusMark } from "./status-mark.tsx";

interface BoardProps {
  readonly trackId: string;
  readonly columns: TrackDetail["columns"];
  /** The whole list of one status, where the address asks for it. */
  readonly list: TicketList | null;
}

export function BoardView({ trackId, columns, list }: BoardProps) {
  const path = `/tracks/${encodeURIComponent(trackId)}`;
  if (list) return <TicketListView path={path} list={list} />;
  if (columns.length === 0)
    return <p class="quiet">No ticket yet. The tech lead proposes them once the track starts.</p>;
  return (
    <div class="board">
      {columns.map((column) => (
        <section class="column" aria-label={spaced(column.status)}>
          <h3>
            <StatusMark status={column.status} /> <span class="quiet">{column.count}</span>
          </h3>
          {column.tickets.map((card) => (
            <TicketCardView card={card} />
          ))}
          {column.count > column.tickets.length ? (
            <a class="more" href={`${path}?list=${column.status}#board`}>
              {`${column.count - column.tickets.length} more ${spaced(column.status)}`}
            </a>
          ) : null}
        </section>
      ))}
    </div>
  );
}

function TicketListView({ path, list }: { readonly path: string; readonly list: TicketList }) {
  const { status, tickets, count, page, pageCount } = list;
  const address = (to: number) => `${path}?list=${status}&page=${to}#board`;
  return (
    <>
      <p class="row">
        <StatusMark status={status} /> <span class="quiet">{`${count} tickets, page ${page} of ${pageCount}`}</span>
        {page > 1 ? <a href={address(page - 1)}>Page before</a> : null}
        {page < pageCount ? <a href={address(page + 1)}>Next page</a> : null}
        <a href={`${path}#board`}>Back to the board</a>
      </p>
      {tickets.map((card) => (
        <TicketCardView card={card} />
      ))}
    </>
  );
}

export function TicketCardView({ card }: { readonly card: TicketCard }) {
  return (
    <article
      id={card.elementId}
      class={`ticket edge-${card.status}`}
      data-ticket={card.ticketId}
      data-status={card.status}
    >
      <a href={`/tickets/${encodeURIComponent(card.ticketId)}`}>
        <code>{card.ticketId}</code> {visible(card.title)}
      </a>
      <p class="row">
        <StatusMark status={card.status} />
        {card.attemptCount > 1 ? <span class="quiet">{`attempt ${card.attemptCount}`}</span> : null}
        {card.priority === "medium" ? null : <span class="quiet">{`${card.priority} priority`}</span>}
        {card.costUsd > 0 ? <span class="quiet">{usd(card.costUsd)}</span> : null}
      </p>
      {card.reason === null ? null : <p class="reason">{visible(card.reason)}</p>}
    </article>
  );
}
