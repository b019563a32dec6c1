/** What a merge takes out of a track: read from patches, and judged. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { removalsOf, takenFrom } from "../../src/workspace/lost-hunks.ts";
import { type LineChange, parseLog, parsePatch } from "../../src/workspace/patch.ts";

const change = (file: string, removed: string[], added: string[] = [], isDeleted = false): LineChange => {
  return { file, isDeleted, removed, added };
};

const hash = (letter: string) => letter.repeat(40);
const head = "diff --git a/f b/f\n--- a/f\n+++ b/f\n";

describe("a patch without context", () => {
  test("is read by the marks of its lines, whatever they look like", () => {
    const text = [
      "diff --git a/a.txt b/a.txt",
      "--- a/a.txt",
      "+++ b/a.txt",
      "@@ -1,2 +1 @@",
      "--- a/x",
      "-@@ -1 +1 @@",
      "++++ b/y",
      "\\ No newline at end of file",
      "diff --git a/gone b/gone",
      "deleted file mode 100644",
      "--- a/gone",
      "+++ /dev/null",
      "@@ -1 +0,0 @@",
      "-last",
      'diff --git "a/ta\\tb \\303\\274" "b/ta\\tb \\303\\274"',
      "--- /dev/null",
      '+++ "b/ta\\tb \\\\"',
      "@@ -0,0 +1 @@",
      "+new",
      "diff --git a/with space b/with space",
      "--- a/with space\t",
      "+++ b/with space\t",
      "@@ -1 +1 @@",
      "-o",
      "+n",
      "",
    ].join("\n");
    expect(parsePatch(text)).toEqual([
      change("a.txt", ["-- a/x", "@@ -1 +1 @@"], ["+++ b/y"]),
      change("gone", ["last"], [], true),
      change("ta\tb \\", [], ["new"]),
      change("with space", ["o"], ["n"]),
    ]);
  });

  test("is told apart by commit in a log", () => {
    const text = `commit ${hash("a")} Merge T-002: t\n\n${head}@@ -0,0 +1,2 @@\n+commit ${hash("b")} x\rcommit ${hash("b")} y\n+two\ncommit ${hash("c")} by hand\n`;
    expect(parseLog(text)).toEqual([
      {
        commit: hash("a"),
        subject: "Merge T-002: t",
        changes: [change("f", [], [`commit ${hash("b")} x\rcommit ${hash("b")} y`, "two"])],
      },
      { commit: hash("c"), subject: "by hand", changes: [] },
    ]);
  });
});

describe("what a merge takes out", () => {
  test("is lost unless the ticket's own diff takes out that very line of that file", () => {
    const merge = [change("f", ["kept by nobody", "replaced"], ["by this"]), change("g", ["replaced"])];
    const ticket = [change("f", ["replaced"], ["by this"])];
    expect(removalsOf(merge, ticket)).toEqual([
      { file: "f", line: "kept by nobody", isOnPurpose: false },
      { file: "f", line: "replaced", isOnPurpose: true },
      { file: "g", line: "replaced", isOnPurpose: false },
    ]);
  });

  test("is nothing where a line only moved, in its file or with its file", () => {
    expect(removalsOf([change("f", ["a", "b"], ["b", "a"])], [])).toEqual([]);
    const renamed = [change("old", ["a", "track's"], [], true), change("new", [], ["a", "track's", "ticket's"])];
    expect(removalsOf(renamed, [change("old", ["a"], [], true), change("new", [], ["a", "ticket's"])])).toEqual([
      { file: "old", line: "a", isOnPurpose: true },
    ]);
    expect(removalsOf([change("new", ["a"], ["b"])], [change("old", ["a"], ["b"])])).toEqual([
      { file: "new", line: "a", isOnPurpose: true },
    ]);
  });

  test("belongs to the newest merge that added it", () => {
    const history = parseLog(
      `commit ${hash("c")} Merge T-002: x\n${head}@@ -0,0 +1 @@\n+x\ncommit ${hash("b")} by hand\n${head}@@ -0,0 +1 @@\n+h\ncommit ${hash("a")} Merge T-001: x\n${head}@@ -0,0 +1,2 @@\n+x\n+y\n`,
    );
    const removals = ["x", "y", "h", "z"].map((line) => ({ file: "f", line, isOnPurpose: true }));
    expect(takenFrom(removals, history)).toEqual([
      { ticketId: "T-002", file: "f", lines: ["x"] },
      { ticketId: "T-001", file: "f", lines: ["y"] },
      { ticketId: null, file: "f", lines: ["h", "z"] },
    ]);
  });

  test("is all on purpose when the merge is the ticket's own change, and all lost when the ticket changed nothing", () => {
    const lines = fc.array(fc.constantFrom("a", "b", "c", "}"), { maxLength: 8 });
    const changes = fc.uniqueArray(
      fc.record({ file: fc.constantFrom("f", "g", "h"), isDeleted: fc.constant(false), removed: lines, added: lines }),
      { selector: ({ file }) => file },
    );
    fc.assert(
      fc.property(changes, (some) => {
        expect(removalsOf(some, some).every(({ isOnPurpose }) => isOnPurpose)).toBe(true);
        const lost = removalsOf(some, []);
        expect(lost.every(({ isOnPurpose }) => !isOnPurpose)).toBe(true);
        for (const { file, removed, added } of some)
          for (const line of ["a", "b", "c", "}"]) {
            const net = removed.filter((one) => one === line).length - added.filter((one) => one === line).length;
            expect(lost.filter((one) => one.file === file && one.line === line)).toHaveLength(Math.max(0, net));
          }
      }),
    );
  });
});
