/** Figures as people read them. */
import { expect, test } from "bun:test";
import { duration, visible } from "../../views/format.ts";

test("a duration never has sixty seconds beside its minutes", () => {
  expect([900, 59_900, 60_000, 119_600, 125_000].map(duration)).toEqual([
    "900 ms",
    "59.9 s",
    "1 min 0 s",
    "2 min 0 s",
    "2 min 5 s",
  ]);
});

test.each([
  ["\u202e", "⟨U+202E⟩"],
  ["\u180e", "⟨U+180E⟩"],
  ["\ufff9", "⟨U+FFF9⟩"],
  ["\u{e0041}", "⟨U+E0041⟩"],
])("a character that nobody can see is shown by its number", (hidden, shown) => {
  expect(visible(`a${hidden}b`)).toBe(`a${shown}b`);
});
