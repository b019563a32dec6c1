/** @jsxImportSource hono/jsx */
/** The lever that writes a rule for commands like this, with what the rule would do before it is saved. */
import { type Child, useContext } from "hono/jsx";
import type { GateCard } from "../src/projections/view-gates.ts";
import type { MatchedCommand, RulePreview, WouldAllow } from "../src/projections/view-rules.ts";
import { clock, count, exactCommand } from "./format.ts";
import { Nonce } from "./nonce.ts";
import { Past } from "./past.ts";
import { PostForm } from "./post-form.tsx";

/** On a command's card. What it would do is asked for when it is unfolded, and again as the rule is edited. */
export function RuleLever({
  card,
  pattern,
}: {
  readonly card: Pick<GateCard, "gateId" | "elementId">;
  readonly pattern: string;
}) {
  return (
    <RuleFold id={card.elementId} words="Always allow commands like this">
      <RuleForm id={card.elementId} pattern={pattern} gateId={card.gateId} />
    </RuleFold>
  );
}

/** Below the list of rules: one that was written on no card. */
export function NewRule() {
  return (
    <RuleFold id="new" words="Write a rule">
      <RuleForm id="new" pattern="" gateId={null} />
    </RuleFold>
  );
}

function RuleFold(props: { readonly id: string; readonly words: string; readonly children?: Child }) {
  const nonce = useContext(Nonce);
  if (useContext(Past)) return null;
  return (
    <details
      class="rule-lever"
      id={`${props.id}-rule-lever`}
      data-draft="rule"
      hx-post={`/actions/rules/preview?id=${encodeURIComponent(props.id)}`}
      hx-trigger="toggle, input delay:200ms"
      hx-sync="replace"
      hx-swap="none"
      hx-nonce={nonce}
    >
      <summary>{props.words}</summary>
      {props.children}
    </details>
  );
}

interface RuleFormProps {
  readonly id: string;
  /** As a box holds it. */
  readonly pattern: string;
  readonly gateId: string | null;
}

function RuleForm({ id, pattern, gateId }: RuleFormProps) {
  return (
    <PostForm action="/actions/rules" class="rule-form">
      <input type="hidden" name="ruleFormId" value={id} />
      <input type="hidden" name="gateId" value={gateId ?? ""} />
      <label for={`${id}-rule`}>Rule</label>
      <textarea id={`${id}-rule`} name="pattern" class="mono" rows={1} spellcheck={false} autocomplete="off">
        {`\n${pattern}`}
      </textarea>
      <p class="hint">
        <code>*</code> stands for whatever may differ. A command that a shell would take apart is allowed by no{" "}
        <code>*</code>.
      </p>
      <div id={`${id}-rule-preview`} aria-live="polite" hx-morph-skip="true"></div>
      <p id={`${id}-rule-error`} class="error" role="alert" hx-morph-skip="true"></p>
      <button type="submit" class="small" data-arms="">
        Save this rule
      </button>
    </PostForm>
  );
}

/** What saving the rule would do. */
export function RulePreviewView({ preview }: { readonly preview: RulePreview }) {
  const { fault, would, opensGateIds, isIdle, isExact } = preview;
  if (fault !== null) return <p class="error">{exactCommand(fault)}</p>;
  return (
    <div class="rule-preview">
      <p>{wouldWords(would)}</p>
      {isExact ? <p>It stands for one command, letter by letter.</p> : null}
      {opensGateIds.length === 0 ? null : (
        <p class="edited">{`Saving it lets run at once what waits in ${opensGateIds.join(", ")}.`}</p>
      )}
      {isIdle ? (
        <p class="edited">
          At the level manual every command asks, whatever the rules say: it counts once the level is guarded.
        </p>
      ) : null}
      <MatchedList would={would} />
    </div>
  );
}

export function wouldWords({ matchedCount, askedCount }: WouldAllow): string {
  const of = askedCount === 1 ? "the 1 command" : `the ${count(askedCount)} commands`;
  if (askedCount === 0) return "No command was asked for so far.";
  return `So far it would have allowed ${count(matchedCount)} of ${of} that workers asked for.`;
}

/** The commands that a rule matches, each once, the latest first. */
export function MatchedList({ would }: { readonly would: WouldAllow }) {
  if (would.commands.length === 0) return null;
  return (
    <ul class="matched">
      {would.commands.map((matched) => (
        <li>
          <code>{exactCommand(matched.command)}</code> <span class="hint">{matchedWords(matched)}</span>
        </li>
      ))}
      {would.leftOutCount === 0 ? null : <li class="quiet">{`and ${count(would.leftOutCount)} more`}</li>}
    </ul>
  );
}

function matchedWords({ count: times, lastAt, lastTicketId }: MatchedCommand): string {
  return `${times === 1 ? "once" : `${count(times)} times, last`} at ${clock(lastAt)} for ${lastTicketId}`;
}
