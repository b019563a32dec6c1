/**
 * Reads what `bun test` reports: the counts of its JUnit file, and its exit code, which also knows of files that did not
 * load. Gives the closing line that people and CI read.
 */

export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const suites = /<testsuites\b[^>]*>/;

/** The counts of one run. A run that ended badly without a failed test in its report counts as one failure. */
export function countTests(junit: string, exitCode: number): TestCounts {
  const head = suites.exec(junit)?.[0] ?? "";
  const tests = attribute(head, "tests");
  const skipped = attribute(head, "skipped");
  const reported = attribute(head, "failures") + attribute(head, "errors");
  const isUnreported = reported === 0 && (exitCode !== 0 || tests === 0);
  return { passed: tests - skipped - reported, failed: isUnreported ? 1 : reported, skipped };
}

/** The last line of a run: `12 passed, 0 failed`, with the skipped tests only when there are some. */
export function closingLine(counts: TestCounts): string {
  const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : "";
  return `${counts.passed} passed, ${counts.failed} failed${skipped}`;
}

function attribute(head: string, name: string): number {
  return Number(new RegExp(`\\b${name}="(\\d+)"`).exec(head)?.[1] ?? 0);
}
