/** The directory map: file names and nothing of their contents, in as much detail as fits. All that tier 1 sees of the code. */

interface Folder {
  readonly folders: Map<string, Folder>;
  readonly files: string[];
  count: number;
}

/** From the richest to the barest: how many files of a folder are named, and how deep folders are opened. */
const details = [
  { files: Infinity, depth: Infinity },
  { files: 40, depth: Infinity },
  { files: 15, depth: Infinity },
  { files: 6, depth: Infinity },
  { files: 6, depth: 5 },
  { files: 4, depth: 4 },
  { files: 3, depth: 3 },
  { files: 3, depth: 2 },
  { files: 0, depth: 2 },
  { files: 0, depth: 1 },
];

/** A tree of names, indented by two spaces, never longer than `maxChars`; what is left out is counted: `(+12 more)`. */
export function directoryMap(paths: readonly string[], { maxChars }: { readonly maxChars: number }): string {
  const root = folderOf(paths);
  for (const { files, depth } of details) {
    const drawing = { lines: [], left: maxChars + 1 };
    draw(drawing, root, "", files, depth);
    if (drawing.left >= 0) return drawing.lines.join("\n");
  }
  const barest = { lines: [], left: Infinity };
  draw(barest, root, "", 0, 1);
  return cutLines(barest.lines, maxChars);
}

/** Lines as they are drawn, and how many characters more there is room for; below zero nothing more is drawn. */
interface Drawing {
  readonly lines: string[];
  left: number;
}

function folderOf(paths: readonly string[]): Folder {
  const root = emptyFolder();
  for (const path of [...new Set(paths)].toSorted()) {
    const parts = printable(path).split("/");
    const name = parts.pop() ?? "";
    let folder = root;
    folder.count += 1;
    for (const part of parts) {
      const next = folder.folders.get(part) ?? emptyFolder();
      folder.folders.set(part, next);
      folder = next;
      folder.count += 1;
    }
    folder.files.push(name);
  }
  return root;
}

function emptyFolder(): Folder {
  return { folders: new Map(), files: [], count: 0 };
}

const unprintable = /[\x00-\x1f\x7f]/;

/** File names may hold line breaks and escape codes; in the map each stays on its line. */
function printable(name: string): string {
  return unprintable.test(name) ? name.replaceAll(new RegExp(unprintable, "g"), "?") : name;
}

function draw(drawing: Drawing, folder: Folder, indent: string, maxFiles: number, depth: number): void {
  for (const [name, child] of folder.folders) {
    if (drawing.left < 0) return;
    const isClosed = depth <= 0 || (maxFiles === 0 && depth === 1);
    add(drawing, isClosed ? `${indent}${name}/ (+${child.count} more)` : `${indent}${name}/`);
    if (!isClosed) draw(drawing, child, `${indent}  `, maxFiles, depth - 1);
  }
  const shown = folder.files.slice(0, maxFiles);
  const hiddenCount = folder.files.length - shown.length;
  const rest = hiddenCount > 0 ? [`(+${hiddenCount} more)`] : [];
  if (folder.files.length > 0) for (const line of wrap([...shown, ...rest], indent)) add(drawing, line);
}

function add(drawing: Drawing, line: string): void {
  drawing.lines.push(line);
  drawing.left -= line.length + 1;
}

/** File names of one folder share lines, which takes far fewer tokens than a line each. */
function wrap(names: readonly string[], indent: string): string[] {
  const lines: string[] = [];
  let line = "";
  for (const name of names) {
    if (line && line.length + name.length > 100) {
      lines.push(indent + line);
      line = "";
    }
    line = line ? `${line}  ${name}` : name;
  }
  return line ? [...lines, indent + line] : lines;
}

function cutLines(lines: readonly string[], maxChars: number): string {
  const kept: string[] = [];
  let length = 0;
  for (const line of lines) {
    if (length + line.length + 1 > maxChars - 16) break;
    kept.push(line);
    length += line.length + 1;
  }
  return [...kept, `(+${lines.length - kept.length} more)`].join("\n").slice(0, Math.max(0, maxChars));
}
