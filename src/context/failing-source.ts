/**
 * The source that a failure is about: lines around the places that the output names, and the functions of the project that
 * those lines call. A failed assertion names only the test; the fault is mostly in what it calls.
 */
import { linesAround, locationsIn, type SourceLocation } from "./error-excerpt.ts";
import { localImports } from "./imports.ts";
import type { SourceReader } from "./source-reader.ts";
import { fileBlock } from "./source-view.ts";

const radius = 10;
const placeLimit = 4;
const calledLimit = 4;
/** How far above the named line the call that failed may stand. */
const callLines = 3;

/** Blocks of source for the places that an output names, and then for what is called there, within `maxChars`. */
export async function failingSource(output: string, reader: SourceReader, maxChars: number): Promise<string> {
  const paths = await reader.list();
  const places = locationsIn(output, paths).slice(0, placeLimit);
  const called = await calledPlaces(places, new Set(paths), reader);
  const blocks: string[] = [];
  let left = maxChars;
  for (const { path, line } of [...places, ...called]) {
    const lines = linesAround((await reader.read(path)) ?? "", line, radius);
    const block = lines === "" ? "" : fileBlock(path, "excerpt", lines);
    if (block === "" || block.length > left) continue;
    blocks.push(block);
    left -= block.length + 1;
  }
  return blocks.join("\n");
}

/** Where the names on the failing lines are defined, in the files that the failing files import. */
async function calledPlaces(
  places: readonly SourceLocation[],
  paths: ReadonlySet<string>,
  reader: SourceReader,
): Promise<SourceLocation[]> {
  const found: SourceLocation[] = [];
  for (const place of places) {
    const source = (await reader.read(place.path)) ?? "";
    const names = namesNear(source, place.line);
    for (const path of localImports(place.path, source, { paths })) {
      const line = definitionLine((await reader.read(path)) ?? "", names);
      const isShown = [...places, ...found].some((one) => one.path === path && Math.abs(one.line - line) <= radius);
      if (line > 0 && !isShown) found.push({ path, line });
      if (found.length >= calledLimit) return found;
    }
  }
  return found;
}

function namesNear(source: string, line: number): Set<string> {
  const near = source.split("\n").slice(Math.max(0, line - 1 - callLines), line + 1);
  return new Set(near.join("\n").match(/\b[A-Za-z_]\w*(?=\s*[(<.!])/g) ?? []);
}

/** The first line, from 1, that defines one of the names; 0 when none does. */
function definitionLine(source: string, names: ReadonlySet<string>): number {
  const definition = /\b(?:function\*?|class|const|let|var|def|fn|func(?:\s*\([^)]*\))?|struct|enum|impl)\s+(\w+)/;
  return source.split("\n").findIndex((line) => names.has(definition.exec(line)?.[1] ?? "")) + 1;
}
