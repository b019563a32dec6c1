/** @jsxImportSource hono/jsx */
/** The question whether the project's own config is accepted: the tables as they stand, and the two answers. */
import { visible } from "./format.ts";
import { PostForm } from "./post-form.tsx";

interface TrustView {
  readonly path: string;
  readonly text: string;
  readonly hash: string;
  readonly fault: string | null;
}

const action = "/actions/trust";

/** The card while the question is open; one quiet line once it is answered. */
export function TrustCard({ asked }: { readonly asked: TrustView | null }) {
  if (asked === null) return <p class="quiet">This project's own config is accepted.</p>;
  return (
    <article id="trust-card" class="gate trust" tabindex={-1} data-trust={asked.hash} aria-labelledby="trust-title">
      <header>
        <h3 id="trust-title">
          <span class="status status-gated" aria-hidden="true">
            ◆
          </span>{" "}
          Accept this project's own config?
        </h3>
        <span class="subject mono">{visible(asked.path)}</span>
      </header>
      <p class="does">
        Nothing runs, no model is called and no key is read until you accept it: these tables choose endpoints, keys,
        commands, gates or limits, and whoever wrote the repository wrote them.
      </p>
      {asked.fault === null ? <pre class="block mono">{visible(words(asked.text))}</pre> : null}
      <PostForm action={action}>
        <input type="hidden" name="hash" value={asked.hash} />
        <p id="trust-error" class="error" role="alert">
          {asked.fault === null ? "" : visible(asked.fault)}
        </p>
        <div class="levers">
          <button type="submit" name="decision" value="accept" class="approve">
            Accept
          </button>
          <button type="submit" name="decision" value="refuse" class="decline" title="Ends Signalbox; nothing was run.">
            Refuse
          </button>
        </div>
      </PostForm>
    </article>
  );
}

function words(text: string): string {
  return text === "" ? "The file names nothing any more that needs your acceptance." : text;
}
