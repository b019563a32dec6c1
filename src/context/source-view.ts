/** Files as an agent reads them: which paths a pattern means, how a view is fenced, and how several views share a limit. */
import type { SourceReader } from "./source-reader.ts";

/** The paths that an entry of `target_files` or `modules` means: a file, everything in a folder, or a glob. */
export function matchingPaths(pattern: string, paths: readonly string[]): string[] {
  const plain = pattern.replace(/^\.\//, "").replace(/\/+$/, "");
  if (paths.includes(plain)) return [plain];
  const inFolder = paths.filter((path) => plain === "." || path.startsWith(`${plain}/`));
  if (inFolder.length > 0) return inFolder;
  if (!/[*?[{]/.test(plain)) return [];
  const glob = new Bun.Glob(plain);
  return paths.filter((path) => glob.match(path));
}

/** A text between tags that name its file and how much of it is shown. */
export function fileBlock(
  path: string,
  view: "raw" | "skeleton" | "curated" | "excerpt" | "new",
  text: string,
): string {
  return `<file path=${JSON.stringify(path)} view="${view}">\n${text.trimEnd()}\n</file>`;
}

/** The first `maxChars` of a text, and how much is missing when it is longer. */
export function clipped(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  const end = text.lastIndexOf("\n", maxChars);
  const kept = text.slice(0, end > maxChars / 2 ? end : maxChars);
  return `${kept}\n… (${text.length - kept.length} of ${text.length} characters are not shown)`;
}

/** Which files are shown, how, and within what limit. */
export interface ViewRequest {
  readonly paths: readonly string[];
  readonly reader: SourceReader;
  readonly view: "skeleton" | "curated";
  readonly render: (path: string, source: string) => Promise<string>;
  readonly maxChars: number;
}

/** One block for each file, until the limit; the files that no longer fit are named in the last line. */
export async function viewBlocks({ paths, reader, view, render, maxChars }: ViewRequest): Promise<string> {
  const blocks: string[] = [];
  const omitted: string[] = [];
  let left = maxChars;
  for (const path of paths) {
    // Once nothing fits, reading on would cost time and show nothing.
    const source = left < 200 ? null : await reader.read(path);
    const block = source === null ? null : fileBlock(path, view, await render(path, source));
    if (block === null || block.length > left) omitted.push(path);
    else {
      blocks.push(block);
      left -= block.length;
    }
  }
  if (omitted.length > 0) blocks.push(`Not shown for length: ${named(omitted)}.`);
  return blocks.join("\n");
}

function named(paths: readonly string[]): string {
  const shown = paths.slice(0, 40).join(", ");
  return paths.length > 40 ? `${shown} (+${paths.length - 40} more)` : shown;
}
