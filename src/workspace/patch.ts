/** What each file of a patch, or of a log with patches, lost and gained: whole lines without their places. Pure. */
import { type FileChange, parseWholeDiff } from "../domain/unified-diff.ts";

/** What one file lost and gained, by its name on the side that has it. */
export interface LineChange {
  readonly file: string;
  /** Whether the newer side has no such file. */
  readonly isDeleted: boolean;
  readonly removed: readonly string[];
  readonly added: readonly string[];
}

/** One commit of a log with patches. */
export interface LoggedChange {
  readonly commit: string;
  readonly subject: string;
  readonly changes: readonly LineChange[];
}

/** The `--format` that `parseLog` reads: every line of a hunk has a mark in front, so none begins so. */
export const logFormat = "--format=commit %H %s";

/** The commits of a log in its order. */
export function parseLog(text: string): LoggedChange[] {
  // Not with the flag `m`: that would take a carriage return within a line of a file for the end of it.
  return text.split(/(?:^|\n)commit (?=[0-9a-f]{40})/).flatMap((part) => {
    const end = part.indexOf("\n");
    const [, commit, subject = ""] = /^([0-9a-f]+) ?(.*)$/s.exec(end < 0 ? part : part.slice(0, end)) ?? [];
    return commit === undefined ? [] : [{ commit, subject, changes: parsePatch(end < 0 ? "" : part.slice(end + 1)) }];
  });
}

/** The files of a patch in its order; those without lines (binary, mode only) are left out. */
export function parsePatch(text: string): LineChange[] {
  return lineChanges(parseWholeDiff(text));
}

/** The same of files that have been read already. */
export function lineChanges(files: readonly FileChange[]): LineChange[] {
  return files
    .filter(({ hunks }) => hunks.length > 0)
    .map((file) => {
      const lines = file.hunks.flat();
      const marked = (mark: string) => lines.filter((line) => line.mark === mark).map(({ text }) => text);
      return { file: file.path, isDeleted: file.kind === "deleted", removed: marked("-"), added: marked("+") };
    });
}
