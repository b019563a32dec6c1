/** @jsxImportSource hono/jsx */
/** The plan of a track as a list that can be changed while it runs, and the form for one change of it. */
import type { PlanEditorView, PlanForm, PlanRow } from "../src/projections/view-plan.ts";
import { visible } from "./format.ts";
import { PlanFormView } from "./plan-forms.tsx";
import { PostForm } from "./post-form.tsx";
import { StatusMark } from "./status-mark.tsx";
import { TableHead } from "./table-head.tsx";

export function PlanEditor({ editor }: { readonly editor: PlanEditorView }) {
  const { trackId, form, fault } = editor;
  return (
    <>
      <p class="row" id="change">
        <a href={changeLink(trackId, "add")}>Add a ticket</a>
        <a href={changeLink(trackId, "order")}>Edit, split, skip or order tickets</a>
        {editor.isOpen ? <a href={`/tracks/${encodeURIComponent(trackId)}`}>Close</a> : null}
      </p>
      {fault === null ? null : <p class="error">{fault}</p>}
      {form === null ? null : (
        <div id="plan-form" class="plan-form" hx-morph-skip="true">
          <h3>{formHeading(form)}</h3>
          <PlanFormView form={form} trackId={trackId} />
        </div>
      )}
      {editor.isOpen ? <PlanTable editor={editor} /> : null}
    </>
  );
}

/** The address of a form. */
export function changeLink(trackId: string, change: string, ticketId?: string): string {
  const ticket = ticketId === undefined ? "" : `&ticket=${encodeURIComponent(ticketId)}`;
  return `/tracks/${encodeURIComponent(trackId)}?change=${change}${ticket}#change`;
}

function formHeading(form: PlanForm): string {
  if (form.name === "add") return "Add a ticket";
  const words = { edit: "Edit", split: "Split", skip: "Skip", move: "Move" } as const;
  return `${words[form.name]} ${form.ticket.ticketId} ${visible(form.ticket.title)}`;
}

function PlanTable({ editor }: { readonly editor: PlanEditorView }) {
  const { rows, hiddenCount, trackId } = editor;
  if (rows.length === 0) return <p class="quiet">Nothing is left to do in this plan.</p>;
  return (
    <div class="scroll">
      <table class="plan-table">
        <TableHead names={["Ticket", "Status", "Needs", "Priority", "Model", "Step mode", "Change"]} />
        <tbody>
          {rows.map((row) => (
            <Row row={row} trackId={trackId} />
          ))}
        </tbody>
      </table>
      {hiddenCount > 0 ? (
        <p class="quiet">{`${hiddenCount} more are not listed here: each can be changed on its own page.`}</p>
      ) : null}
    </div>
  );
}

function Row({ row, trackId }: { readonly row: PlanRow; readonly trackId: string }) {
  const { ticketId } = row;
  return (
    <tr id={`plan-row-${ticketId}`}>
      <th scope="row">
        <a href={`/tickets/${encodeURIComponent(ticketId)}`}>
          <code>{ticketId}</code> {visible(row.title)}
        </a>
      </th>
      <td>
        <StatusMark status={row.status} />
      </td>
      <td>{row.dependsOn.join(", ") || <span class="quiet">nothing</span>}</td>
      <td>{row.priority}</td>
      <td>{row.model === null ? <span class="quiet">the tier's</span> : visible(row.model)}</td>
      <td>{row.isStepMode ? "on" : <span class="quiet">off</span>}</td>
      <td>
        <PostForm action={`/actions/plan/${encodeURIComponent(trackId)}`} class="row plan-levers">
          <input type="hidden" name="action" value="move" />
          <input type="hidden" name="ticketId" value={ticketId} />
          <button
            id={`up-${ticketId}`}
            class="small"
            type="submit"
            name="direction"
            value="up"
            aria-label={`Move ${ticketId} up`}
          >
            ↑
          </button>
          <button
            id={`down-${ticketId}`}
            class="small"
            type="submit"
            name="direction"
            value="down"
            aria-label={`Move ${ticketId} down`}
          >
            ↓
          </button>
          {(["edit", "split", "skip", "move"] as const).map((change) => (
            <a href={changeLink(trackId, change, ticketId)} aria-label={`${labels[change]} ${ticketId}`}>
              {labels[change]}
            </a>
          ))}
        </PostForm>
      </td>
    </tr>
  );
}

const labels = { edit: "Edit", split: "Split", skip: "Skip", move: "Place" } as const;
