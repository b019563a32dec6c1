/** Reads git's patch text without context lines into the lines that each file lost and gained. Pure. */

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

/** The `--format` that `parseLog` reads: no line of a patch without context begins so. */
export const logFormat = "--format=commit %H %s";

/** The commits of a log in its order. */
export function parseLog(text: string): LoggedChange[] {
  const commits: { commit: string; subject: string; start: number; end: number }[] = [];
  const lines = text.split("\n");
  let left = 0;
  for (const [index, line] of lines.entries()) {
    if (left > 0) left -= 1;
    else if (line.startsWith("@@ ")) left = hunkSize(line);
    else if (line.startsWith("commit ")) {
      const last = commits.at(-1);
      if (last) last.end = index;
      const [, commit = "", subject = ""] = /^commit (\S+) ?(.*)$/.exec(line) ?? [];
      commits.push({ commit, subject, start: index + 1, end: lines.length });
    }
  }
  return commits.map(({ commit, subject, start, end }) => {
    return { commit, subject, changes: parseLines(lines.slice(start, end)) };
  });
}

/** The files of a patch in its order; those without lines (binary, mode only) are left out. */
export function parsePatch(text: string): LineChange[] {
  return parseLines(text.split("\n"));
}

function parseLines(lines: readonly string[]): LineChange[] {
  const files: { file: string; isDeleted: boolean; removed: string[]; added: string[] }[] = [];
  let oldName: string | null = null;
  let left = 0;
  for (const line of lines) {
    const file = files.at(-1);
    if (left > 0 && file) {
      left -= 1;
      (line.startsWith("-") ? file.removed : file.added).push(line.slice(1));
    } else if (line.startsWith("--- ")) oldName = nameIn(line);
    else if (line.startsWith("+++ ")) {
      const name = nameIn(line);
      files.push({ file: name ?? oldName ?? "", isDeleted: name === null, removed: [], added: [] });
    } else if (line.startsWith("@@ ")) left = hunkSize(line);
  }
  return files;
}

/** Without context lines, a hunk's removed and added lines follow its header; "no newline at the end" marks come outside. */
function hunkSize(header: string): number {
  const [, removed = "1", added = "1"] = /^@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@/.exec(header) ?? [];
  return Number(removed) + Number(added);
}

/** `a/name` or `b/name`, quoted as in C where it holds odd characters, with a tab behind it where it holds spaces; null: no such file. */
function nameIn(line: string): string | null {
  const text = line.slice(4).replace(/\t$/, "");
  if (text === "/dev/null") return null;
  return (text.startsWith('"') ? unquoted(text) : text).slice(2);
}

const escapes: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", a: "\x07", b: "\b", f: "\f", v: "\v" };

function unquoted(text: string): string {
  return text.slice(1, -1).replace(/\\(\d{3}|.)/g, (_, code: string) => {
    return code.length === 3 ? String.fromCharCode(Number.parseInt(code, 8)) : (escapes[code] ?? code);
  });
}
