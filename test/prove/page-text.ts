/** Reads a page of ours apart: its elements with the names of their attributes, and all its texts, unescaped. Nothing is forgiven. */

export interface PageParts {
  /** Elements in order, each with its attributes' names: what no text may change. */
  readonly skeleton: readonly string[];
  /** Texts and attribute values; the same place in two pages of one skeleton has the same index. */
  readonly texts: readonly string[];
  /** Indices of the texts that stand in fields for editing, where they must be what will be saved. */
  readonly fields: ReadonlySet<number>;
  /** Indices of the addresses of links. */
  readonly links: ReadonlySet<number>;
  /** Indices of the texts that their element calls one line of something longer. */
  readonly lines: ReadonlySet<number>;
  /** What does not belong into a page that was escaped. */
  readonly faults: readonly string[];
}

const tag = /^<(\/?[a-zA-Z][\w:-]*)((?:\s+[^\s=>"'<]+(?:="[^"]*")?)*)\s*(\/?)>/;
const entities: Readonly<Record<string, string>> = {
  "&amp;": "&",
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&#39;": "'",
};

/** The classes of a sentence that sums a longer text up. */
const oneLine = /\b(one-line|event-words)\b/;

/** Takes a page apart. Only double quotes and five entities occur in what we write; all else is a fault. */
export function partsOf(html: string): PageParts {
  const skeleton: string[] = [];
  const texts: string[] = [];
  const faults: string[] = [];
  const fields = new Set<number>();
  const links = new Set<number>();
  const lines = new Set<number>();
  const take = (text: string) => {
    if (/[<>]/.test(text)) faults.push(`a bare < or > in ${JSON.stringify(text.slice(0, 60))}`);
    texts.push(unescaped(text, faults));
  };
  let rest = html.replace(/^<!doctype html>/, "");
  while (rest !== "") {
    const found = tag.exec(rest);
    if (!found) {
      faults.push(`no tag of ours at ${JSON.stringify(rest.slice(0, 60))}`);
      break;
    }
    const attributes = [...(found[2] ?? "").matchAll(/\s+([^\s=>"'<]+)(?:="([^"]*)")?/g)];
    skeleton.push([found[1], ...attributes.map(([, name]) => name)].join(" "));
    for (const [, name, value = ""] of attributes) {
      if (found[1] === "input" && name === "value") fields.add(texts.length);
      if (found[1] === "a" && name === "href") links.add(texts.length);
      if (name === "aria-valuetext" || name === "data-spoken") lines.add(texts.length);
      take(value);
    }
    if (found[1] === "textarea") fields.add(texts.length);
    if (attributes.some(([, name, value = ""]) => name === "class" && oneLine.test(value))) lines.add(texts.length);
    rest = rest.slice(found[0].length);
    const end = rest.indexOf("<");
    take(end < 0 ? rest : rest.slice(0, end));
    rest = end < 0 ? "" : rest.slice(end);
  }
  return { skeleton, texts, fields, links, lines, faults };
}

function unescaped(text: string, faults: string[]): string {
  return text.replace(/&(?:#?\w+;)?/g, (entity) => {
    const character = entities[entity];
    if (character === undefined) faults.push(`a bare & in ${JSON.stringify(text.slice(0, 60))}`);
    return character ?? entity;
  });
}
