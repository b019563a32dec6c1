/** @jsxImportSource hono/jsx */
/** A worker's prompt on its way: as proposed, what a person made of it, as the model got it. */
import type { PromptView } from "../src/projections/ticket-evidence.ts";
import { count, exact } from "./format.ts";

export function PromptFolds({ prompt, id }: { readonly prompt: PromptView; readonly id: string }) {
  const { proposed, edited, system, sent } = prompt;
  return (
    <>
      <Fold id={`${id}-proposed`} title="Prompt as proposed" text={proposed} />
      {edited === null ? null : (
        <details id={`${id}-edited`}>
          <summary>
            Prompt as edited <span class="edited">{edited.by === "person" ? "by you" : `by ${exact(edited.by)}`}</span>
          </summary>
          {edited.differences.map(({ parts }) => (
            <p class="said difference">
              {parts.map(({ kind, text }) => {
                if (kind === "same") return <span>{exact(text)}</span>;
                return kind === "added" ? <ins>{exact(text)}</ins> : <del>{exact(text)}</del>;
              })}
            </p>
          ))}
          <pre class="block" tabindex={0}>
            {exact(edited.text)}
          </pre>
        </details>
      )}
      <Fold id={`${id}-sent`} title="Prompt as sent" text={sent} />
      <Fold id={`${id}-system`} title="System text as sent" text={system} />
    </>
  );
}

function Fold({ id, title, text }: { readonly id: string; readonly title: string; readonly text: string | null }) {
  if (text === null) return null;
  return (
    <details id={id}>
      <summary>
        {title} <span class="quiet">{`${count(text.length)} characters`}</span>
      </summary>
      <pre class="block" tabindex={0}>
        {exact(text)}
      </pre>
    </details>
  );
}
