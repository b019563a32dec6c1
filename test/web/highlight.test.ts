/** Source text in colours: every character stays, nothing but class names is added, markup in a text stays text. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { diffFiles } from "../../src/projections/view-diff.ts";
import { highlightedLines } from "../../src/web/highlight.ts";
import { shownHunks } from "../../src/web/pages/diff-lines.ts";

test("words of a language have classes, line by line, also inside what spans lines", () => {
  const lines = highlightedLines("a.ts", "const a = 1;\n/* one\ntwo */");
  expect(lines?.[0]?.[0]).toEqual({ text: "const", classes: "hljs-keyword" });
  expect(lines?.[2]).toEqual([{ text: "two */", classes: "hljs-comment" }]);
});

test("a name of no known language, and a text that is too long, stay plain", () => {
  expect(highlightedLines("LICENSE", "const")).toBeNull();
  expect(highlightedLines("constructor", "const")).toBeNull();
  expect(highlightedLines("a.ts", "x".repeat(60_001))).toBeNull();
});

test("whatever a text holds, its characters come out as they went in", () => {
  const part = fc.oneof(
    fc.constantFrom('<span class="x">', "</span>", "&lt;", "&#x27;", "`${", "/*", "'", "\n", "\r", "<b>"),
    fc.string(),
  );
  fc.assert(
    fc.property(
      fc.array(part).map((parts) => parts.join("")),
      fc.constantFrom("a.ts", "a.html", "a.md", "a.py", "a.sh"),
      (text, path) => {
        const lines = highlightedLines(path, text);
        expect(lines?.map((line) => line.map((token) => token.text).join("")).join("\n")).toBe(text);
        for (const token of lines?.flat() ?? []) expect(token.classes).toMatch(/^[\w -]*$/);
      },
    ),
  );
});

test("both sides of a hunk are read as what they are: a comment that one side opens does not colour the other", () => {
  const diff = `diff --git a/a.ts b/a.ts
--- a/a.ts
+++ b/a.ts
@@ -1,2 +1,3 @@
-/* old
+const x = 1;
 same
 const y = 2; // */
`;
  const [hunk] = shownHunks(known(diffFiles(diff, "1").files[0]));
  expect(hunk?.map(({ mark, number, tokens }) => `${mark}${number}:${tokens[0]?.text}|${tokens[0]?.classes}`)).toEqual([
    "-null:/* old|hljs-comment",
    "+1:const|hljs-keyword",
    " 2:same|",
    " 3:const|hljs-keyword",
  ]);
});

function known<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("There is no such file.");
  return value;
}
