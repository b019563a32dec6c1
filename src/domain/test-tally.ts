/** Counts in one file's diff what tests are made of: cases, assertions, skips; removed ones and added ones apart. */
import type { TestLanguage } from "./test-language.ts";
import type { DiffLine, FileChange } from "./unified-diff.ts";

/** One thing that was counted: what it is told apart by, and where it stands. */
export interface Counted {
  readonly key: string;
  readonly line: number;
}

interface Side {
  readonly cases: Counted[];
  readonly assertions: Counted[];
  readonly skips: Counted[];
  readonly trivial: Counted[];
  readonly loose: Counted[];
  strict: number;
}

export interface TestTally {
  readonly change: FileChange;
  readonly language: TestLanguage;
  readonly removed: Side;
  readonly added: Side;
  /** Rows of a new table of cases: each stands for a case with its assertion. */
  readonly rows: number;
  /** How many single assertions the new wide ones, which compare whole values, may stand for. */
  readonly wideAssertions: number;
  readonly commentedOut: readonly Counted[];
  /** Whether any case or assertion is seen, or the file's name alone says that it holds tests. */
  readonly holdsTests: boolean;
}

const table =
  /\.each\b|parametrize|\bfor\b.*\b(?:of|in|range)\b|@ParameterizedTest|@(?:Csv|Method|Value|Enum)Source|#\[(?:case|test_case|rstest)|\[(?:InlineData|TestCase|DataRow|MemberData)|[dD]ata[pP]rovider|INSTANTIATE_TEST|with_them|\.forEach\b|\.each do/;
const property = /\bfc\.(?:assert|property)|@given\b|\bproptest!|\bforAll\b|\bcheck all\b|\bquickcheck|@Property\b/;
const row = /^\s*(?:[[({"'|]|-?\d|#\[(?:case|test_case)|\[(?:InlineData|TestCase|DataRow)|pytest\.param|\w+:\s)/;
const wide =
  /\b(?:toEqual|toStrictEqual|toMatchObject|toMatchSnapshot|toMatchInlineSnapshot|deepEqual|deepStrictEqual|assertEquals?|assert_eq|DeepEqual|AreEqual|containsExactly|isEqualTo)\b|==\s*[[{(]/;
/** A property stands for any number of examples; this many are believed. */
const propertyRows = 5;
const maxWide = 6;

/** The tally of a file. */
export function tallyTests(change: FileChange, language: TestLanguage): TestTally {
  const removed = emptySide();
  const added = emptySide();
  const lines = change.hunks.flat();
  for (const hunk of change.hunks) {
    const last = new Map<string, DiffLine>();
    for (const [index, line] of hunk.entries()) {
      const before = last.get(line.mark) ?? last.get(" ");
      last.set(line.mark, line);
      if (line.mark === " ") for (const mark of "+-") last.set(mark, line);
      else
        note(line.mark === "-" ? removed : added, line, {
          language,
          before,
          after: hunk.slice(index + 1, index + 6),
          change,
        });
    }
  }
  const fresh = lines.filter(({ mark }) => mark === "+");
  const isTable = fresh.some(({ text }) => table.test(text));
  const properties = fresh.filter(({ text }) => property.test(text)).length;
  const tableRows = isTable ? fresh.filter(({ text }) => row.test(text)).length : 0;
  return {
    change,
    language,
    removed,
    added,
    rows: tableRows + properties * propertyRows,
    wideAssertions: wideOf(fresh),
    commentedOut: commentedOut(lines, language),
    holdsTests:
      change.hunks.length === 0 || lines.some(({ text }) => language.test.test(text) || language.assertion.test(text)),
  };
}

interface Surrounding {
  readonly language: TestLanguage;
  readonly before: DiffLine | undefined;
  readonly after: readonly DiffLine[];
  readonly change: FileChange;
}

function note(side: Side, line: DiffLine, { language, before, after, change }: Surrounding): void {
  const { text } = line;
  const key = text.trim();
  const isBuildLine = /^\/\/\s*(?:go:build|\+build)/.test(text);
  if (language.comment.test(text) && !isBuildLine) return;
  if (language.skip.test(text)) {
    const isOnMachine = language.conditional?.test(text) || language.conditional?.test(before?.text ?? "");
    if (!isOnMachine || change.kind !== "added") side.skips.push({ key, line: line.line });
  }
  const test = language.test.exec(text);
  if (test) side.cases.push({ key: nameOf(test, line, after), line: line.line });
  if (language.trivial.test(text)) {
    side.trivial.push({ key, line: line.line });
    return;
  }
  const count = text.match(new RegExp(language.assertion.source, "g"))?.length ?? 0;
  for (let index = 0; index < count; index += 1) side.assertions.push({ key, line: line.line });
  if (count === 0) return;
  if (language.loose?.test(text)) side.loose.push({ key, line: line.line });
  else side.strict += count;
}

/** The case's own name; where it stands on a line below an attribute, that line's. */
function nameOf(test: RegExpExecArray, line: DiffLine, after: readonly DiffLine[]): string {
  const name = test.slice(1).find((group) => group !== undefined && group.trim() !== "");
  if (name !== undefined) return name.trim();
  const next = after.find(
    ({ mark, text }) => (mark === line.mark || mark === " ") && /\w+\s*[(<]/.test(text) && !/^\s*[@#[]/.test(text),
  );
  return (/(\w+|`[^`]+`)\s*(?:<[^>]*>)?\s*\(/.exec(next?.text ?? "")?.[1] ?? line.text).trim();
}

function wideOf(fresh: readonly DiffLine[]): number {
  const found = fresh.filter(({ text }) => wide.test(text));
  const commas = found.reduce((sum, { text }) => sum + Math.min(maxWide, text.split(",").length - 1), 0);
  // A value that is written over several lines has one field a line.
  const fields =
    found.length === 0 ? 0 : fresh.filter(({ text }) => /^\s*["']?\w+["']?\s*[:=]\s*.*,?\s*$/.test(text)).length;
  return commas + Math.min(fields, maxWide * found.length);
}

/** Lines of tests that are still there, as comments. */
function commentedOut(lines: readonly DiffLine[], language: TestLanguage): Counted[] {
  const removed = new Set(lines.filter(({ mark }) => mark === "-").map(({ text }) => text.trim()));
  return lines.flatMap(({ mark, text, line }) => {
    if (mark !== "+" || !language.comment.test(text)) return [];
    const key = text
      .replace(/^\s*(?:\/\/+|#+|\/\*|\*)\s?/, "")
      .replace(/\s*\*\/\s*$/, "")
      .trim();
    const isTest = language.test.test(key) || language.assertion.test(key);
    return isTest && removed.has(key) ? [{ key, line }] : [];
  });
}

/** Those of the first list that have no partner of the same key in the second. */
export function unmatched(items: readonly Counted[], others: readonly Counted[]): Counted[] {
  const left = new Map<string, number>();
  for (const { key } of others) left.set(key, (left.get(key) ?? 0) + 1);
  return items.filter(({ key }) => {
    const count = left.get(key) ?? 0;
    left.set(key, count - 1);
    return count <= 0;
  });
}

function emptySide(): Side {
  return { cases: [], assertions: [], skips: [], trivial: [], loose: [], strict: 0 };
}
