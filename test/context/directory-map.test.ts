/** The directory map: names only, as many as fit, and the rest counted. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { directoryMap } from "../../src/context/directory-map.ts";

test("draws folders as a tree and their files on shared lines", () => {
  const paths = ["src/b.ts", "src/domain/c.ts", "README.md", "src/a.ts"];
  expect(directoryMap(paths, { maxChars: 1_000 })).toBe("src/\n  domain/\n    c.ts\n  a.ts  b.ts\nREADME.md");
});

test("names fewer files a folder when not all fit, and says how many are left out", () => {
  const paths = Array.from({ length: 500 }, (_, n) => `src/file-${String(n).padStart(3, "0")}.ts`);
  const map = directoryMap([...paths, "README.md"], { maxChars: 300 });
  expect(map).toContain("file-000.ts");
  expect(map).toMatch(/\(\+\d+ more\)/);
  expect(map).toContain("README.md");
});

test("closes deep folders when even that does not fit", () => {
  const paths = Array.from({ length: 400 }, (_, n) => `src/part-${n % 20}/deep-${n}/a.ts`);
  const map = directoryMap(paths, { maxChars: 600 });
  expect(map).toContain("part-0/ (+20 more)");
});

test("keeps a name with a line break on its line", () => {
  expect(directoryMap(["a\nb.ts"], { maxChars: 100 })).toBe("a?b.ts");
});

test("never grows past its limit and never loses all", () => {
  const path = fc
    .array(fc.stringMatching(/^[a-z]{1,8}$/), { minLength: 1, maxLength: 6 })
    .map((parts) => parts.join("/"));
  fc.assert(
    fc.property(fc.uniqueArray(path, { maxLength: 200 }), fc.integer({ min: 40, max: 2_000 }), (paths, maxChars) => {
      expect(directoryMap(paths, { maxChars }).length).toBeLessThanOrEqual(maxChars);
    }),
  );
});
