/**
 * Cuts a source text down by its syntax tree: bodies, long constants and the rest of long comments go; all that is left is
 * the author's own text, in its order. The two views differ only in what they spare.
 */
import type { Node, Tree } from "@vscode/tree-sitter-wasm";
import type { LanguageRules } from "./language.ts";

/** What sets the two views apart. */
export interface ElideOptions {
  /** The word that stands in a dropped body beside "…". */
  readonly note: string;
  /** Whether comments stay whole, and functions marked `@core_logic` or `[HOT]` keep their bodies. */
  readonly isCurated: boolean;
}

interface Cut {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** What marks a function as one to be read whole. */
export const hotMark = /@core_logic\b|\[HOT\]/;
const longValueChars = 1_500;
const keptValueLines = 8;

/** The source without what the view hides. */
export function elide(source: string, tree: Tree, rules: LanguageRules, options: ElideOptions): string {
  const cuts: Cut[] = [];
  const comments: Node[] = [];
  const stack: Node[] = [tree.rootNode];
  for (let node = stack.pop(); node; node = stack.pop()) {
    if (rules.comments.has(node.type)) comments.push(node);
    const cut = cutOf(node, source, rules, options);
    if (cut === "keep") continue;
    if (cut) cuts.push(cut);
    for (const child of node.namedChildren) if (child && !isCovered(child, cut)) stack.push(child);
  }
  if (!options.isCurated) cuts.push(...commentCuts(comments, source));
  return applyCuts(source, cuts);
}

/** The share of the text, 0 to 1, that the grammar could not make sense of. */
export function faultShare(tree: Tree): number {
  let faultLength = 0;
  const stack: Node[] = [tree.rootNode];
  for (let node = stack.pop(); node; node = stack.pop()) {
    if (node.isError) faultLength += node.endIndex - node.startIndex;
    else if (node.hasError) stack.push(...node.children.filter((child) => child !== null));
  }
  return faultLength / Math.max(1, tree.rootNode.endIndex);
}

function isCovered(node: Node, cut: Cut | null): boolean {
  return cut !== null && node.startIndex >= cut.start && node.endIndex <= cut.end;
}

function cutOf(node: Node, source: string, rules: LanguageRules, options: ElideOptions): Cut | "keep" | null {
  if (rules.functions.has(node.type)) {
    const body = node.childForFieldName("body");
    if (!body) return null;
    if (options.isCurated && isHot(node, body, source, rules)) return "keep";
    return bodyCut(node, body, source, rules, options);
  }
  if (rules.blocks.has(node.type)) return { start: node.startIndex, end: node.endIndex, text: rules.hidden("") };
  if (rules.values.has(node.type)) return valueCut(node, source, rules, options);
  return null;
}

function bodyCut(node: Node, body: Node, source: string, rules: LanguageRules, options: ElideOptions): Cut | null {
  const text = source.slice(body.startIndex, body.endIndex);
  if (/^\{\s*\}$/.test(text)) return null;
  const isBlock = text.startsWith("{") || body.type === "block";
  const hidden = isBlock || options.note ? rules.hidden(options.note) : "…";
  const docstring = node.type === "function_definition" ? docstringOf(body) : null;
  if (!docstring) return { start: body.startIndex, end: body.endIndex, text: hidden };
  const doc = source.slice(docstring.startIndex, docstring.endIndex);
  const indent = " ".repeat(docstring.startPosition.column);
  const shown = options.isCurated ? doc : firstLine(doc);
  return { start: body.startIndex, end: body.endIndex, text: `${shown}\n${indent}${hidden}` };
}

function docstringOf(body: Node): Node | null {
  const first = body.firstNamedChild;
  const text = first?.type === "expression_statement" ? first.firstNamedChild : first;
  return text?.type === "string" ? text : null;
}

/** A long constant keeps its first lines and its end; one that holds functions loses only their bodies. */
function valueCut(node: Node, source: string, rules: LanguageRules, options: ElideOptions): Cut | null {
  const text = source.slice(node.startIndex, node.endIndex);
  if (isDocstring(node))
    return options.isCurated ? null : { start: node.startIndex, end: node.endIndex, text: firstLine(text) };
  if (text.length <= longValueChars || holdsFunction(node, rules)) return null;
  const lines = text.split("\n");
  const close = text.slice(-1);
  const head = lines.slice(0, keptValueLines).join("\n").slice(0, longValueChars);
  const hiddenCount = lines.length - keptValueLines;
  return {
    start: node.startIndex,
    end: node.endIndex,
    text: hiddenCount > 0 ? `${head}\n… ${hiddenCount} more lines ${close}` : `${head}… ${close}`,
  };
}

/** A string that stands alone as a statement: Python's documentation of a module or a class. */
function isDocstring(node: Node): boolean {
  return node.type === "string" && node.parent?.type === "expression_statement";
}

function holdsFunction(node: Node, rules: LanguageRules): boolean {
  return node.descendantsOfType([...rules.functions]).length > 0;
}

/** Whether a comment or a decorator right above the function, its own head, or its first line marks it. */
function isHot(node: Node, body: Node, source: string, rules: LanguageRules): boolean {
  let outer = node;
  while (outer.parent && !rules.containers.has(outer.parent.type)) outer = outer.parent;
  let start = outer.startIndex;
  let line = outer.startPosition.row;
  for (let above = outer.previousNamedSibling; above && isNote(above, rules); above = above.previousNamedSibling) {
    const isFarAway = line - above.endPosition.row > 1;
    const isTrailing = source.slice(source.lastIndexOf("\n", above.startIndex) + 1, above.startIndex).trim() !== "";
    if (isFarAway || isTrailing) break;
    start = above.startIndex;
    line = above.startPosition.row;
  }
  const firstLineEnd = source.indexOf("\n", source.indexOf("\n", body.startIndex) + 1);
  const firstLines = source.slice(body.startIndex, Math.min(body.endIndex, firstLineEnd < 0 ? Infinity : firstLineEnd));
  const firstNote = /^\s*\{?\s*(?:\/\/|\/\*|#|"""|''').*/.exec(firstLines)?.[0] ?? "";
  return hotMark.test(source.slice(start, body.startIndex)) || hotMark.test(firstNote);
}

function isNote(node: Node, rules: LanguageRules): boolean {
  return rules.comments.has(node.type) || node.type === "decorator" || node.type === "attribute_item";
}

/** Of each group of comment lines the first one that says something stays. */
function commentCuts(comments: readonly Node[], source: string): Cut[] {
  const cuts: Cut[] = [];
  const sorted = comments.toSorted((a, b) => a.startIndex - b.startIndex);
  let groupEnd = -1;
  for (const [index, comment] of sorted.entries()) {
    if (comment.startIndex < groupEnd) continue;
    groupEnd = endOfGroup(sorted, index, source);
    const text = source.slice(comment.startIndex, groupEnd).trimEnd();
    if (text.includes("\n"))
      cuts.push({ start: comment.startIndex, end: comment.startIndex + text.length, text: firstLine(text) });
  }
  return cuts;
}

function endOfGroup(comments: readonly Node[], from: number, source: string): number {
  let end = comments[from]?.endIndex ?? 0;
  for (const next of comments.slice(from + 1)) {
    const between = source.slice(end, next.startIndex);
    if (between.trim() !== "" || between.split("\n").length > 2) break;
    end = next.endIndex;
  }
  return end;
}

/** The first line of a comment or docstring that has words, in the comment's own marks. */
function firstLine(text: string): string {
  const open = /^(?:\/\*\*?!?|"""|'''|r"""|\/\/[/!]?|#)/.exec(text)?.[0] ?? "";
  const close = open.startsWith("/*") ? " */" : /"""|'''/.test(open) ? open.slice(-3) : "";
  const words = text
    .slice(open.length, close && text.endsWith(close.trim()) ? -close.trim().length : undefined)
    .split("\n")
    .map((line) => line.replace(/^\s*(?:\*(?!\/)|\/\/[/!]?|#+)?\s*/, "").trim())
    .filter((line) => line !== "");
  const first = words[0] ?? "";
  const gap = /["']/.test(open) ? "" : " ";
  return `${open}${gap}${first}${words.length > 1 ? " …" : ""}${close}`;
}

function applyCuts(source: string, cuts: readonly Cut[]): string {
  let text = "";
  let at = 0;
  for (const cut of cuts.toSorted((a, b) => a.start - b.start || b.end - a.end)) {
    if (cut.start < at) continue;
    text += source.slice(at, cut.start) + cut.text;
    at = cut.end;
  }
  return (text + source.slice(at)).replace(/\n[ \t]*(?:\n[ \t]*)+\n/g, "\n\n").trim();
}
