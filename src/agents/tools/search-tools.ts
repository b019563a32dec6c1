/** The tools that search: `glob` over file names, `grep` over lines. Both are bounded in results, size and time. */
import { lstatSync, realpathSync } from "node:fs";
import { basename } from "node:path";
import { z } from "zod";
import { breather } from "../../context/breather.ts";
import { type ConfinedPath, confine, mayRead } from "./confine.ts";
import { readText } from "./file-text.ts";
import { type LineMatcher, lineMatcher } from "./line-matcher.ts";
import { defineTool, ToolFault, type ToolScene } from "./tool.ts";
import { walk } from "./walk.ts";

const mostNames = 500;
const mostMatches = 200;
const longestMatch = 300;
const longestSearchMs = 10_000;
const folder = z.string().optional().describe("a folder to search in; default: the root");

export const globTool = defineTool(
  "glob",
  "Lists files whose path matches a glob, such as src/**/*.ts. Skips .git and node_modules.",
  z.object({ pattern: z.string().min(1).max(1000), path: folder }),
  true,
  async ({ pattern, path }, scene) => {
    if (pattern.startsWith("/")) throw new ToolFault("The pattern must be relative to the root, without a leading /.");
    const glob = new Bun.Glob(pattern.replace(/^\.\//, ""));
    const base = confine(scene.root, path ?? "");
    const names: string[] = [];
    for await (const file of filesBelow(scene.root, base)) {
      if (!glob.match(file.name)) continue;
      if (names.length === mostNames) {
        names.push(`… more than ${mostNames} files match; narrow the pattern.`);
        break;
      }
      names.push(file.path);
    }
    return { kind: "result", text: names.length > 0 ? names.join("\n") : noFile(pattern) };
  },
);

export const grepTool = defineTool(
  "grep",
  "Searches lines by a JavaScript regular expression ((?i) in front ignores case). Gives path:line:text.",
  z.object({ pattern: z.string().min(1).max(1000), path: folder.describe("a file or folder; default: the root") }),
  true,
  async ({ pattern, path }, scene) => {
    const base = confine(scene.root, path ?? "");
    const matches = await search(await lineMatcher(pattern), base, scene);
    return { kind: "result", text: matches.length > 0 ? matches.join("\n") : "no line matches" };
  },
);

async function search(matcher: LineMatcher, base: ConfinedPath, scene: ToolScene): Promise<string[]> {
  const deadline = performance.now() + longestSearchMs;
  const found: string[] = [];
  const breathe = breather();
  for await (const { path } of filesBelow(scene.root, base)) {
    await breathe();
    if (!mayRead(scene.access, path)) continue;
    if (performance.now() > deadline)
      return [...found, "… stopped after 10 s; name a folder or file to search the rest."];
    const lines = searchable(scene.root, path).split("\n");
    for (const index of matcher.matches(lines)) {
      if (found.length === mostMatches) return [...found, `… more than ${mostMatches} lines match; narrow the search.`];
      found.push(`${path}:${index + 1}:${clipped((lines[index] ?? "").trimEnd())}`);
    }
  }
  return found;
}

/** The text of a file in a search; "" for what cannot be searched, such as a binary file or one that has just gone. */
function searchable(root: string, path: string): string {
  try {
    return readText(root, confine(root, path), path, false);
  } catch (error) {
    if (error instanceof ToolFault) return "";
    throw error;
  }
}

/** A file's name below the searched folder, and its path below the root. */
interface FoundFile {
  readonly name: string;
  readonly path: string;
}

async function* filesBelow(root: string, base: ConfinedPath): AsyncGenerator<FoundFile> {
  if (!base.exists) throw new ToolFault(`${base.relative} does not exist.`);
  const stats = lstatSync(base.absolute);
  if (stats.isFile()) yield { name: basename(base.absolute), path: base.relative };
  else if (!stats.isDirectory()) throw new ToolFault(`${base.relative} is neither a file nor a folder.`);
  else
    for await (const name of walk(realpathSync(root), base.relative))
      yield { name, path: `${base.relative}/${name}`.replace(/^\//, "") };
}

function clipped(line: string): string {
  return line.length > longestMatch ? `${line.slice(0, longestMatch)}…` : line;
}

function noFile(pattern: string): string {
  const hint = pattern.includes("/") ? "" : `; a pattern without / matches at the top only, try **/${pattern}`;
  return `no file matches ${pattern}${hint}`;
}
