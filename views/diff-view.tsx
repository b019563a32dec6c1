/** @jsxImportSource hono/jsx */
/** A unified diff, folded by file, lines marked by sign and colour. Bounded: what is left out is said. */
import { visible } from "./format.ts";

interface FileDiff {
  readonly name: string;
  readonly lines: readonly string[];
}

const lineLimit = 1_500;

export function DiffView({ diff, isOpen = true }: { readonly diff: string; readonly isOpen?: boolean }) {
  const lines = diff.split("\n");
  const files = fileDiffs(lines.slice(0, lineLimit));
  if (diff.trim() === "") return <p class="quiet">No difference.</p>;
  return (
    <div class="diff">
      {files.map((file) => (
        <details open={isOpen}>
          <summary>
            <code>{visible(file.name)}</code> <Counts lines={file.lines} />
          </summary>
          <pre>
            {file.lines.map((line) => (
              <span class={lineClass(line)}>{`${visible(line)}\n`}</span>
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
  const added = lines.filter((line) => line.startsWith("+") && !line.startsWith("+++")).length;
  const removed = lines.filter((line) => line.startsWith("-") && !line.startsWith("---")).length;
  return (
    <span class="counts">
      <span class="added">{`+${added}`}</span> <span class="removed">{`−${removed}`}</span>
    </span>
  );
}

function fileDiffs(lines: readonly string[]): readonly FileDiff[] {
  const files: { name: string; lines: string[] }[] = [];
  for (const line of lines) {
    const header = /^diff --git a\/.* b\/(.*)$/.exec(line);
    if (header) files.push({ name: header[1] ?? "file", lines: [] });
    else {
      if (files.length === 0) files.push({ name: "changes", lines: [] });
      files.at(-1)?.lines.push(line);
    }
  }
  return files.filter((file) => file.lines.some((line) => line !== ""));
}

function lineClass(line: string): string {
  if (/^(\+\+\+|---|index |new file|deleted file|similarity|rename )/.test(line)) return "meta";
  if (line.startsWith("@@")) return "hunk";
  if (line.startsWith("+")) return "add";
  if (line.startsWith("-")) return "del";
  return "same";
}
