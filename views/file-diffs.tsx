/** @jsxImportSource hono/jsx */
/** A diff file by file, each folded by itself: counts, what became of it, and its lines in the colours of their language. */

import { useContext } from "hono/jsx";
import type { DiffFile, DiffFiles, ShownHunks } from "../src/projections/view-diff.ts";
import { count, exact } from "./format.ts";
import { Nonce } from "./nonce.ts";

interface FileDiffsProps {
  readonly diff: DiffFiles;
  /** The lines of the files that stand open, by their index. */
  readonly shown: ReadonlyMap<number, ShownHunks>;
  /** The page of one file. */
  readonly href: (file: DiffFile) => string;
}

export function FileDiffs({ diff, shown, href }: FileDiffsProps) {
  if (diff.files.length === 0) return <p class="quiet">No difference.</p>;
  return (
    <div class="diff">
      <p class="quiet">
        {`${count(diff.files.length)} ${diff.files.length === 1 ? "file" : "files"}, `}
        <Counts added={diff.added} removed={diff.removed} />
      </p>
      {diff.files.map((file) => (
        <FileFold file={file} hunks={shown.get(file.index)} href={href(file)} />
      ))}
      {diff.isCut ? <p class="quiet">The log holds this much of it; the branch has all.</p> : null}
    </div>
  );
}

interface FileFoldProps {
  readonly file: DiffFile;
  readonly hunks: ShownHunks | undefined;
  readonly href: string;
}

/** An open file is there at once; the lines of another are fetched when it is opened, and a link shows them without a script. */
function FileFold({ file, hunks, href }: FileFoldProps) {
  const nonce = useContext(Nonce);
  const summary = (
    <summary>
      <code>{exact(file.path)}</code> <Counts added={file.added} removed={file.removed} />{" "}
      {file.notes.map((note) => (
        <span class="hint">{exact(note)} </span>
      ))}
    </summary>
  );
  if (hunks)
    return (
      <details id={file.elementId} open>
        {summary}
        {file.lineCount === 0 ? null : <Hunks hunks={hunks} />}
      </details>
    );
  return (
    <details
      id={file.elementId}
      hx-get={href.replace("/diff?", "/diff-lines?")}
      hx-trigger="toggle once"
      hx-swap="none"
      hx-nonce={nonce}
    >
      {summary}
      <div id={`${file.elementId}-lines`} hx-morph-skip="true">
        <a href={href}>{`Its ${count(file.lineCount)} lines`}</a>
      </div>
    </details>
  );
}

/** The lines of one file. */
export function Hunks({ hunks }: { readonly hunks: ShownHunks }) {
  return (
    // A wide line is scrolled to, by the keyboard too.
    <div class="hunks" tabindex={0}>
      {hunks.map((hunk) => (
        <pre>
          {hunk.map(({ mark, number, tokens }) => (
            <span class={lineClasses[mark]} data-line={number ?? ""}>
              <span class="sign">{mark}</span>
              {tokens.map(({ text, classes }) =>
                classes === "" ? exact(text) : <span class={classes}>{exact(text)}</span>,
              )}
              {"\n"}
            </span>
          ))}
        </pre>
      ))}
    </div>
  );
}

const lineClasses = { "+": "add", "-": "del", " ": "same" } as const;

function Counts({ added, removed }: { readonly added: number; readonly removed: number }) {
  return (
    <span class="counts">
      <span class="added">{`+${added}`}</span> <span class="removed">{`−${removed}`}</span>
    </span>
  );
}
