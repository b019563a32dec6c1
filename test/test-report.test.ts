/** The closing line of a test run must never be better than the run. */
import { describe, expect, test } from "bun:test";
import { closingLine, countTests } from "./support/test-report.ts";

const report = (attributes: string) =>
  `<?xml version="1.0"?>\n<testsuites name="bun test" ${attributes}>\n</testsuites>`;

describe("the count of a test run", () => {
  test("is the one that the report gives", () => {
    const counts = countTests(report('tests="7" assertions="9" failures="2" skipped="1" time="0.1"'), 1);
    expect(counts).toEqual({ passed: 4, failed: 2, skipped: 1 });
  });

  test("has a failure when a file did not load, which the report does not know", () => {
    expect(countTests(report('tests="5" failures="0" skipped="0"'), 1)).toEqual({ passed: 5, failed: 1, skipped: 0 });
  });

  test("has a failure when nothing was run or reported", () => {
    expect(countTests(report('tests="0" failures="0" skipped="0"'), 0).failed).toBe(1);
    expect(countTests("", 0).failed).toBe(1);
    expect(countTests("", 137).failed).toBe(1);
  });

  test("reads the head of the report, not what a test printed", () => {
    const junit = `${report('tests="1" failures="0" skipped="0"')}<testsuites tests="9" failures="9">`;
    expect(countTests(junit, 0)).toEqual({ passed: 1, failed: 0, skipped: 0 });
  });
});

describe("the closing line", () => {
  test("names skipped tests only when there are some", () => {
    expect(closingLine({ passed: 3, failed: 0, skipped: 0 })).toBe("3 passed, 0 failed");
    expect(closingLine({ passed: 3, failed: 1, skipped: 2 })).toBe("3 passed, 1 failed, 2 skipped");
  });
});
