/** A diff as files to look at: what became of each, how many lines, and its lines with their numbers. */
import { type DiffLine, type FileChange, parseDiff } from "../domain/unified-diff.ts";
import { elementId } from "./view-element-id.ts";

export interface DiffFile {
  readonly elementId: string;
  /** Its place in the diff, from 0. */
  readonly index: number;
  readonly path: string;
  /** What became of it, where it was not merely changed: `new file`, `renamed from a.ts`, `mode 100755`. */
  readonly notes: readonly string[];
  readonly added: number;
  readonly removed: number;
  readonly hunks: readonly (readonly DiffLine[])[];
  readonly lineCount: number;
  /** Whether its lines stand on the page at once; the others come when it is opened. */
  readonly isOpen: boolean;
}

/** The hunks of a file as they are shown: lines in pieces with class names, and their number in the new file, if they have one. */
export type ShownHunks = readonly (readonly {
  readonly mark: DiffLine["mark"];
  readonly number: number | null;
  readonly tokens: readonly { readonly text: string; readonly classes: string }[];
}[])[];

export interface DiffFiles {
  readonly files: readonly DiffFile[];
  readonly added: number;
  readonly removed: number;
  /** Whether the log holds the beginning of the diff only. */
  readonly isCut: boolean;
}

/** So many lines of a diff stand open in all, in whole files. */
const openLines = 300;

/** The files of a diff; `key` tells apart the diffs of one page. */
export function diffFiles(diff: string, key: string): DiffFiles {
  let openCount = 0;
  const files = parseDiff(diff).map((change, index): DiffFile => {
    const lines = change.hunks.flat();
    const isOpen = openCount + lines.length <= openLines;
    if (isOpen) openCount += lines.length;
    return {
      elementId: elementId("diff", `${key}/${index}`),
      index,
      path: change.path,
      notes: notesOf(change),
      added: lines.filter(({ mark }) => mark === "+").length,
      removed: lines.filter(({ mark }) => mark === "-").length,
      hunks: change.hunks,
      lineCount: lines.length,
      isOpen,
    };
  });
  const sum = (of: (file: DiffFile) => number) => files.reduce((total, file) => total + of(file), 0);
  return {
    files,
    added: sum((file) => file.added),
    removed: sum((file) => file.removed),
    isCut: /\n\[[^\n]*\]\n?$/.test(diff),
  };
}

function notesOf({ kind, oldPath, oldMode, newMode, isBinary, hunks }: FileChange): readonly string[] {
  const modes = kind === "changed" || kind === "renamed" ? oldMode !== newMode && newMode !== "" : newMode === "100755";
  return [
    ...(kind === "added" ? ["new file"] : kind === "deleted" ? ["deleted"] : []),
    ...(kind === "renamed" ? [`renamed from ${oldPath}`] : []),
    ...(isBinary ? ["binary"] : []),
    ...(modes ? [`mode ${newMode}`] : []),
    ...(hunks.length === 0 && !isBinary && kind === "added" ? ["empty"] : []),
  ];
}
