/** The lines of one file of a diff as tokens: both sides are read as the source texts that they are, hunk by hunk. */
import type { DiffLine } from "../../domain/unified-diff.ts";
import type { DiffFile, ShownHunks } from "../../projections/view-diff.ts";
import { highlightedLines, type Token } from "../highlight.ts";

/** The hunks of a file in colours; plain where its language is not known. */
export function shownHunks({ path, hunks }: DiffFile): ShownHunks {
  return hunks.map((hunk) => {
    const before = sideOf(path, hunk, "-");
    const after = sideOf(path, hunk, "+");
    return hunk.map(({ mark, text, line }) => {
      const standing = mark === "-" ? null : after?.next().value;
      const gone = mark === "+" ? null : before?.next().value;
      return {
        mark,
        number: mark === "-" ? null : line,
        tokens: (mark === "-" ? gone : standing) ?? [{ text, classes: "" }],
      };
    });
  });
}

/** The lines of the old (`-`) or the new (`+`) side in order; null where they stay plain. */
function sideOf(
  path: string,
  hunk: readonly DiffLine[],
  mark: "-" | "+",
): Iterator<readonly Token[], undefined> | null {
  const lines = hunk.filter((line) => line.mark === mark || line.mark === " ");
  const shown = highlightedLines(path, lines.map(({ text }) => text).join("\n"));
  return shown ? (shown[Symbol.iterator]() as Iterator<readonly Token[], undefined>) : null; // An array's iterator returns nothing.
}
