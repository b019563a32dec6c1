/**
 * Changes single keys of a TOML text and leaves every other character as it is, comments and order included. What comes out
 * is parsed again and compared: a text that cannot be edited so is refused, never mangled.
 */
import { isDeepStrictEqual } from "node:util";
import { parse, stringify, TomlError } from "smol-toml";

export interface KeyEdit {
  readonly path: readonly string[];
  /** What it is to be; undefined takes the key out. */
  readonly value: unknown;
}

type Table = { [key: string]: unknown };

/** The text with its keys changed; null where that would touch something else, such as a table written in one line. */
export function withKeys(source: string, edits: readonly KeyEdit[]): string | null {
  let text = source;
  const wanted = parsed(source);
  if (wanted === null) return null;
  for (const edit of edits) {
    text = withKey(text, edit);
    setIn(wanted, edit);
  }
  const found = parsed(text);
  return found !== null && isDeepStrictEqual(withoutEmpty(found), withoutEmpty(wanted)) ? text : null;
}

function withKey(source: string, { path, value }: KeyEdit): string {
  const lines = source.split("\n");
  const key = path.at(-1) ?? "";
  const section = sectionOf(lines, path.slice(0, -1));
  const written = value === undefined ? null : `${name(key)} = ${literal(value)}`;
  if (!section)
    return written === null ? source : `${withEnd(source)}\n[${path.slice(0, -1).map(name).join(".")}]\n${written}\n`;
  const place = placeOf(lines, section, key);
  if (place) {
    const kept = written === null ? [] : [`${place.indent}${written}${place.comment}`];
    return [...lines.slice(0, place.first), ...kept, ...lines.slice(place.last + 1)].join("\n");
  }
  if (written === null) return source;
  const end = lastFilled(lines, section);
  return [...lines.slice(0, end + 1), written, ...lines.slice(end + 1)].join("\n");
}

interface Section {
  /** The line of its header, and the first line that is no longer in it. */
  readonly header: number;
  readonly end: number;
}

function sectionOf(lines: readonly string[], path: readonly string[]): Section | null {
  const headers = lines.flatMap((line, index) => (/^\s*\[/.test(line) ? [{ index, path: headerPath(line) }] : []));
  const at = headers.findIndex((header) => header.path !== null && isDeepStrictEqual(header.path, path));
  const header = headers[at];
  return header ? { header: header.index, end: headers[at + 1]?.index ?? lines.length } : null;
}

/** The path that a header line names; null for a line of a list that only looks like one. */
function headerPath(line: string): string[] | null {
  const table = parsed(line);
  if (table === null) return null;
  const path: string[] = [];
  for (let inner: unknown = table; isTable(inner); ) {
    const [key] = Object.keys(inner);
    if (key === undefined) return path;
    path.push(key);
    inner = inner[key];
  }
  return null;
}

interface Place {
  readonly first: number;
  readonly last: number;
  readonly indent: string;
  readonly comment: string;
}

/** The lines of a key's value, which may be a list over several of them, with the comment behind it. */
function placeOf(lines: readonly string[], { header, end }: Section, key: string): Place | null {
  for (let first = header + 1; first < end; first += 1) {
    const begun = /^(\s*)(?:[\w-]+|"[^"]*"|'[^']*')\s*=/.exec(lines[first] ?? "");
    if (!begun) continue;
    for (let last = first; last < end; last += 1) {
      const text = lines.slice(first, last + 1).join("\n");
      const table = parsed(text);
      if (table === null) continue;
      if (Object.keys(table)[0] === key) return { first, last, indent: begun[1] ?? "", comment: commentOf(text) };
      first = last;
      break;
    }
  }
  return null;
}

/** What stands behind the value, from the blanks before its `#`. */
function commentOf(text: string): string {
  for (const { index } of text.matchAll(/[ \t]*#/g)) {
    const rest = text.slice(index);
    if (!rest.includes("\n") && parsed(text.slice(0, index)) !== null) return rest.trimEnd();
  }
  return "";
}

function lastFilled(lines: readonly string[], { header, end }: Section): number {
  for (let index = end - 1; index > header; index -= 1) if (/^\s*[^\s#]/.test(lines[index] ?? "")) return index;
  return header;
}

function parsed(text: string): Table | null {
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof TomlError) return null;
    throw error;
  }
}

function setIn(table: Table, { path, value }: KeyEdit): void {
  let inner = table;
  for (const part of path.slice(0, -1)) {
    const next = Object.hasOwn(inner, part) ? inner[part] : undefined;
    const filled: Table = isTable(next) ? next : {};
    inner[part] = filled;
    inner = filled;
  }
  const key = path.at(-1) ?? "";
  if (value === undefined) delete inner[key];
  else inner[key] = value;
}

/** Tables without a key say nothing: a header that is left alone is none to compare. */
function withoutEmpty(table: Table): Table {
  const filled = Object.entries(table).flatMap(([key, value]) => {
    if (!isTable(value)) return [[key, value] as const];
    const inner = withoutEmpty(value);
    return Object.keys(inner).length === 0 ? [] : [[key, inner] as const];
  });
  return Object.fromEntries(filled);
}

function isTable(value: unknown): value is Table {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

function literal(value: unknown): string {
  return stringify({ v: value }).trim().replace(/^v = /, "");
}

function name(key: string): string {
  return /^[\w-]+$/.test(key) ? key : JSON.stringify(key);
}

function withEnd(source: string): string {
  return source === "" || source.endsWith("\n") ? source : `${source}\n`;
}
