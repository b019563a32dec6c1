/**
 * The lines of a failed command's output that tell why it failed, and the places in the project that they name. Keeps raw logs
 * out of every prompt but the diagnosis, and most of the log out of that.
 */

/** A place that an output names: a path of the project and a line, from 1. */
export interface SourceLocation {
  readonly path: string;
  readonly line: number;
}

const strong =
  /\b(?:error|errors|panicked|panic|exception|traceback|fatal|assert\w*|expect(?:ed)?|received|actual|undefined reference|cannot find|not found|failed|failure|fail)\b|error(?:\[|:|TS)|^E\s|✗|✘|×|^\s*\^+\s*$|^---? FAIL/i;
const frame = /^\s*(?:at\s|File "|-->|\S+:\d+(?::\d+)?:)/;
/** Counts of tests ("0 fail") and tests that passed, whatever words their names have: they explain nothing. */
const tally =
  /^\s*\d+\s+(?:pass|fail|skip|todo|error)|^\s*Ran \d+|0 (?:failed|errors)|\bpassed\b|^\s*(?:\(pass\)|✓|✔|√|ok \d|PASS\b|--- PASS)|\.\.\. ok$/i;

const contextLines = 3;
const lastLines = 4;
const lineChars = 300;

/** The telling lines within `maxChars`, in their order; gaps are marked. The last failing block is kept first. */
export function errorExcerpt(output: string, maxChars: number): string {
  const lines = plainText(output).split("\n").map(clipLine);
  while (lines.length > 0 && lines.at(-1)?.trim() === "") lines.pop();
  if (lines.join("\n").length <= maxChars) return lines.join("\n");
  const kept = chosenLines(lines, maxChars);
  const shown: string[] = [];
  let previous = -1;
  for (const index of [...kept].toSorted((a, b) => a - b)) {
    if (index > previous + 1) shown.push("…");
    shown.push(lines[index] ?? "");
    previous = index;
  }
  return shown.join("\n").slice(0, maxChars);
}

function chosenLines(lines: readonly string[], maxChars: number): Set<number> {
  const kept = new Set<number>();
  let left = maxChars;
  const keep = (index: number) => {
    const cost = (lines[index]?.length ?? 0) + 3;
    if (kept.has(index) || index < 0 || index >= lines.length || cost > left) return;
    kept.add(index);
    left -= cost;
  };
  for (let index = lines.length - lastLines; index < lines.length; index += 1) keep(index);
  const telling = [...lines.keys()].filter((index) => isTelling(lines[index] ?? ""));
  for (const index of telling.toReversed()) keep(index);
  for (const index of telling.toReversed())
    for (let near = index - contextLines; near <= index + contextLines; near += 1) keep(near);
  return kept;
}

function isTelling(line: string): boolean {
  return (strong.test(line) || frame.test(line)) && !tally.test(line);
}

/**
 * Places inside the project, most telling first: in the order in which they stand near failing lines. Absolute paths count when
 * they end in a path of the project.
 */
export function locationsIn(output: string, paths: readonly string[]): SourceLocation[] {
  const known = new Map<string, string[]>();
  for (const path of paths) {
    const name = path.slice(path.lastIndexOf("/") + 1);
    known.set(name, [...(known.get(name) ?? []), path]);
  }
  const found: SourceLocation[] = [];
  const patterns = [/([\w@.+\-/\\[\]()]+\.\w+)(?::|\()(\d+)/g, /File "([^"\n]+)", line (\d+)/g];
  for (const line of plainText(output).split("\n"))
    for (const pattern of patterns)
      for (const [, spelled = "", number = ""] of line.matchAll(pattern)) {
        const path = projectPath(spelled.replaceAll("\\", "/").replace(/^[([]+/, ""), known);
        if (path !== null) found.push({ path, line: Number(number) });
      }
  return found.filter((one, index) => found.findIndex((other) => isNear(one, other)) === index);
}

/** Two places that one excerpt shows both count once. */
function isNear(one: SourceLocation, other: SourceLocation): boolean {
  return one.path === other.path && Math.abs(one.line - other.line) <= 8;
}

function projectPath(spelled: string, known: ReadonlyMap<string, readonly string[]>): string | null {
  const plain = spelled.replace(/^(?:file:\/\/)?(?:\.\/)?/, "");
  const candidates = known.get(plain.slice(plain.lastIndexOf("/") + 1)) ?? [];
  const exact = candidates.find((path) => path === plain);
  if (exact !== undefined) return exact;
  const ends = candidates.filter((path) => plain.endsWith(`/${path}`));
  const longest = ends.toSorted((a, b) => b.length - a.length)[0];
  return longest ?? null;
}

/** Lines around a place, numbered, the place itself marked with ">"; "" when the file has no such line. */
export function linesAround(source: string, line: number, radius: number): string {
  const lines = source.split("\n");
  if (line < 1 || line > lines.length) return "";
  const from = Math.max(1, line - radius);
  const to = Math.min(lines.length, line + radius);
  return lines
    .slice(from - 1, to)
    .map((text, index) => `${from + index === line ? ">" : " "}${String(from + index).padStart(5)} ${clipLine(text)}`)
    .join("\n");
}

/** Output without the colours and cursor moves of a terminal, and with only the last state of lines that were redrawn. */
function plainText(output: string): string {
  return output
    .replace(/\x1b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])/g, "")
    .replace(/\r\n/g, "\n")
    .replace(/[^\n]*\r(?=[^\n])/g, "")
    .replace(/[\x00-\x08\x0b-\x1f\x7f]/g, "");
}

function clipLine(line: string): string {
  return line.length > lineChars ? `${line.slice(0, lineChars)}…` : line;
}
