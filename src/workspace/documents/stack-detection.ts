/** What a project is made with, told from the files at its root, and the command that checks it. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { ProjectFileError, readText } from "./project-files.ts";

export interface Stack {
  /** Such as "TypeScript (Bun)"; empty when nothing is recognised. */
  readonly languages: readonly string[];
  /** The files that say so. */
  readonly evidence: readonly string[];
  /** The command that runs the project's tests; null when none is recognised. */
  readonly verifyCommand: string | null;
  /** The style guides that fit, by file name. */
  readonly styleGuides: readonly ("typescript" | "rust" | "go" | "python")[];
}

const PackageJson = z.looseObject({ scripts: z.record(z.string(), z.string()).optional().catch(undefined) });

/** Looks at the project's root folder only. */
export function detectStack(root: string): Stack {
  const has = (name: string) => existsSync(join(root, name));
  const found = [javascript(root, has), rust(has), go(has), python(root, has)].filter((one) => one !== null);
  const make = /^test\s*:/m.test(textOf(root, "Makefile")) ? "make test" : null;
  return {
    languages: found.map((one) => one.language),
    evidence: found.map((one) => one.evidence),
    verifyCommand: found.find((one) => one.verifyCommand !== null)?.verifyCommand ?? make,
    styleGuides: found.map((one) => one.styleGuide),
  };
}

interface Finding {
  readonly language: string;
  readonly evidence: string;
  readonly verifyCommand: string | null;
  readonly styleGuide: Stack["styleGuides"][number];
}

function javascript(root: string, has: (name: string) => boolean): Finding | null {
  if (!has("package.json")) return null;
  const isBun = has("bun.lock") || has("bun.lockb");
  const runner = isBun ? "bun" : has("pnpm-lock.yaml") ? "pnpm" : has("yarn.lock") ? "yarn" : "npm";
  const test = packageScripts(root).test ?? "";
  const isReal = test !== "" && !test.includes("no test specified");
  const language = `${has("tsconfig.json") ? "TypeScript" : "JavaScript"} (${isBun ? "Bun" : "Node.js"})`;
  const command = isReal ? (isBun ? "bun run test" : `${runner} test`) : isBun ? "bun test" : null;
  return { language, evidence: "package.json", verifyCommand: command, styleGuide: "typescript" };
}

function rust(has: (name: string) => boolean): Finding | null {
  if (!has("Cargo.toml")) return null;
  return { language: "Rust", evidence: "Cargo.toml", verifyCommand: "cargo test", styleGuide: "rust" };
}

function go(has: (name: string) => boolean): Finding | null {
  if (!has("go.mod")) return null;
  return { language: "Go", evidence: "go.mod", verifyCommand: "go test ./...", styleGuide: "go" };
}

function python(root: string, has: (name: string) => boolean): Finding | null {
  const evidence = ["pyproject.toml", "setup.py", "requirements.txt"].find(has);
  if (!evidence) return null;
  const hasPytest = has("pytest.ini") || has("conftest.py") || /pytest/.test(textOf(root, evidence));
  const verifyCommand = hasPytest ? "python3 -m pytest -q" : "python3 -m unittest";
  return { language: "Python", evidence, verifyCommand, styleGuide: "python" };
}

function packageScripts(root: string): Readonly<Record<string, string>> {
  try {
    const parsed = PackageJson.safeParse(JSON.parse(textOf(root, "package.json")));
    return parsed.success ? (parsed.data.scripts ?? {}) : {};
  } catch (error) {
    // A broken package.json says nothing about its scripts; npm itself will name the fault.
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

function textOf(root: string, name: string): string {
  try {
    return readText(root, name) ?? "";
  } catch (error) {
    if (error instanceof ProjectFileError) return "";
    throw error;
  }
}
