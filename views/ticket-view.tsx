/** @jsxImportSource hono/jsx */
/** One ticket: what it is, and the levers on it. */
import type { TicketDetail } from "../src/projections/view-ticket.ts";
import { usd, visible } from "./format.ts";
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
      <PostForm action={`${base}/retry`}>
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

/** The ticket as a form; lists are one item a line. */
export function TicketEditor({ ticket }: { readonly ticket: TicketDetail }) {
  const action = `/actions/tickets/${encodeURIComponent(ticket.ticketId)}/edit`;
  return (
    <details class="editor">
      <summary>Edit the ticket</summary>
      <PostForm action={action}>
        <Field name="title" label="Title" value={ticket.title} rows={1} />
        <Field name="description" label="Description" value={ticket.description} rows={5} />
        <Field
          name="acceptanceCriteria"
          label="Acceptance criteria, one a line"
          value={ticket.acceptanceCriteria.join("\n")}
          rows={3}
        />
        <Field name="targetFiles" label="Target files, one a line" value={ticket.targetFiles.join("\n")} rows={3} />
        <Field name="contextFiles" label="Context files, one a line" value={ticket.contextFiles.join("\n")} rows={2} />
        <Field name="dependsOn" label="Needs, one ticket a line" value={ticket.dependsOn.join("\n")} rows={2} />
        <Field name="verify" label="Check; empty for the project's" value={ticket.verify ?? ""} rows={1} />
        <Field name="model" label="Model; empty for the tier's" value={ticket.modelChoice ?? ""} rows={1} />
        <label for="edit-priority">Priority</label>
        <select id="edit-priority" name="priority">
          {["high", "medium", "low"].map((priority) => (
            <option value={priority} selected={priority === ticket.priority}>
              {priority}
            </option>
          ))}
        </select>
        <p id="edit-error" class="error" role="alert" hx-morph-skip="true"></p>
        <button type="submit">Save the ticket</button>
      </PostForm>
    </details>
  );
}

function Field(props: {
  readonly name: string;
  readonly label: string;
  readonly value: string;
  readonly rows: number;
}) {
  return (
    <>
      <label for={`edit-${props.name}`}>{props.label}</label>
      <textarea id={`edit-${props.name}`} name={props.name} rows={props.rows} spellcheck={false}>
        {props.value}
      </textarea>
    </>
  );
}
