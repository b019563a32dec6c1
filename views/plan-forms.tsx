/** @jsxImportSource hono/jsx */
/** The forms that change a plan: each shows what it would do before it does it. Lists are one item a line. */
import type { Child } from "hono/jsx";
import type { PlanForm, TicketFormView } from "../src/projections/view-plan.ts";
import { visible } from "./format.ts";
import { PostForm } from "./post-form.tsx";

/** A form with its preview, its error, and the two buttons. Only one of them is on a page. */
export function ChangeForm(props: {
  readonly action: string;
  readonly change: string;
  readonly ticketId?: string;
  readonly apply: string;
  readonly children?: Child;
}) {
  return (
    <PostForm action={props.action} class="change" disables="find button">
      <input type="hidden" name="action" value={props.change} />
      {props.ticketId === undefined ? null : <input type="hidden" name="ticketId" value={props.ticketId} />}
      {props.children}
      <p id="edit-error" class="error" role="alert" hx-morph-skip="true"></p>
      <div id="edit-preview" role="status" hx-morph-skip="true"></div>
      <p class="levers">
        <button type="submit" name="step" value="preview">
          Preview
        </button>
        <button type="submit" name="step" value="apply">
          {props.apply}
        </button>
      </p>
    </PostForm>
  );
}

/** The fields of a ticket, filled with what it says now; empty for a new one. */
export function TicketFields({ ticket }: { readonly ticket: TicketFormView | null }) {
  const joined = (items: readonly string[] | undefined) => (items ?? []).join("\n");
  return (
    <>
      {ticket === null ? null : <input type="hidden" name="base" value={ticket.base} />}
      <Field name="title" label="Title" value={ticket?.title ?? ""} rows={1} isFirst={ticket === null} />
      <Field name="description" label="Description" value={ticket?.description ?? ""} rows={5} />
      <Field
        name="acceptanceCriteria"
        label="Acceptance criteria, one a line"
        value={joined(ticket?.acceptanceCriteria)}
        rows={3}
      />
      <div class="pair">
        <Field name="targetFiles" label="Target files, one a line" value={joined(ticket?.targetFiles)} rows={3} />
        <Field name="contextFiles" label="Context files, one a line" value={joined(ticket?.contextFiles)} rows={3} />
        <Field name="dependsOn" label="Needs, one ticket a line" value={joined(ticket?.dependsOn)} rows={2} />
        <Field name="verify" label="Check; empty for the project's" value={ticket?.verify ?? ""} rows={2} />
      </div>
      <div class="triple">
        <Field name="model" label="Model; empty for the tier's" value={ticket?.model ?? ""} rows={1} />
        <Choice
          name="priority"
          label="Priority"
          value={ticket?.priority ?? "medium"}
          options={[
            ["high", "high"],
            ["medium", "medium"],
            ["low", "low"],
          ]}
        />
        <Choice
          name="isStepMode"
          label="Step mode (asks at each step)"
          value={String(ticket?.isStepMode ?? false)}
          options={[
            ["false", "off"],
            ["true", "on"],
          ]}
        />
      </div>
    </>
  );
}

/** The form that the address asks for. */
export function PlanFormView({ form, trackId }: { readonly form: PlanForm; readonly trackId: string }) {
  const action = `/actions/plan/${encodeURIComponent(trackId)}`;
  switch (form.name) {
    case "add":
      return (
        <ChangeForm action={action} change="add" apply="Add the ticket">
          <TicketFields ticket={null} />
          <div class="pair">
            <Choice
              name="phase"
              label="Phase"
              value={form.phases.at(-1) ?? ""}
              options={form.phases.map((phase) => [phase, visible(phase)])}
            />
            <Field name="afterTicketId" label="After which ticket; empty: last" value="" rows={1} />
          </div>
        </ChangeForm>
      );
    case "edit":
      return (
        <ChangeForm action={action} change="edit" ticketId={form.ticket.ticketId} apply="Apply">
          <TicketFields ticket={form.ticket} />
        </ChangeForm>
      );
    case "split":
      return <SplitForm action={action} ticket={form.ticket} />;
    case "skip":
      return (
        <ChangeForm action={action} change="skip" ticketId={form.ticket.ticketId} apply="Skip the ticket">
          <p>What needs it goes on without it.</p>
          <Field name="reason" label="Reason" value="" rows={1} isFirst />
        </ChangeForm>
      );
    case "move":
      return (
        <ChangeForm action={action} change="move" ticketId={form.ticket.ticketId} apply="Move the ticket">
          <p>Of tickets that may start and have the same priority, the first in the plan starts first.</p>
          <Field name="beforeTicketId" label="Before which ticket; empty: last" value="" rows={1} isFirst />
        </ChangeForm>
      );
    default:
      return form satisfies never;
  }
}

function SplitForm({ action, ticket }: { readonly action: string; readonly ticket: TicketFormView }) {
  return (
    <ChangeForm action={action} change="split" ticketId={ticket.ticketId} apply="Split the ticket">
      <p>{`${ticket.ticketId} is skipped and its parts take its place: they need what it needs, and what needs it needs them.`}</p>
      <Part number={1} ticket={ticket} />
      <Part number={2} ticket={ticket} />
      <details>
        <summary>More parts; one without a title is left out</summary>
        {[3, 4, 5, 6].map((number) => (
          <Part number={number} ticket={ticket} />
        ))}
      </details>
      <label>
        <input type="checkbox" name="isChained" value="true" checked /> Each part needs the one before it
      </label>
    </ChangeForm>
  );
}

function Part({ number, ticket }: { readonly number: number; readonly ticket: TicketFormView }) {
  const files = ticket.targetFiles.join("\n");
  return (
    <fieldset>
      <legend>{`Part ${number}`}</legend>
      <Field name={`title${number}`} label={`Title of part ${number}`} value="" rows={1} isFirst={number === 1} />
      <div class="pair">
        <Field
          name={`description${number}`}
          label={`Description of part ${number}; empty: the whole's`}
          value=""
          rows={3}
        />
        <Field
          name={`targetFiles${number}`}
          label={`Target files of part ${number}, one a line`}
          value={files}
          rows={3}
        />
      </div>
    </fieldset>
  );
}

function Field(props: {
  readonly name: string;
  readonly label: string;
  readonly value: string;
  readonly rows: number;
  readonly isFirst?: boolean;
}) {
  return (
    <div class="field">
      <label for={`edit-${props.name}`}>{props.label}</label>
      <textarea
        id={`edit-${props.name}`}
        name={props.name}
        rows={props.rows}
        spellcheck={false}
        autofocus={props.isFirst}
      >
        {props.value}
      </textarea>
    </div>
  );
}

function Choice(props: {
  readonly name: string;
  readonly label: string;
  readonly value: string;
  readonly options: readonly (readonly [string, string])[];
}) {
  return (
    <div class="field">
      <label for={`edit-${props.name}`}>{props.label}</label>
      <select id={`edit-${props.name}`} name={props.name}>
        {props.options.map(([value, words]) => (
          <option value={value} selected={value === props.value}>
            {words}
          </option>
        ))}
      </select>
    </div>
  );
}
