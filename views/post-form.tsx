/** @jsxImportSource hono/jsx */
/**
 * A form that changes something; in the past there is none. htmx sends it when it carries the page's nonce. A change needs
 * the token that the page's script adds, so without a script the form says what to do instead.
 */
import { type Child, useContext } from "hono/jsx";
import { Nonce } from "./nonce.ts";
import { Past } from "./past.ts";

interface PostFormProps {
  readonly action: string;
  readonly id?: string;
  readonly class?: string;
  /** What is disabled while the request is under way, as htmx selects it. */
  readonly disables?: string;
  /** What does the same without JavaScript: a command, or an edit of a file. */
  readonly instead?: string;
  readonly children?: Child;
}

export function PostForm({ action, id, class: className, disables, instead, children }: PostFormProps) {
  const nonce = useContext(Nonce);
  if (useContext(Past)) return null;
  return (
    <form
      id={id}
      class={className}
      action={action}
      method="post"
      hx-post={action}
      hx-swap="none"
      hx-disable={disables}
      hx-nonce={nonce}
    >
      {children}
      <noscript>
        <span class="hint">Needs JavaScript{instead === undefined ? null : <>; without it: {instead}</>}</span>
      </noscript>
    </form>
  );
}
