/** The files inside a text of the program: each stands between tags that name it and say how much of it is shown. */

/** A file in a text: `text` is the section with its tags, which begins at `start`. */
export interface FileSection {
  readonly path: string;
  readonly view: string;
  readonly start: number;
  readonly text: string;
}

/** The sections of a text, in order. */
export function fileSections(text: string): FileSection[] {
  const sections: FileSection[] = [];
  const opening = /^<file path=("(?:[^"\\\n]|\\.)*") view="(\w+)">\n/gm;
  for (let found = opening.exec(text); found; found = opening.exec(text)) {
    const [whole, path = '""', view = ""] = found;
    const end = text.indexOf("\n</file>", found.index + whole.length - 1);
    if (end < 0) break;
    const stop = end + "\n</file>".length;
    sections.push({ path: pathOf(path), view, start: found.index, text: text.slice(found.index, stop) });
    opening.lastIndex = stop;
  }
  return sections;
}

/** The section with its body taken out, still saying which file it was. */
export function emptySection({ path, view, text }: FileSection): string {
  return `<file path=${JSON.stringify(path)} view="${view}">\n${takenOut(text.length)} Use read if you need it.\n</file>`;
}

/** What stands in place of something that a person took out. */
export function takenOut(characters: number): string {
  return `[taken out by a person: ${characters} characters.]`;
}

function pathOf(quoted: string): string {
  try {
    return String(JSON.parse(quoted));
  } catch (error) {
    if (error instanceof SyntaxError) return quoted.slice(1, -1);
    throw error;
  }
}
