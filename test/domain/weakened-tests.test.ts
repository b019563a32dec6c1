/** What counts as a weakened test, on diffs as workers write them: cheats are named, honest work is let through. */
import { describe, expect, test } from "bun:test";
import { parseDiff } from "../../src/domain/unified-diff.ts";
import { weakenedTests } from "../../src/domain/weakened-tests.ts";
import { file } from "../support/diff-text.ts";
import { good } from "./honest-samples.ts";
import { bad } from "./weakened-samples.ts";

function findings(...files: readonly string[]) {
  return weakenedTests(parseDiff(`${files.join("\n")}\n`), {
    checkCommand: "sh scripts/gate.sh && npm test",
    targetFiles: [],
  });
}

describe("a weakened test", () => {
  test.each(bad)("is seen: %s", (_name, diff, what) => {
    const found = findings(...diff);
    expect(found.map((finding) => finding.what).join("; ")).toMatch(what);
  });

  test("is told with its file and its line", () => {
    expect(findings(file("a.test.ts", ' import x\n \n-it("works", () => {\n+it.skip("works", () => {'))).toMatchObject([
      { file: "a.test.ts", line: 3 },
    ]);
  });

  test("is told up to a limit", () => {
    const many = Array.from({ length: 50 }, (_, index) => `-it("${index}", f);\n+it.skip("${index}", f);`).join("\n");
    expect(findings(file("a.test.ts", many))).toHaveLength(20);
  });
});

describe("honest work", () => {
  test.each(good)("is let through: %s", (_name, diff) => {
    expect(findings(...diff)).toEqual([]);
  });

  test("may change the check's script when that is its ticket", () => {
    const changes = parseDiff(file("scripts/gate.sh", "-grep -q ok out.txt\n+grep -qi ok out.txt"));
    const ticket = { checkCommand: "sh scripts/gate.sh", targetFiles: ["scripts/gate.sh"] };
    expect(weakenedTests(changes, ticket)).toEqual([]);
  });
});
