/** A project in memory, for tests of views: paths and their texts. */
import type { SourceReader } from "../../src/context/source-reader.ts";

/** A reader over a record of texts by path; `readPaths` tells what was asked for. */
export function memoryReader(files: Readonly<Record<string, string>>): SourceReader & { readonly readPaths: string[] } {
  const readPaths: string[] = [];
  return {
    readPaths,
    list: async () => Object.keys(files).toSorted(),
    read: async (path) => {
      readPaths.push(path);
      return files[path] ?? null;
    },
  };
}
