/** Setting conductor/ up: what is written, and that no file is overwritten. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "smol-toml";
import { initDocuments } from "../../../src/workspace/documents/init-documents.ts";
import { productDocuments } from "../../../src/workspace/documents/product-documents.ts";
import { detectStack } from "../../../src/workspace/documents/stack-detection.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "init-test-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));
const read = (path: string) => readFileSync(join(root, path), "utf8");

test("sets up every document, with the stack and the check that it finds", () => {
  writeFileSync(join(root, "Cargo.toml"), "");
  const { created, verifyCommand } = initDocuments(root, { name: "Clock", product: "Tells the time." });
  expect(created).toEqual(
    "index product product-guidelines tech-stack workflow code_styleguides/general code_styleguides/rust tracks"
      .split(" ")
      .map((name) => `conductor/${name}.md`)
      .concat("conductor/signalbox.toml"),
  );
  expect(verifyCommand).toBe("cargo test");
  expect(parse(read("conductor/signalbox.toml"))).toEqual({ verify: { command: "cargo test", timeout_s: 600 } });
  expect(read("conductor/product.md")).toContain("Tells the time.");
  expect(read("conductor/tech-stack.md")).toContain("Rust");
});

test("overwrites nothing, not even a link that leads nowhere", () => {
  initDocuments(root);
  writeFileSync(join(root, "conductor/product.md"), "mine");
  rmSync(join(root, "conductor/tracks.md"));
  symlinkSync("/nonexistent", join(root, "conductor/tracks.md"));
  expect(initDocuments(root).created).toEqual([]);
  expect(read("conductor/product.md")).toBe("mine");
});

test("finds the check of each kind of project", () => {
  const detect = (files: Record<string, string>) => {
    const folder = mkdtempSync(join(root, "p-"));
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    return detectStack(folder).verifyCommand;
  };
  const scripts = JSON.stringify({ scripts: { test: "vitest" } });
  expect(detect({ "package.json": scripts })).toBe("npm test");
  expect(detect({ "package.json": scripts, "pnpm-lock.yaml": "" })).toBe("pnpm test");
  expect(detect({ "package.json": scripts, "bun.lock": "" })).toBe("bun run test");
  expect(detect({ "package.json": "{}", "bun.lock": "" })).toBe("bun test");
  expect(detect({ "package.json": "{ broken" })).toBe(null);
  expect(detect({ "go.mod": "" })).toBe("go test ./...");
  expect(detect({ "pyproject.toml": "[tool.pytest]" })).toBe("python3 -m pytest -q");
  expect(detect({ Makefile: "test:\n\ttrue\n" })).toBe("make test");
  expect(detect({})).toBe(null);
});

test("gives the product's documents, bounded, and nothing from outside", () => {
  initDocuments(root, { product: "y".repeat(300) });
  rmSync(join(root, "conductor/tech-stack.md"));
  symlinkSync("/etc/passwd", join(root, "conductor/tech-stack.md"));
  const texts = productDocuments(root, 200);
  expect(texts["product.md"]).toContain("more characters are cut here");
  expect(texts["product-guidelines.md"]).toContain("# Product Guidelines");
  expect(texts["tech-stack.md"]).toBe("");
  expect(existsSync(join(root, "conductor/product.md"))).toBe(true);
});
