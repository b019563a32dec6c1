/** @jsxImportSource hono/jsx */
/** One ticket: what it is, and the levers on it. */
import type { TicketFormView } from "../src/projections/view-plan.ts";
import type { TicketDetail } from "../src/projections/view-ticket.ts";
import { usd, visible } from "./format.ts";
import { changeLink } from "./plan-editor.tsx";
import { ChangeForm, TicketFields } from "./plan-forms.tsx";
import { PostForm } from "./post-form.tsx";
import { StatusMark } from "./status-mark.tsx";

export function TicketHead({ ticket }: { readonly ticket: TicketDetail }) {
  return (
    <div class="ticket-head" data-ticket={ticket.ticketId} data-status={ticket.status}>
      <p class="row">
        <StatusMark status={ticket.status} />
        <a href={`/tracks/${encodeURIComponent(ticket.trackId)}`}>{visible(ticket.trackTitle)}</a>
        <span class="quiet">{visible(ticket.phase)}</span>
        <span class="quiet">{`${ticket.priority} priority`}</span>
        <span class="quiet">{usd(ticket.costUsd)}</span>
      </p>
      {ticket.reason === null ? null : <p class="reason">{visible(ticket.reason)}</p>}
      <p class="said">{visible(ticket.description)}</p>
      <dl class="facts">
        <dt>Criteria</dt>
        <dd>
          <ul class="tight">
            {ticket.acceptanceCriteria.map((criterion) => (
              <li>{visible(criterion)}</li>
            ))}
          </ul>
        </dd>
        <dt>Target files</dt>
        <dd>
          <code>{visible(ticket.targetFiles.join(", ")) || "none"}</code>
        </dd>
        <dt>Needs</dt>
        <dd>
          {ticket.dependsOn.length === 0 ? "nothing" : null}
          {ticket.dependsOn.map((ticketId) => (
            <>
              <a href={`/tickets/${encodeURIComponent(ticketId)}`}>{ticketId}</a>{" "}
            </>
          ))}
        </dd>
        <dt>Check</dt>
        <dd>{ticket.verify === null ? "the project's" : <code>{visible(ticket.verify)}</code>}</dd>
      </dl>
    </div>
  );
}

/** Retry, skip, cancel; each that cannot be pulled now is disabled. */
export function TicketLevers({ ticket }: { readonly ticket: TicketDetail }) {
  const base = `/actions/tickets/${encodeURIComponent(ticket.ticketId)}`;
  return (
    <div class="levers">
      <PostForm action={`${base}/retry`} instead={`signalbox retry ${ticket.ticketId}`}>
        <button type="submit" disabled={!ticket.canRetry}>
          Retry
        </button>
      </PostForm>
      <Lever
        base={base}
        name="skip"
        label="Skip"
        isDisabled={ticket.status === "completed" || ticket.status === "skipped"}
      />
      <Lever base={base} name="cancellation" label="Cancel ticket" isDisabled={!ticket.canStop} />
    </div>
  );
}

function Lever(props: {
  readonly base: string;
  readonly name: string;
  readonly label: string;
  readonly isDisabled: boolean;
}) {
  const action = `${props.base}/${props.name}`;
  return (
    <PostForm action={action}>
      <input
        type="text"
        name="reason"
        aria-label={`Reason (${props.label})`}
        placeholder="Reason"
        disabled={props.isDisabled}
      />
      <button type="submit" disabled={props.isDisabled}>
        {props.label}
      </button>
    </PostForm>
  );
}

/** The ticket as a form, with a preview of what its change would do. */
export function TicketEditor({ ticket, trackId }: { readonly ticket: TicketFormView; readonly trackId: string }) {
  const action = `/actions/tickets/${encodeURIComponent(ticket.ticketId)}/edit`;
  return (
    <details class="editor">
      <summary>Edit the ticket</summary>
      <ChangeForm action={action} change="edit" apply="Save the ticket">
        <TicketFields ticket={ticket} />
      </ChangeForm>
      <p class="row">
        <a href={changeLink(trackId, "split", ticket.ticketId)}>Split it</a>
        <a href={changeLink(trackId, "move", ticket.ticketId)}>Put it elsewhere in the plan</a>
      </p>
    </details>
  );
}
