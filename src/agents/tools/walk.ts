/** Walks the files below a folder in name order, without following links and without what no agent should search. */
import { readdir } from "node:fs/promises";
import { Folder } from "../../context/beneath.ts";
import { fileFault, isProtectedName } from "./confine.ts";
import { ToolFault } from "./tool.ts";

const mostEntries = 50_000;

/** Yields each regular file's path below `root/<base>`, with `/`. Throws a ToolFault after 50,000 entries. */
export async function* walk(root: string, base: string): AsyncGenerator<string> {
  const pending = [""];
  let left = mostEntries;
  for (let below = pending.pop(); below !== undefined; below = pending.pop()) {
    const entries = await entriesOf(root, `${base}/${below}`).catch((error: unknown) => {
      throw fileFault(error, below === "" ? "The folder" : below);
    });
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    const folders: string[] = [];
    for (const entry of entries) {
      if (left-- <= 0)
        throw new ToolFault(`There are more than ${mostEntries} files here; name a folder to search in.`);
      if (isProtectedName(entry.name) || entry.name === "node_modules") continue;
      if (entry.isFile()) yield `${below}${entry.name}`;
      else if (entry.isDirectory()) folders.push(`${below}${entry.name}/`);
    }
    pending.push(...folders.reverse());
  }
}

async function entriesOf(root: string, path: string) {
  const folder = Folder.open(
    root,
    path.split("/").filter((name) => name !== ""),
  );
  try {
    return await readdir(folder.path, { withFileTypes: true });
  } finally {
    folder.close();
  }
}
