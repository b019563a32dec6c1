/** Figures as people read them. */
import { expect, test } from "bun:test";
import { duration, exact, exactCommand, visible } from "../../views/format.ts";

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
  ["\u00a0", "⟨U+00A0⟩"],
  ["\u3000", "⟨U+3000⟩"],
  ["\u3164", "⟨U+3164⟩"],
  ["\ufe0f", "⟨U+FE0F⟩"],
  ["\u{e01ef}", "⟨U+E01EF⟩"],
  ["\ud800", "⟨U+D800⟩"],
])("a character that nobody can see is shown by its number", (hidden, shown) => {
  expect(visible(`a${hidden}b`)).toBe(`a${shown}b`);
});

test("an emoji keeps the sign that makes it one", () => {
  expect(visible("\u2764\ufe0f")).toBe("\u2764\ufe0f");
});

test("a payload keeps what a stream drops: colours and carriage returns", () => {
  expect(visible("\u001b[8mrm\u001b[0m\r\nx")).toBe("rm\nx");
  expect(exact("\u001b[8mrm\u001b[0m\r\nx")).toBe("⟨U+001B⟩[8mrm⟨U+001B⟩[0m⟨U+000D⟩\nx");
});

test("a command shows the number of what only looks like another character, and leaves whole foreign words alone", () => {
  expect(exactCommand("cаt /etc∕passwd –rf")).toBe("c⟨U+0430 а⟩t /etc⟨U+2215 ∕⟩passwd ⟨U+2013 –⟩rf");
  expect(exactCommand("echo привет Ωμέγα")).toBe("echo привет Ωμέγα");
});
