/** @jsxImportSource hono/jsx */
/**
 * A gate's payload in a fitting editor: fields for people, and the JSON itself, always. The server keeps the two faces in
 * step while one of them is edited, and tells what differs from what was proposed.
 */
import { type Child, useContext } from "hono/jsx";
import type { FieldGroup, GateEditor, GateField } from "../src/projections/gate-fields.ts";
import type { GateCard } from "../src/projections/view-gates.ts";
import { Nonce } from "./nonce.ts";

type Edited = Pick<GateCard, "gateId" | "elementId" | "editor" | "kind" | "payloadText">;

/** The fields and the JSON. Both send what they hold as it is typed; the answer is put into the other one and below them. */
export function GateEditorView({ card }: { readonly card: Edited }) {
  return (
    <>
      {card.editor === null ? null : (
        <Draft card={card} by="fields">
          <details
            class="gate-fields"
            open={card.editor.item === null && card.kind !== "spawn" && card.kind !== "write"}
          >
            <summary>{foldWords(card.editor)}</summary>
            <FieldsView card={card} />
          </details>
        </Draft>
      )}
      <Draft card={card} by="json">
        <label for={`${card.elementId}-payload`}>Payload</label>
        <PayloadBox card={card} />
      </Draft>
    </>
  );
}

function foldWords({ item, groups }: GateEditor): string {
  if (item !== null) return `Edit as a form: ${groups.length} ${item}${groups.length === 1 ? "" : "s"}`;
  const labels = groups.flatMap(({ fields }) => fields.map(({ label }) => label.toLowerCase()));
  return `Edit the ${labels.join(", ").replace(/, ([^,]*)$/, " and $1")}`;
}

/** Sends the draft a moment after the last key; only the newest answer counts. */
function Draft(props: { readonly card: Edited; readonly by: "fields" | "json"; readonly children?: Child }) {
  return (
    <div
      class={`draft draft-${props.by}`}
      data-draft={props.by}
      hx-post={draftAddress(props.card, `by=${props.by}`)}
      hx-trigger="input delay:200ms"
      hx-sync="replace"
      hx-swap="none"
      hx-nonce={useContext(Nonce)}
    >
      {props.children}
    </div>
  );
}

function draftAddress({ gateId }: Pick<GateCard, "gateId">, query: string): string {
  return `/actions/gates/${encodeURIComponent(gateId)}/difference?${query}`;
}

/** The JSON: what the card's form sends as the payload. */
export function PayloadBox({ card }: { readonly card: Pick<GateCard, "elementId" | "payloadText"> }) {
  const rows = Math.min(8, Math.max(3, card.payloadText.split("\n").length));
  return (
    <textarea
      id={`${card.elementId}-payload`}
      name="payload"
      class="mono"
      rows={rows}
      spellcheck={false}
      autocomplete="off"
      aria-describedby={`${card.elementId}-hint`}
    >
      {card.payloadText}
    </textarea>
  );
}

/** What stands in the fold: drawn anew as a whole where the JSON was edited. */
export function FieldsView({ card }: { readonly card: Pick<GateCard, "gateId" | "elementId" | "editor"> }) {
  const { editor, elementId } = card;
  if (editor === null)
    return (
      <p id={`${elementId}-fields`} class="quiet">
        This JSON does not fit into the fields. Edit it as JSON, or take the changes back.
      </p>
    );
  return (
    <div id={`${elementId}-fields`} class="fields">
      {editor.groups.map((group, index) => (
        <Group
          group={group}
          id={`${elementId}-field-${index}`}
          remove={editor.item === null ? null : { card, index, item: editor.item }}
        />
      ))}
      {editor.item === null ? null : (
        <DraftButton card={card} query="by=fields&add=1">{`Add a ${editor.item}`}</DraftButton>
      )}
    </div>
  );
}

interface Removal {
  readonly card: Pick<GateCard, "gateId">;
  readonly index: number;
  readonly item: string;
}

function Group({
  group,
  id,
  remove,
}: {
  readonly group: FieldGroup;
  readonly id: string;
  readonly remove: Removal | null;
}) {
  const boxes = group.fields.map((field, index) => <Field field={field} id={`${id}-${index}`} of={group.title} />);
  if (remove === null) return <div class="field-group">{boxes}</div>;
  return (
    <fieldset class="field-group">
      <legend>{group.title}</legend>
      {boxes}
      <DraftButton card={remove.card} query={`by=fields&remove=${remove.index}`}>
        {`Take ${remove.item} ${remove.index + 1} out`}
      </DraftButton>
    </fieldset>
  );
}

function Field({ field, id, of }: { readonly field: GateField; readonly id: string; readonly of: string }) {
  const { name, label, shape, text } = field;
  const lineCount = text.split("\n").length;
  const rows = shape === "text" ? Math.min(14, Math.max(3, lineCount)) : Math.min(8, lineCount);
  return (
    <p class={`field field-${shape} field-${name.split(".").at(-1)}`}>
      <label for={id}>
        {of === "" ? null : <span class="hidden">{`${of}: `}</span>}
        {label}
      </label>
      {/* A browser leaves out one line end at the very beginning: this one, never one of the text's own. */}
      <textarea id={id} name={name} class="mono" rows={rows} spellcheck={false} autocomplete="off">
        {`\n${text}`}
      </textarea>
    </p>
  );
}

/** A button that changes the draft, not the gate. */
export function DraftButton(props: {
  readonly card: Pick<GateCard, "gateId">;
  readonly query: string;
  readonly children?: Child;
}) {
  return (
    <button
      type="button"
      class="small"
      data-draft="button"
      hx-post={draftAddress(props.card, props.query)}
      hx-swap="none"
      hx-nonce={useContext(Nonce)}
    >
      {props.children}
    </button>
  );
}
