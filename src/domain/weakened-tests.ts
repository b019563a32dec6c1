/**
 * What in a ticket's diff makes its check easier to pass: tests deleted, skipped, emptied, or kept from running. Each finding is
 * a fact of the diff, with file and line. Moved tests, and rewritten ones with as many cases and assertions, are none.
 */
import type { TestFinding } from "./test-finding.ts";
import { type TestLanguage, testLanguage } from "./test-language.ts";
import { type TestTally, tallyTests, unmatched } from "./test-tally.ts";
import type { DiffLine, FileChange } from "./unified-diff.ts";
import { weakenedChecks } from "./weakened-checks.ts";

const maxFindings = 20;

interface Ticket {
  /** The command that the engine runs as its check. */
  readonly checkCommand: string;
  readonly targetFiles: readonly string[];
}

/** Every finding of a diff, at most 20. */
export function weakenedTests(changes: readonly FileChange[], ticket: Ticket): TestFinding[] {
  const tallies = changes.flatMap((change) => {
    const language = testLanguage(change.path) ?? testLanguage(change.oldPath);
    return language ? [tallyTests(change, language)] : [];
  });
  const found = [
    ...tallies.flatMap((tally) => fileFindings(tally, tallies, changes)),
    ...weakenedChecks(changes, ticket),
  ];
  return found.slice(0, maxFindings);
}

function fileFindings(tally: TestTally, all: readonly TestTally[], changes: readonly FileChange[]): TestFinding[] {
  const { change } = tally;
  const isLost = change.kind === "renamed" && testLanguage(change.path) === null;
  const lost = isLost && tally.holdsTests ? [at(change, 1, `was ${change.oldPath}, which the tests include`)] : [];
  const gone = isSubjectGone(change, changes) ? [] : goneFindings(tally, all);
  return [...lost, ...gone, ...markFindings(tally, all), ...hiddenFindings(change, tally.language)];
}

/** Cases without a replacement; else assertions that are fewer, or hold for nearly anything. */
function goneFindings(tally: TestTally, all: readonly TestTally[]): TestFinding[] {
  const { change, rows } = tally;
  const others = all.filter((other) => other !== tally && testLanguage(other.change.path) !== null);
  const cases = unmatched(
    tally.removed.cases,
    [tally, ...others].flatMap(({ added }) => added.cases),
  );
  const newCases = unmatched(
    tally.added.cases,
    all.flatMap(({ removed }) => removed.cases),
  );
  const missing = cases.length - newCases.length - rows;
  const [first] = cases;
  if (first && missing > 0) {
    const names = cases.slice(0, 3).map(({ key }) => `"${key.slice(0, 60)}"`);
    const what =
      change.kind === "deleted"
        ? `test file deleted, with ${counted(cases.length, "test case")}: ${names.join(", ")}`
        : `${counted(missing, "test case")} removed without a replacement: ${names.join(", ")}`;
    return [at(change, first.line, what)];
  }
  const assertions = unmatched(
    tally.removed.assertions,
    others.flatMap(({ added }) => added.assertions),
  );
  const fewer = assertions.length - tally.added.assertions.length - rows - tally.wideAssertions;
  const [firstLost] = unmatched(assertions, tally.added.assertions);
  if (firstLost && fewer > 0) {
    return [at(change, firstLost.line, `${counted(fewer, "assertion")} fewer than before, such as: ${firstLost.key}`)];
  }
  const looser = tally.added.loose.length - tally.removed.loose.length;
  const stricter = tally.removed.strict - tally.added.strict;
  const [firstLoose] = unmatched(tally.added.loose, tally.removed.loose);
  if (firstLoose && looser > 0 && stricter > 0) {
    return [at(change, firstLoose.line, `an assertion now holds for nearly anything: ${firstLoose.key}`)];
  }
  return [];
}

function markFindings(tally: TestTally, all: readonly TestTally[]): TestFinding[] {
  const { change, added } = tally;
  const skips = unmatched(
    added.skips,
    all.flatMap(({ removed }) => removed.skips),
  );
  const trivial = unmatched(
    added.trivial,
    all.flatMap(({ removed }) => removed.trivial),
  );
  return [
    ...skips.map(({ line, key }) => at(change, line, `a test is skipped, or others are kept from running: ${key}`)),
    ...trivial.map(({ line, key }) => at(change, line, `an assertion that cannot fail: ${key}`)),
    ...tally.commentedOut.map(({ line, key }) => at(change, line, `commented out: ${key}`)),
  ];
}

const opensBlock = /^\s*(?:\/\*+\s*$|=begin\b|#if\s+0\b|if\s+False\s*:|if\s*\(\s*(?:false|0)\s*\)|"""\s*$|'''\s*$)/;
const closesBlock = /\*\/\s*$|^\s*(?:=end\b|#endif\b|"""\s*$|'''\s*$)/;

/** Tests that stand as they stood, inside a new comment or behind a new return. */
function hiddenFindings(change: FileChange, language: TestLanguage): TestFinding[] {
  return change.hunks.flatMap((hunk) => {
    const lines = hunk.filter(({ mark }) => mark !== "-");
    return [...boxedIn(change, lines, language), ...cutOff(change, lines)];
  });
}

function boxedIn(change: FileChange, lines: readonly DiffLine[], language: TestLanguage): TestFinding[] {
  let opened: DiffLine | null = null;
  for (const line of lines) {
    if (line.mark === "+" && opened === null && opensBlock.test(line.text)) opened = line;
    else if (line.mark === "+" && opened !== null && closesBlock.test(line.text)) opened = null;
    else if (
      line.mark === " " &&
      opened !== null &&
      (language.test.test(line.text) || language.assertion.test(line.text))
    )
      return [at(change, opened.line, `tests no longer run, because they are inside: ${opened.text.trim()}`)];
  }
  return [];
}

function cutOff(change: FileChange, lines: readonly DiffLine[]): TestFinding[] {
  return lines.flatMap((line, index) => {
    const next = lines[index + 1];
    if (line.mark !== "+" || !/^\s*return\s*;?\s*$/.test(line.text) || !next || next.text.trim() === "") return [];
    const isBehind =
      indentOf(next.text) === indentOf(line.text) && !/^\s*(?:[})\]]|end\b|case\b|default\b|#)/.test(next.text);
    return isBehind ? [at(change, line.line, "a new return keeps the lines after it from running")] : [];
  });
}

function indentOf(text: string): number {
  return text.length - text.trimStart().length;
}

/** Whether what the tests were about has gone with them. */
function isSubjectGone(change: FileChange, changes: readonly FileChange[]): boolean {
  if (change.kind !== "deleted") return false;
  const subject = stemOf(change.oldPath);
  const isSubject = ({ kind, oldPath }: FileChange) =>
    kind === "deleted" && testLanguage(oldPath) === null && stemOf(oldPath) === subject;
  return subject !== "" && changes.some(isSubject);
}

/** `foo` of `foo.test.ts`, `test_foo.py`, `foo_test.go`, `FooTests.java`. */
function stemOf(path: string): string {
  const name = path.slice(path.lastIndexOf("/") + 1).replace(/\.\w+$/, "");
  return name
    .replace(/[._-](?:test|tests|spec|cy|e2e|unit)$/i, "")
    .replace(/^test[_-]/i, "")
    .replace(/(?:Tests?|Spec|IT)$/, "")
    .toLowerCase();
}

function at(change: FileChange, line: number, what: string): TestFinding {
  return { file: change.path, line, what: what.length > 200 ? `${what.slice(0, 199)}…` : what };
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
