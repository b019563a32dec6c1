/** Output of commands as text with classes: colours are kept, everything else that a terminal obeys is gone, no word is lost. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { ansiSpans, ansiText } from "../../src/projections/ansi-text.ts";
import { outputEnds } from "../../src/projections/output-ends.ts";

const esc = "\u001b";
const control = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/;

test.each([
  [`${esc}[32m 4 pass${esc}[0m\n`, [" 4 pass|ansi-2", "\n|"]],
  [`${esc}[1;31mred${esc}[22m on${esc}[39m off`, ["red|ansi-bold ansi-1", " on|ansi-1", " off|"]],
  [`${esc}[91mbright${esc}[m plain`, ["bright|ansi-9", " plain|"]],
  [`${esc}[7mback${esc}[27m`, ["back|ansi-ground"]],
  [`${esc}[41;37mlabel${esc}[49m`, ["label|ansi-7 ansi-ground"]],
  [`${esc}[38;5;196mred${esc}[38;2;20;220;30mgreen${esc}[38:5:4mblue`, ["red|ansi-9", "green|ansi-10", "blue|ansi-4"]],
  [`${esc}[38;5;1;4mboth`, ["both|ansi-underline ansi-1"]],
  [`${esc}[99;38mkept`, ["kept|"]],
  ["\u009b32mshort\u009b0m", ["short|ansi-2"]],
])("%j is %j", (output, spans) => {
  expect(ansiSpans(output).map(({ text, classes }) => `${text}|${classes}`)).toEqual(spans);
});

test.each([
  [`a${esc}[2Kb${esc}[1;2Hc${esc}[?25ld`, "abcd"],
  [`a${esc}]0;title\u0007b${esc}]8;;http://x${esc}\\link${esc}]8;;${esc}\\`, "ablink"],
  [`a${esc}Pq data${esc}\\b${esc}(Bc${esc}7d`, "abcd"],
  ["a\u0000b\bc\u007fd\u0085e", "abcde"],
  [`a${esc}]0;never ended\nnext line`, "a\nnext line"],
  [`cut${esc}[`, "cut"],
  [`cut${esc}`, "cut"],
  ["one\r\ntwo\r\n", "one\ntwo\n"],
  ["10 %\r50 %\r100 %\ndone", "100 %\ndone"],
  ["first\n10 %\r20 %\r", "first\n20 %"],
  [`first\n${esc}[32m10 %\r${esc}[2K${esc}[31m20 %`, "first\n20 %"],
])("of %j is read %j", (output, text) => {
  expect(ansiText(output)).toBe(text);
});

const sequences = fc.oneof(
  fc.constantFrom(
    `${esc}[0m`,
    `${esc}[1;32m`,
    `${esc}[38;5;200m`,
    `${esc}[2K`,
    `${esc}[10;5H`,
    `${esc}]0;t\u0007`,
    "\u0007",
  ),
  fc.nat(107).map((code) => `${esc}[${code}m`),
);

test("no control character leaves, whatever comes in", () => {
  fc.assert(
    fc.property(
      fc
        .array(fc.oneof(sequences, fc.string({ unit: "binary" }), fc.constantFrom(esc, `${esc}[`, `${esc}]`, "\r")))
        .map((parts) => parts.join("")),
      (output) => {
        for (const { text, classes } of ansiSpans(output)) {
          expect(control.test(text)).toBe(false);
          expect(classes).toMatch(/^(ansi-[a-z0-9]+( |$))*$/);
        }
      },
    ),
  );
});

test("every word of a text comes through, between any sequences", () => {
  const word = fc.string({ unit: fc.constantFrom(..."abcXYZ 012<>&\"'\n\té漢🚀"), maxLength: 12 });
  fc.assert(
    fc.property(fc.array(fc.tuple(word, sequences)), (parts) => {
      expect(ansiText(parts.flat().join(""))).toBe(parts.map(([text]) => text).join(""));
    }),
  );
});

test("a long output has two ends and says how many lines stand between them", () => {
  const lines = Array.from({ length: 5_000 }, (_, index) => `line ${index}`);
  const { head, tail, omittedLines } = outputEnds(lines.join("\n"));
  expect(head).toStartWith("line 0\n");
  expect(tail).toEndWith("line 4999");
  expect(head.trimEnd().split("\n").length + tail.split("\n").length + omittedLines).toBe(5_000);
  expect(outputEnds("short")).toEqual({ head: "short", tail: "", omittedLines: 0 });
  const one = outputEnds("🚀".repeat(20_000));
  expect(`${one.head}${one.tail}`.isWellFormed()).toBe(true);
  expect(one.omittedLines).toBe(1);
});
