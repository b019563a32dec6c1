/** Reads git's unified diff: which files changed, how, and each line of each hunk with its number. */

export interface DiffLine {
  /** `+` added, `-` removed, a space for a line that only stands beside. */
  readonly mark: "+" | "-" | " ";
  readonly text: string;
  /** Its number in the new file; of a removed line, the number at which it would stand. */
  readonly line: number;
}

export interface FileChange {
  /** The path now; of a deleted file the one that it had. */
  readonly path: string;
  readonly oldPath: string;
  readonly kind: "added" | "deleted" | "renamed" | "changed";
  /** The file mode in octal, such as `100755`; empty where the diff does not say. */
  readonly oldMode: string;
  readonly newMode: string;
  readonly isBinary: boolean;
  /** The lines in order, hunk by hunk; each hunk is a list. */
  readonly hunks: readonly (readonly DiffLine[])[];
}

interface Draft {
  path: string;
  oldPath: string;
  kind: FileChange["kind"];
  oldMode: string;
  newMode: string;
  isBinary: boolean;
  hunks: DiffLine[][];
}

/** Longer lines are cut for those who put patterns to them: no test and no setting needs more, and every pattern stays quick. */
const patternLineLength = 2_000;

/** Every changed file of a diff as `git diff-tree -p` writes it, with its lines cut. */
export function parseDiff(diff: string): FileChange[] {
  return parseFiles(diff, patternLineLength);
}

/** Every changed file of such a diff, with or without context, with its lines whole. */
export function parseWholeDiff(diff: string): FileChange[] {
  return parseFiles(diff, Number.POSITIVE_INFINITY);
}

function parseFiles(diff: string, keptLineLength: number): FileChange[] {
  const files: Draft[] = [];
  let line = 0;
  for (const text of diff.split("\n")) {
    const file = files.at(-1);
    const hunk = file?.hunks.at(-1);
    const head = /^diff --git (.*)$/s.exec(text);
    if (head && !isInside(hunk, text)) {
      files.push(emptyDraft(head[1] ?? ""));
    } else if (file && text.startsWith("@@ ")) {
      line = Number(/^@@ -\d+(?:,\d+)? \+(\d+)/.exec(text)?.[1] ?? 1);
      file.hunks.push([]);
    } else if (file && hunk && isMark(text[0])) {
      hunk.push({ mark: text[0], text: text.slice(1, keptLineLength), line });
      if (text[0] !== "-") line += 1;
    } else if (file && !hunk) readHeader(file, text);
  }
  return files;
}

/** A line of a hunk always has its mark in front, so a header can be told from what a file holds. */
function isInside(hunk: readonly DiffLine[] | undefined, text: string): boolean {
  return hunk !== undefined && isMark(text[0]);
}

function isMark(character: string | undefined): character is DiffLine["mark"] {
  return character === "+" || character === "-" || character === " ";
}

function emptyDraft(names: string): Draft {
  // Without a rename both names are the same, so either half of the line is the path.
  const half = unquoted(names.slice(0, Math.floor(names.length / 2)));
  const path = half.replace(/^a\//, "");
  return { path, oldPath: path, kind: "changed", oldMode: "", newMode: "", isBinary: false, hunks: [] };
}

function readHeader(file: Draft, text: string): void {
  const [, key = "", value = ""] =
    /^(new file mode|deleted file mode|old mode|new mode|rename from|rename to|Binary files|GIT binary patch|index|---|\+\+\+) ?(.*)$/s.exec(
      text,
    ) ?? [];
  switch (key) {
    case "new file mode":
      file.kind = "added";
      file.newMode = value;
      return;
    case "deleted file mode":
      file.kind = "deleted";
      file.oldMode = value;
      return;
    case "old mode":
      file.oldMode = value;
      return;
    case "new mode":
      file.newMode = value;
      return;
    case "rename from":
      file.kind = "renamed";
      file.oldPath = unquoted(value);
      return;
    case "rename to":
      file.path = unquoted(value);
      return;
    case "Binary files":
    case "GIT binary patch":
      file.isBinary = true;
      return;
    case "index":
      readModes(file, value);
      return;
    case "---":
      if (value !== "/dev/null") file.oldPath = unquoted(value).replace(/^a\//, "");
      return;
    case "+++":
      if (value !== "/dev/null") file.path = unquoted(value).replace(/^b\//, "");
      return;
    default:
      return;
  }
}

function readModes(file: Draft, value: string): void {
  const mode = / (\d{6})$/.exec(value)?.[1];
  if (mode === undefined) return;
  file.oldMode ||= mode;
  file.newMode ||= mode;
}

/** git quotes names with unusual characters: octal escapes are bytes of UTF-8. */
function unquoted(name: string): string {
  const text = name.replace(/\t$/, "");
  const quoted = /^"(.*)"?$/s.exec(text)?.[1];
  if (quoted === undefined) return text;
  const bytes: number[] = [];
  for (const [part] of quoted.replace(/"$/, "").matchAll(/\\[0-7]{3}|\\.|[^\\]/gsu)) {
    if (/^\\[0-7]{3}$/.test(part)) bytes.push(Number.parseInt(part.slice(1), 8));
    else bytes.push(...new TextEncoder().encode(part.startsWith("\\") ? (escapes[part] ?? part.slice(1)) : part));
  }
  return new TextDecoder().decode(new Uint8Array(bytes));
}

const escapes: Readonly<Record<string, string>> = {
  "\\n": "\n",
  "\\t": "\t",
  "\\r": "\r",
  "\\a": "\x07",
  "\\b": "\b",
  "\\f": "\f",
  "\\v": "\v",
};
