/** The browser's scripts share one scope: a name that two of them declare stops one of them, or takes its place. */
import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const folder = join(import.meta.dir, "../../views");

test("no two scripts of a page declare the same name", () => {
  // The login page has its script alone.
  const scripts = readdirSync(folder).filter((name) => name.endsWith(".js") && name !== "login.js");
  const declared = scripts.flatMap((name) =>
    [
      ...readFileSync(join(folder, name), "utf8").matchAll(/^(?:const|let|(?:async )?function\*?|class) ([\w$]+)/gm),
    ].map(([, declaredName = ""]) => declaredName),
  );
  expect(declared.length).toBeGreaterThan(50);
  expect(declared.filter((name, index) => declared.indexOf(name) !== index)).toEqual([]);
});
