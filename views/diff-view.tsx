/** @jsxImportSource hono/jsx */
/** A unified diff, folded by file, lines marked by sign and colour. Bounded: what is left out is said. */
import { exact } from "./format.ts";

interface FileDiff {
  readonly name: string;
  /** `new file`, `deleted` or `renamed`; empty for a plain change. */
  readonly kind: string;
  readonly lines: readonly string[];
}

const usualLineLimit = 1_500;
/** A file with more lines starts closed. */
const openLines = 400;

interface DiffProps {
  readonly diff: string;
  readonly isOpen?: boolean;
  readonly lineLimit?: number;
}

export function DiffView({ diff, isOpen = true, lineLimit = usualLineLimit }: DiffProps) {
  const lines = diff.split("\n");
  const files = fileDiffs(lines.slice(0, lineLimit));
  if (diff.trim() === "") return <p class="quiet">No difference.</p>;
  return (
    <div class="diff">
      {files.map((file) => (
        <details open={isOpen && file.lines.length <= openLines}>
          <summary>
            <code>{exact(file.name)}</code> <Counts lines={file.lines} />{" "}
            {file.kind === "" ? null : <span class="hint">{file.kind}</span>}
          </summary>
          <pre tabindex={0}>
            {file.lines.map((line) => (
              <span class={lineClass(line)}>{`${exact(line)}\n`}</span>
            ))}
          </pre>
        </details>
      ))}
      {lines.length > lineLimit ? (
        <p class="quiet">{`${lines.length - lineLimit} more lines are not shown here.`}</p>
      ) : null}
    </div>
  );
}

function Counts({ lines }: { readonly lines: readonly string[] }) {
  const added = lines.filter((line) => line.startsWith("+")).length;
  const removed = lines.filter((line) => line.startsWith("-")).length;
  return (
    <span class="counts">
      <span class="added">{`+${added}`}</span> <span class="removed">{`−${removed}`}</span>
    </span>
  );
}

function fileDiffs(lines: readonly string[]): readonly FileDiff[] {
  const files: { name: string; kind: string; lines: string[] }[] = [];
  // Before a file's first hunk git writes headers, which look like changes ("--- a/file"): they are told by their place.
  let isHeader = true;
  for (const line of lines) {
    const header = /^diff --git a\/.* b\/(.*)$/.exec(line);
    if (header) {
      files.push({ name: header[1] ?? "file", kind: "", lines: [] });
      isHeader = true;
      continue;
    }
    if (files.length === 0) files.push({ name: "changes", kind: "", lines: [] });
    const file = files.at(-1);
    if (!file) continue;
    if (line.startsWith("@@")) isHeader = false;
    if (!isHeader || isNoted(line)) file.lines.push(line);
    file.kind ||= headerKind(isHeader ? line : "");
  }
  return files.filter((file) => file.kind !== "" || file.lines.some((line) => line !== ""));
}

/** Headers that say more than the summary does; the rest repeats the file's name. */
function isNoted(line: string): boolean {
  return !/^(\+\+\+|---|index |new file|deleted file|rename )/.test(line);
}

function headerKind(line: string): string {
  if (line.startsWith("new file")) return "new file";
  if (line.startsWith("deleted file")) return "deleted";
  return line.startsWith("rename from ") ? `renamed from ${exact(line.slice("rename from ".length))}` : "";
}

function lineClass(line: string): string {
  if (/^(similarity|old mode|new mode|Binary |\\ )/.test(line)) return "meta";
  if (line.startsWith("@@")) return "hunk";
  if (line.startsWith("+")) return "add";
  if (line.startsWith("-")) return "del";
  return "same";
}
