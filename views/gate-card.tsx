/** @jsxImportSource hono/jsx */
/** Gate cards: what it will do, why it asks, what exactly, and the levers. No control has the focus by itself. */
import { useContext } from "hono/jsx";
import type { DecidedGate, GateCard } from "../src/projections/view-gates.ts";
import { clock, visible } from "./format.ts";
import { AlikeView } from "./gate-alike.tsx";
import { GateEditorView } from "./gate-editor.tsx";
import { GateFacts } from "./gate-facts.tsx";
import { GatePlainView } from "./gate-plain.tsx";
import { extent } from "./long-text.tsx";
import { Past } from "./past.ts";
import { PostForm } from "./post-form.tsx";
import { RuleLever } from "./rule-lever.tsx";

interface GateListProps {
  readonly cards: readonly GateCard[];
  readonly decided: readonly DecidedGate[];
  readonly emptyWords: string;
}

/** Cards of open gates, oldest first; what comes new is added at the end. Below them what the last ones came to. */
export function GateList({ cards, decided, emptyWords }: GateListProps) {
  return (
    <>
      <div id="gate-list" class="gates">
        {cards.map((card) => (
          <GateCardView card={card} />
        ))}
      </div>
      {cards.length === 0 ? <p class="quiet">{emptyWords}</p> : null}
      {decided.length === 0 ? null : (
        <details class="decided">
          <summary class="quiet">Answered lately</summary>
          <ul class="plan">
            {decided.map((gate) => (
              <li data-decided={gate.gateId}>{decidedWords(gate)}</li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

function decidedWords({ gateId, title, outcome, decidedAt, decidedBy, isEdited, words }: DecidedGate): string {
  const by = decidedBy === "" ? "" : ` by ${decidedBy === "person" ? "a person" : `the ${visible(decidedBy)}`}`;
  const told = `${gateId} · ${title} · ${outcome} at ${clock(decidedAt)}${by}${isEdited ? ", edited first" : ""}`;
  return words === "" ? `${told}.` : `${told}: ${visible(words)}`;
}

export function GateCardView({ card }: { readonly card: GateCard }) {
  return (
    <article
      id={card.elementId}
      class="gate"
      tabindex={-1}
      data-gate={card.gateId}
      data-gate-kind={card.kind}
      aria-labelledby={`${card.elementId}-title`}
    >
      <header>
        <h3 id={`${card.elementId}-title`}>
          <span class="status status-gated" aria-hidden="true">
            ◆
          </span>{" "}
          {card.title}
        </h3>
        <Subject card={card} />
        <span class="quiet">
          {card.gateId} · since {clock(card.openedAt)}
        </span>
      </header>
      <div class="gate-body">
        <div class="gate-why">
          <p class="does">
            {card.approveDoes}
            {card.isIrreversible ? <strong class="irreversible"> Cannot be undone.</strong> : null}
          </p>
          {card.reason === "" ? null : <p class="quiet">{`It asks because: ${visible(card.reason)}`}</p>}
          <div class="plain" tabindex={0}>
            <GatePlainView plain={card.plain} />
            <GateFacts facts={card.facts} />
          </div>
        </div>
        <div class="gate-answer">
          <GateAnswer card={card} />
        </div>
      </div>
    </article>
  );
}

/** The levers; in the past what was asked about alone. */
function GateAnswer({ card }: { readonly card: GateCard }) {
  if (useContext(Past)) return <PastPayload card={card} />;
  return (
    <>
      <GateForm card={card} />
      {card.rulePattern === null ? null : <RuleLever card={card} pattern={card.rulePattern} />}
    </>
  );
}

function PastPayload({ card }: { readonly card: GateCard }) {
  return (
    <details id={`${card.elementId}-payload`}>
      <summary>{`Payload: JSON, ${extent(card.payloadText)}`}</summary>
      <pre class="block" tabindex={0}>
        {card.payloadText}
      </pre>
    </details>
  );
}

function Subject({ card }: { readonly card: GateCard }) {
  const words = visible(card.subject);
  if (card.ticketId !== null) return <a href={`/tickets/${encodeURIComponent(card.ticketId)}`}>{words}</a>;
  if (card.trackId !== null) return <a href={`/tracks/${encodeURIComponent(card.trackId)}`}>{words}</a>;
  return <span class="subject">{words}</span>;
}

function GateForm({ card }: { readonly card: GateCard }) {
  const action = `/actions/gates/${encodeURIComponent(card.gateId)}/decision`;
  return (
    <PostForm action={action} class="gate-form" instead={`signalbox gates approve ${card.gateId}`}>
      <input type="hidden" name="payloadHash" value={card.payloadHash} />
      <GateEditorView card={card} />
      <p id={`${card.elementId}-hint`} class="hint">
        {`JSON, ${extent(card.payloadText)}. What you approve is what runs, byte for byte.${escapeWords(card)}`}
      </p>
      <div id={`${card.elementId}-difference`} aria-live="polite"></div>
      <p id={`${card.elementId}-error`} class="error" role="alert" hx-morph-skip="true"></p>
      <div class="levers">
        <button type="submit" name="decision" value="approve" class="approve">
          Approve
        </button>
        <label for={`${card.elementId}-reason`} class="hidden">
          Reason
        </label>
        <textarea
          id={`${card.elementId}-reason`}
          name="reason"
          rows={1}
          placeholder="Reason, for declining"
          title={card.declineDoes}
        ></textarea>
        <button type="submit" name="decision" value="decline" class="decline" title={card.declineDoes}>
          Decline
        </button>
      </div>
      <AlikeView card={card} />
    </PostForm>
  );
}

function escapeWords({ payloadText }: GateCard): string {
  return /\\u[0-9a-f]{4}/i.test(payloadText) ? " \\uXXXX stands for a character that would not be seen." : "";
}
