/** The browser's scripts: they share one scope, where a name that two declare stops one of them; and how long they are kept. */
import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { registerPages } from "../../src/web/pages/register-pages.tsx";
import { webApp } from "../support/web-app.ts";

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

test("a browser keeps scripts and styles under the address that names their text, and nothing else", async () => {
  const { ask } = webApp(registerPages);
  const page = await ask("/");
  expect(page.headers.get("cache-control")).toBe("no-store");
  const named = (await page.text()).match(/\/assets\/[\w.]+\?v=[0-9a-f]{16}/g) ?? [];
  expect(named.map((path) => path.split("?")[0])).toEqual(
    ["icon.svg", "style.css", "htmx.js", "client.js"].map((name) => `/assets/${name}`),
  );
  for (const path of named) {
    const keep = (await ask(path)).headers.get("cache-control");
    expect([path, keep]).toEqual([path, "private, max-age=31536000, immutable"]);
    expect((await ask(path.split("?")[0] ?? "")).headers.get("cache-control")).toBe("no-store");
  }
  expect((await ask("/assets/none.js?v=1")).headers.get("cache-control")).toBe("no-store");
  expect((await ask("/usage?v=1")).headers.get("cache-control")).toBe("no-store");
});
