/** @jsxImportSource hono/jsx */
/** A track's spec or plan: laid out to read, where it and the log differ, and its text to change in place. */
import { raw } from "hono/html";
import { visible } from "./format.ts";
import { PostForm } from "./post-form.tsx";

interface DocumentProps {
  readonly trackId: string;
  readonly name: "spec" | "plan";
  readonly text: string;
  readonly hash: string;
  /** The text as HTML, made by a renderer that lets no HTML of the text through. */
  readonly html: string;
  readonly drift: readonly string[];
}

export function DocumentView({ trackId, name, text, hash, html, drift }: DocumentProps) {
  return (
    <>
      {drift.length === 0 ? null : (
        <div class="drift" role="note">
          <strong>The plan on disk and the log differ</strong>
          <ul class="tight">
            {drift.map((line) => (
              <li>{visible(line)}</li>
            ))}
          </ul>
        </div>
      )}
      {text === "" ? <p class="quiet">{`There is no ${name}.md yet.`}</p> : <div class="document">{raw(html)}</div>}
      <details class="editor" id={`${name}-editor`}>
        <summary>{`Edit ${name}.md`}</summary>
        <PostForm action={`/actions/tracks/${encodeURIComponent(trackId)}/documents/${name}`}>
          <div id={`${name}-fields`}>
            <DocumentFields name={name} text={text} base={text} hash={hash} conflictCount={0} />
          </div>
          <p id={`${name}-error`} class="error" role="alert" hx-morph-skip="true"></p>
          <button type="submit">{`Save ${name}.md`}</button>
        </PostForm>
      </details>
    </>
  );
}

interface FieldsProps {
  readonly name: string;
  readonly text: string;
  /** What is on disk, and what the next save is compared with. */
  readonly base: string;
  readonly hash: string;
  readonly conflictCount: number;
}

/** One side for every place at once: the rest of the text is saved as it stands in the box. */
function Sides({ conflictCount }: { readonly conflictCount: number }) {
  const where = conflictCount === 1 ? "there" : "in all of them";
  return (
    <p class="row">
      <button type="submit" name="side" value="mine" class="small">
        {`Save with mine ${where}`}
      </button>
      <button type="submit" name="side" value="onDisk" class="small">
        {`Save with what is on disk ${where}`}
      </button>
    </p>
  );
}

/** The fields of the editor; after a conflict they hold both sides between marks. */
export function DocumentFields({ name, text, base, hash, conflictCount }: FieldsProps) {
  return (
    <>
      <p class="hint">
        {conflictCount === 0
          ? "A change made on disk meanwhile is taken together with yours. Marks, ids and commits of tickets are the log's: they are set again."
          : `${conflictCount} ${conflictCount === 1 ? "place" : "places"} to resolve: yours stands between <<<<<<< and =======, what is on disk between ======= and >>>>>>>. Keep what is right, take the marks out, and save.`}
      </p>
      <input type="hidden" name="baseHash" value={hash} />
      <textarea name="base" hidden readonly>
        {`\n${base}`}
      </textarea>
      <label for={`${name}-text`}>{`Text of ${name}.md`}</label>
      <textarea id={`${name}-text`} name="text" class="mono" rows={20} spellcheck={false}>
        {`\n${text}`}
      </textarea>
      {conflictCount === 0 ? null : <Sides conflictCount={conflictCount} />}
    </>
  );
}
