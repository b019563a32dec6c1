/** The rules of the house that the linter cannot see. Each failure names the file and the line. */
import { describe, expect, test } from "bun:test";
import { basename, dirname, join } from "node:path";
import { findCycle } from "../src/domain/graph.ts";
import { codeOf, lineAt, type SourceFile, sourceFiles } from "./support/source-text.ts";

const files = sourceFiles();

/** Which folder may import which; "*" is any. The table of the architecture. */
const imports: Readonly<Record<string, readonly string[]>> = {
  main: ["*"],
  cli: ["*"],
  domain: [],
  log: ["domain"],
  projections: ["domain"],
  workspace: ["domain"],
  context: ["domain"],
  agents: ["domain", "context", "workspace"],
  engine: ["domain", "log", "workspace", "context", "agents/protocol"],
  simulator: ["domain"],
  web: ["domain", "engine", "projections", "views"],
  views: ["projections"],
};

/** Imports beyond the table, each with its reason. */
const exceptions: Readonly<Record<string, string>> = {};

/** The only packages of the pure folders. */
const packages: Readonly<Record<string, readonly string[]>> = {
  domain: ["zod", "node:crypto"],
  projections: ["node:crypto", "@dagrejs/dagre", "diff"],
  views: ["hono/jsx", "hono/jsx/jsx-runtime", "hono/html", "hono/css", "hono/utils/html"],
};

const bannedNames = /^(types?|services|managers)\.tsx?$|(^|-)(utils?|helpers?|common|manager|service)(\.test)?\.tsx?$/;
const pureFolders = new Set(["domain", "projections", "views"]);

describe("every file", () => {
  test("has at most 300 lines", () => {
    expect(
      where((file) => (file.lines.length > 301 ? [{ line: 301, what: `${file.lines.length - 1} lines` }] : [])),
    ).toEqual([]);
  });

  test("is named in kebab-case, by what it is about", () => {
    const isWrong = ({ path }: SourceFile) =>
      !/^[a-z0-9]+(-[a-z0-9]+)*(\.(test|d))?\.tsx?$/.test(basename(path)) || bannedNames.test(basename(path));
    expect(where((file) => (isWrong(file) ? [{ line: 1, what: "its name" }] : []))).toEqual([]);
  });

  test("opens with a comment on its duty; a page with its pragma before that", () => {
    const isOpened = ({ path, lines }: SourceFile) => {
      if (!path.endsWith(".tsx")) return /^\/(\/|\*)/.test(lines[0] ?? "");
      return lines[0] === "/** @jsxImportSource hono/jsx */" && /^\/(\/|\*)/.test(lines[1] ?? "");
    };
    expect(where((file) => (isOpened(file) ? [] : [{ line: 1, what: "its opening" }]))).toEqual([]);
  });

  test("is no barrel and exports nothing by default", () => {
    // What an asset's module exports is not ours to choose.
    const isOurs = ({ path }: SourceFile) => !path.endsWith(".d.ts");
    const pattern = /\bexport\s+default\b|\bexport\s+(type\s+)?(\*|\{[^}]*\})[^;\n]*\bfrom\b/g;
    expect(matches(pattern, isOurs)).toEqual([]);
  });
});

describe("the code", () => {
  test("has no any, enum, namespace or silenced compiler", () => {
    const banned =
      /[:<,(|&]\s*any\b(?!\s*[:=])|\bas any\b|^\s*(export\s+)?(declare\s+)?(const\s+)?enum\s+\w|^\s*(export\s+)?namespace\s+\w/gm;
    const isArgued = (file: SourceFile, line: number) => /noExplicitAny: \w/.test(file.lines[line - 2] ?? "");
    expect(where((file) => found(file.code, banned).filter(({ line }) => !isArgued(file, line)))).toEqual([]);
    expect(textMatches(new RegExp(`@ts-${"ignore"}|@ts-${"nocheck"}|@ts-${"expect-error"}`, "g"))).toEqual([]);
  });

  test("says of every cast why it holds", () => {
    expect(where((file) => unexplainedCasts(file))).toEqual([]);
  });

  test("swallows no error", () => {
    expect(matches(/\bcatch\s*(\([^)]*\))?\s*\{\s*\}|\.catch\(\s*(\(\)|_\w*|\(_\w*\))\s*=>\s*\{\s*\}\s*\)/g)).toEqual(
      [],
    );
  });

  test("leaves nothing for later", () => {
    expect(textMatches(new RegExp(`\\b(${"TO"}${"DO"}|FIX${"ME"}|XX${"X"})\\b(?!.{0,3}-\\d)`, "g"))).toEqual([]);
  });

  test("of tests skips none and sleeps in none", () => {
    const tests = (file: SourceFile) => file.path.startsWith("test/");
    expect(
      matches(
        /\b(test|describe|it)\.(skip|only|todo|failing)\b|\bBun\.sleep(Sync)?\s*\(|\bsetTimeout\s*\(\s*(resolve|r|done)\b/g,
        tests,
      ),
    ).toEqual([]);
  });

  test("of the pure folders has no clock, chance, waiting or surroundings", () => {
    const impure =
      /\bDate\.now\b|\bnew Date\(\s*\)|\bMath\.random\b|\bawait\b|\basync\b|\bprocess\.|\bBun\.|\bglobalThis\b|\bfetch\s*\(|\bset(Timeout|Interval|Immediate)\s*\(|\bconsole\.|\bcrypto\.random/g;
    expect(matches(impure, ({ path }) => pureFolders.has(folderOf(path)))).toEqual([]);
  });
});

describe("imports", () => {
  test("follow the table of the architecture", () => {
    expect(
      edges.filter((edge) => !isAllowed(edge)).map(({ from, to, line }) => `${from}:${line} imports ${to}`),
    ).toEqual([]);
  });

  test("beyond the table have a reason, and are still there", () => {
    const used = new Set(edges.map(({ from, to }) => `${from} -> ${to}`));
    expect(Object.keys(exceptions).filter((key) => !used.has(key))).toEqual([]);
  });

  test("of packages in the pure folders are few", () => {
    const foreign = packageImports.filter(({ from, name }) => packages[folderOf(from)]?.includes(name) === false);
    expect(foreign.map(({ from, name, line }) => `${from}:${line} imports ${name}`)).toEqual([]);
  });

  test("go round in no circle", () => {
    const needs = new Map(files.map((file) => [file.path, new Set<string>()]));
    for (const { from, to, isType } of edges) if (!isType) needs.get(from)?.add(to);
    expect(findCycle([...needs].map(([key, needed]) => ({ key, depends_on: [...needed] })))).toBeNull();
  });

  test("of shipped code never come from the tests", () => {
    expect(edges.filter(({ from, to }) => !from.startsWith("test/") && to.startsWith("test/"))).toEqual([]);
  });
});

test("the scanner keeps code, and blanks words, strings and what lies between backticks", () => {
  const text = `const a = "any" as Any; // any\nconst b = \`any \${c as Any} any\`; const d = /any"/.test(e); /* any */`;
  expect(codeOf(text).match(/any/g)).toBeNull();
  expect(codeOf(text).match(/as Any|const \w|test\(e\)/g)).toEqual([
    "const a",
    "as Any",
    "const b",
    "as Any",
    "const d",
    "test(e)",
  ]);
  expect(codeOf(text).length).toBe(text.length);
});

interface Found {
  readonly line: number;
  readonly what: string;
}

function where(find: (file: SourceFile) => readonly Found[]): string[] {
  return files.flatMap((file) => find(file).map(({ line, what }) => `${file.path}:${line} ${what}`));
}

/** Places where a pattern stands in code (not in comments or strings). */
function matches(pattern: RegExp, isMeant: (file: SourceFile) => boolean = () => true): string[] {
  return where((file) => (isMeant(file) ? found(file.code, pattern) : []));
}

function textMatches(pattern: RegExp): string[] {
  return where((file) => found(file.text, pattern));
}

function found(text: string, pattern: RegExp): Found[] {
  return [...text.matchAll(pattern)].map((match) => ({ line: lineAt(text, match.index), what: match[0].trim() }));
}

/** Casts (but `as const`) without a comment on their line, or above within the same statement. */
function unexplainedCasts(file: SourceFile): Found[] {
  const codeLines = file.code.split("\n");
  return codeLines.flatMap((code, index) => {
    if (/^\s*(import|export)\b.*[{*]/.test(code) && !code.includes("=")) return [];
    const cast =
      /[\w)\]}>"'`]\s+as\s+(?!const\b)(unknown|readonly|keyof|typeof|string|number|boolean|never|object|[A-Z{[(])/.exec(
        code,
      );
    if (!cast || isInImport(codeLines, index) || isExplained(file.lines, index)) return [];
    return [{ line: index + 1, what: `a cast without a reason:${file.lines[index]?.trimEnd()}` }];
  });
}

function isInImport(codeLines: readonly string[], index: number): boolean {
  for (let at = index; at >= Math.max(0, index - 30); at -= 1) {
    const code = codeLines[at] ?? "";
    if (/^(import|export)\s+(type\s+)?\{/.test(code))
      return !codeLines.slice(at, index).some((line) => line.includes("}"));
    if (/^\S/.test(code) && at !== index) return false;
  }
  return false;
}

function isExplained(lines: readonly string[], index: number): boolean {
  if (/\/\/|\/\*|\*\//.test(lines[index] ?? "")) return true;
  for (let at = index - 1; at >= Math.max(0, index - 8); at -= 1) {
    const line = lines[at]?.trim() ?? "";
    if (line === "") return false;
    if (/^(\/\/|\/\*|\*)|\s\/\/ /.test(line)) return true;
  }
  return false;
}

/** `src/domain/x.ts` is of `domain`; what lies directly in `src/` is of `main`. */
function folderOf(path: string): string {
  const parts = path.split("/");
  if (parts[0] !== "src") return parts[0] ?? "";
  return parts.length === 2 ? "main" : (parts[1] ?? "");
}

interface Edge {
  readonly from: string;
  readonly to: string;
  readonly line: number;
  /** Gone at run time: two files may know each other's types. */
  readonly isType: boolean;
}

function specifiersOf(file: SourceFile): { readonly name: string; readonly line: number; readonly isType: boolean }[] {
  const statements = file.text.matchAll(
    /^(?:import|export)\b[^;"'`]*?\bfrom\s+["']([^"']+)["']|^import\s+["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']/gm,
  );
  const isCode = (at: number) => file.code[at] === file.text[at] && file.code[at] !== " ";
  return [...statements]
    .filter((match) => isCode(match.index))
    .map((match) => ({
      name: match[1] ?? match[2] ?? match[3] ?? "",
      line: lineAt(file.text, match.index),
      isType: /^(import|export)\s+type\b/.test(match[0]),
    }));
}

const allImports = files.flatMap((file) => specifiersOf(file).map((found) => ({ from: file.path, ...found })));
const packageImports = allImports.filter(({ name }) => !name.startsWith("."));
const edges: Edge[] = allImports
  .filter(({ name }) => name.startsWith("."))
  .map(({ from, name, ...rest }) => ({ from, to: join(dirname(from), name).replaceAll("\\", "/"), ...rest }));

function isAllowed({ from, to }: Edge): boolean {
  const own = folderOf(from);
  const other = folderOf(to);
  if (own === "test" || own === other || exceptions[`${from} -> ${to}`] !== undefined) return true;
  const allowed = imports[own] ?? [];
  return allowed.includes("*") || allowed.includes(other) || allowed.some((entry) => to.startsWith(`src/${entry}.`));
}
