/** Three texts made one: what both sides changed is kept, what clashes is given back, and endings stay as they are on disk. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import {
  conflictMarks,
  hasConflictMarks,
  mergeTexts,
  textHash,
  withSide,
} from "../../../src/workspace/documents/three-way.ts";

const base = "# Plan\n\none\ntwo\nthree\n";

test("changes of different lines are both taken", () => {
  const merge = mergeTexts(base, base.replace("one", "ONE"), base.replace("three", "THREE"));
  expect(merge).toEqual({ text: "# Plan\n\nONE\ntwo\nTHREE\n", conflicts: [] });
});

test("the same change on both sides is one change", () => {
  const changed = base.replace("two", "2");
  expect(mergeTexts(base, changed, changed)).toEqual({ text: changed, conflicts: [] });
});

test("two changes of one line are a conflict that holds both, and the line as it was", () => {
  const { text, conflicts } = mergeTexts(base, base.replace("two", "mine"), base.replace("two", "disk"));
  expect(conflicts).toEqual([{ base: "two", mine: "mine", onDisk: "disk" }]);
  const { mine, between, onDisk } = conflictMarks;
  expect(text).toBe(`# Plan\n\none\n${mine}\nmine\n${between}\ndisk\n${onDisk}\nthree\n`);
  expect(hasConflictMarks(text)).toBe(true);
});

test("one side can be taken in every conflict; where it is not clear which lines are whose, the marks stay", () => {
  const [mine, onDisk] = ["1\ntwo\n3\nmore\n", "one!\ntwo\n"];
  const { text } = mergeTexts("one\ntwo\n", mine, onDisk.replace("two\n", "two\nother\n"));
  expect(hasConflictMarks(text)).toBe(true);
  expect(withSide(text, "mine")).toBe(mine);
  expect(withSide(text, "onDisk")).toBe("one!\ntwo\nother\n");
  expect(withSide(text.replaceAll("\n", "\r\n"), "mine")).toBe(mine.replaceAll("\n", "\r\n"));
  const unclear = text.replace("1\n", "1\n=======\n");
  expect(hasConflictMarks(withSide(unclear, "mine"))).toBe(true);
});

test("without the text that was started from, every difference is a conflict", () => {
  const { conflicts } = mergeTexts(null, base.replace("two", "mine"), base);
  expect(conflicts).toEqual([{ base: null, mine: "mine", onDisk: "two" }]);
});

test("CR LF is no difference, and stays where it is on disk", () => {
  const onDisk = base.replace("three", "THREE").replaceAll("\n", "\r\n");
  const merge = mergeTexts(base, base.replace("one", "ONE"), onDisk);
  expect(merge).toEqual({ text: "# Plan\r\n\r\nONE\r\ntwo\r\nTHREE\r\n", conflicts: [] });
  expect(textHash(onDisk)).toBe(textHash(onDisk.replaceAll("\r\n", "\n")));
});

test("a file of mixed endings keeps each line's own", () => {
  const onDisk = "one\r\ntwo\nthree\r\n";
  const { text } = mergeTexts("one\ntwo\nthree\n", "one\ntwo\nnew\nthree\n", onDisk);
  expect(text).toBe("one\r\ntwo\nnew\r\nthree\r\n");
});

test("a file without a line end at its end gets none, and one that a person adds is kept", () => {
  const onDisk = "zero\none\ntwo";
  expect(mergeTexts("one\ntwo", "one\ntwo\nthree", onDisk).text).toBe("zero\none\ntwo\nthree");
  expect(mergeTexts("one\ntwo", "one\ntwo\n", onDisk).text).toBe("zero\none\ntwo\n");
});

test("of any texts: a side that changed nothing leaves the other, and a conflict loses no line of either", () => {
  const lines = fc.array(fc.constantFrom("a", "b", "c", "- [ ] x", ""), { maxLength: 8 });
  fc.assert(
    fc.property(lines, lines, lines, (first, second, third) => {
      const [start, mine, onDisk] = [first, second, third].map((all) => all.join("\n"));
      if (start === undefined || mine === undefined || onDisk === undefined) return;
      expect(mergeTexts(start, mine, start)).toEqual({ text: mine, conflicts: [] });
      expect(mergeTexts(start, start, onDisk)).toEqual({ text: onDisk, conflicts: [] });
      const { text, conflicts } = mergeTexts(start, mine, onDisk);
      const both = [...conflicts.flatMap((one) => [...one.mine.split("\n"), ...one.onDisk.split("\n")])];
      for (const line of both.filter((one) => one !== "")) expect(text.split("\n")).toContain(line);
      expect(hasConflictMarks(text)).toBe(conflicts.length > 0);
    }),
  );
});
