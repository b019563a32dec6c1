/** @jsxImportSource hono/jsx */
/** Fork from here: the ticket's prompt and model as a form, and the forks that were begun. */
import type { ForkFormView } from "../src/projections/view-fork.ts";
import { clock, exact, visible } from "./format.ts";
import { PostForm } from "./post-form.tsx";

interface ForkProps {
  readonly form: ForkFormView;
  readonly forks: readonly {
    readonly forkId: string;
    readonly folder: string;
    readonly startedAt: string;
    readonly words: string;
  }[];
}

export function ForkView({ form, forks }: ForkProps) {
  return (
    <>
      {form.hindrance === null ? <ForkForm form={form} /> : <p class="quiet">{visible(form.hindrance)}</p>}
      {forks.length === 0 ? null : (
        <ul class="tight forks">
          {forks.map(({ forkId, folder, startedAt, words }) => (
            <li>
              <a href={`/forks/${encodeURIComponent(forkId)}`}>{`Fork of ${clock(startedAt)}`}</a> {visible(words)}{" "}
              <code>{visible(folder)}</code>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function ForkForm({ form }: { readonly form: ForkFormView }) {
  return (
    <details class="editor">
      <summary>Fork from here</summary>
      <PostForm
        action={`/actions/tickets/${encodeURIComponent(form.ticketId)}/fork`}
        class="change"
        disables="find button"
        instead={`signalbox record FILE, then signalbox fork FILE --from ${form.ticketId}`}
      >
        <p class="hint">
          The run is played again in a clone of its own, at no cost, up to this ticket. What comes of the ticket, and
          whatever differs because of it, is asked of the real endpoint, and costs.
        </p>
        <div class="field">
          <label for="fork-prompt">Prompt</label>
          <textarea id="fork-prompt" name="prompt" rows={8} spellcheck={false}>
            {exact(form.prompt)}
          </textarea>
        </div>
        <div class="field">
          <label for="fork-model">Model</label>
          <input type="text" id="fork-model" name="model" value={form.model} spellcheck={false} />
        </div>
        <p id="fork-error" class="error" role="alert" hx-morph-skip="true"></p>
        <p class="levers">
          <button type="submit">Fork from here</button>
        </p>
      </PostForm>
    </details>
  );
}
