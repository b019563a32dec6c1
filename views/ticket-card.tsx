/** @jsxImportSource hono/jsx */
/** Tickets as cards, on a board by status, and as the lines of a plan. */
import type { TicketCard, TrackDetail } from "../src/projections/view-tracks.ts";
import { spaced, usd, visible } from "./format.ts";
import { StatusMark, statusMark } from "./status-mark.tsx";

export function BoardView({ columns }: { readonly columns: TrackDetail["columns"] }) {
  if (columns.length === 0)
    return <p class="quiet">No ticket yet. The tech lead proposes them once the track starts.</p>;
  return (
    <div class="board">
      {columns.map((column) => (
        <section class="column" aria-label={spaced(column.status)}>
          <h3>
            <StatusMark status={column.status} /> <span class="quiet">{column.tickets.length}</span>
          </h3>
          {column.tickets.map((card) => (
            <TicketCardView card={card} />
          ))}
        </section>
      ))}
    </div>
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

/** The plan as its document has it: phases, and tickets with their marks. */
export function PlanView({ track }: { readonly track: TrackDetail }) {
  if (track.phases.length === 0) return <p class="quiet">No plan yet.</p>;
  return (
    <>
      {track.phases.map((phase) => (
        <>
          <h3>
            {visible(phase.name)}{" "}
            {phase.checkpoint === null ? null : (
              <code class="quiet">{`checkpoint ${phase.checkpoint.slice(0, 7)}`}</code>
            )}
          </h3>
          <ul class="plan">
            {phase.tickets.map((card) => (
              <li>
                <span class={`status status-${card.status}`} title={spaced(card.status)}>
                  {statusMark(card.status)}
                </span>{" "}
                <a href={`/tickets/${encodeURIComponent(card.ticketId)}`}>
                  <code>{card.ticketId}</code> {visible(card.title)}
                </a>
                {card.dependsOn.length > 0 ? <span class="quiet">{` needs ${card.dependsOn.join(", ")}`}</span> : null}
              </li>
            ))}
          </ul>
        </>
      ))}
    </>
  );
}
