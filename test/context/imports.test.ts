/** Local imports: which files of the project a file uses, in each language. */
import { expect, test } from "bun:test";
import { localImports } from "../../src/context/imports.ts";

function imports(filePath: string, source: string, paths: string[], goModule?: string): string[] {
  return localImports(filePath, source, { paths: new Set(paths), ...(goModule === undefined ? {} : { goModule }) });
}

test("follows TypeScript's imports, types, re-exports, requires, endings and folders", () => {
  const source = `
    import a from "./a.ts"; import type { B } from '../b.js';
    export * from "./folder"; const c = require("./c"); await import("./d.tsx");
    import "@/alias"; import z from "zod"; import fs from "node:fs";`;
  const paths = ["src/x/a.ts", "src/b.ts", "src/x/folder/index.ts", "src/x/c.js", "src/x/d.tsx", "src/alias.ts", "zod"];
  expect(imports("src/x/main.ts", source, paths.slice(0, 6))).toEqual(paths.slice(0, 6));
});

test("names each file once, and never the file itself", () => {
  expect(imports("a.ts", `import "./b"; import "./b.ts"; import "./a";`, ["a.ts", "b.ts"])).toEqual(["b.ts"]);
});

test("follows Python's relative, absolute and bracketed imports", () => {
  const source =
    "from .rounding import to_cents\nfrom . import item as i, money\nimport os, shop.stock as s\nfrom ..base import (\n  Base,\n)\n";
  const paths = [
    "shop/cart/rounding.py",
    "shop/cart/item.py",
    "shop/cart/money/__init__.py",
    "shop/base.py",
    "src/shop/stock.py",
  ];
  expect(imports("shop/cart/main.py", source, paths).toSorted()).toEqual(paths.toSorted());
});

test("follows Go's packages of the same module, without their tests", () => {
  const source =
    'package a\nimport (\n\t"fmt"\n\tr "example.com/m/internal/round"\n)\nfunc f() { g("example.com/m/other") }\n';
  const paths = ["internal/round/a.go", "internal/round/b.go", "internal/round/a_test.go", "other/c.go", "fmt/x.go"];
  expect(imports("main.go", source, paths, "example.com/m")).toEqual(["internal/round/a.go", "internal/round/b.go"]);
  expect(imports("main.go", source, paths)).toEqual([]);
});

test("follows Rust's modules and uses", () => {
  const source = "use crate::round::to_cents;\nuse super::item::{Item, Line};\nuse std::fmt;\npub(crate) mod stock;\n";
  const paths = ["src/round.rs", "src/shop/item.rs", "src/shop/cart/stock.rs", "src/lib.rs"];
  expect(imports("src/shop/cart.rs", source, paths).toSorted()).toEqual(paths.slice(0, 3).toSorted());
});

test("follows Java's imports and C's includes", () => {
  const java = "import static shop.round.Cents;\nimport java.util.List;\n";
  expect(imports("A.java", java, ["src/main/java/shop/round/Cents.java"])).toEqual([
    "src/main/java/shop/round/Cents.java",
  ]);
  expect(imports("src/a.c", '#include <stdio.h>\n#include "b.h"\n', ["src/b.h"])).toEqual(["src/b.h"]);
});
