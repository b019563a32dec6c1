/**
 * Source files as text for the tidy test, with comments and the insides of strings blanked out, so that a rule about code
 * does not stumble over words. A scanner, not a parser: it knows strings, templates, comments and the usual regexes.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";

export interface SourceFile {
  /** From the project root, with slashes. */
  readonly path: string;
  readonly text: string;
  readonly lines: readonly string[];
  /** The text with comments, strings and regexes blanked out; lines and columns stay. */
  readonly code: string;
}

const root = join(import.meta.dir, "..", "..");
const folders = "{src,views,test}";

/** Every TypeScript file of the project's own code. */
export function sourceFiles(): SourceFile[] {
  const glob = new Bun.Glob(`${folders}/**/*.{ts,tsx}`);
  return [...glob.scanSync({ cwd: root })].sort().map((path) => {
    const text = readFileSync(join(root, path), "utf8");
    return { path: path.replaceAll("\\", "/"), text, lines: text.split("\n"), code: codeOf(text) };
  });
}

/** The text with everything that is not code blanked out. */
export function codeOf(text: string): string {
  const out = [...text];
  let at = 0;
  const blank = (end: number) => {
    for (; at < end && at < text.length; at += 1) if (text[at] !== "\n") out[at] = " ";
  };
  const templates: number[] = [];
  let depth = 0;
  while (at < text.length) {
    const two = text.slice(at, at + 2);
    const one = text[at] ?? "";
    if (two === "//") blank(endOf(text, "\n", at));
    else if (two === "/*") blank(endOf(text, "*/", at + 2) + 2);
    else if (one === '"' || one === "'") blank(stringEnd(text, at, one));
    else if (one === "/" && isRegexStart(text, at)) blank(regexEnd(text, at));
    else if (one === "`" || (one === "}" && templates.at(-1) === depth)) {
      if (one === "}") templates.pop();
      const end = templateEnd(text, at + 1);
      const isOpen = text.slice(end - 2, end) === "${";
      blank(isOpen ? end - 2 : end);
      if (isOpen) {
        templates.push(depth);
        blank(end);
      }
    } else {
      if (one === "{") depth += 1;
      if (one === "}") depth -= 1;
      at += 1;
    }
  }
  return out.join("");
}

function endOf(text: string, mark: string, from: number): number {
  const end = text.indexOf(mark, from);
  return end < 0 ? text.length : end;
}

/** An apostrophe in a page's text is no string: one that does not close on its line is left alone. */
function stringEnd(text: string, start: number, quote: string): number {
  for (let at = start + 1; at < text.length && text[at] !== "\n"; at += 1) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === quote) return at + 1;
  }
  return start + 1;
}

/** The end of a template's piece: after its closing backtick, or after the opening of an expression. */
function templateEnd(text: string, start: number): number {
  for (let at = start; at < text.length; at += 1) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === "`") return at + 1;
    else if (text.startsWith("${", at)) return at + 2;
  }
  return text.length;
}

function isRegexStart(text: string, at: number): boolean {
  const before = text.slice(Math.max(0, at - 40), at).trimEnd();
  return /(^|[(,=:[!&|?{;]|\breturn|=>)$/.test(before) && !/^\/[>\s]/.test(text.slice(at, at + 2));
}

function regexEnd(text: string, start: number): number {
  let isInClass = false;
  for (let at = start + 1; at < text.length && text[at] !== "\n"; at += 1) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === "[") isInClass = true;
    else if (text[at] === "]") isInClass = false;
    else if (text[at] === "/" && !isInClass) return at + 1;
  }
  return start + 1;
}

/** The line (from 1) of an index in a text. */
export function lineAt(text: string, index: number): number {
  return text.slice(0, index).split("\n").length;
}
