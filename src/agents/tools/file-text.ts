/** Reads and writes whole text files inside a root, with size limits; a write is all or nothing. */
import { randomUUID } from "node:crypto";
import { closeSync, realpathSync } from "node:fs";
import { lstat, open, rename, unlink } from "node:fs/promises";
import { basename, join } from "node:path";
import { Folder, readBounded } from "../../context/beneath.ts";
import { type ConfinedPath, confine, fileFault, openRegular } from "./confine.ts";
import { ToolFault } from "./tool.ts";

const largestFileBytes = 5_000_000;

/** The text of a confined file. Throws a ToolFault for a binary or very large file; `isExact` also for invalid UTF-8. */
export function readText(root: string, path: ConfinedPath, shown: string, isExact: boolean): string {
  const descriptor = openRegular(root, path, shown);
  try {
    const bytes = readBounded(descriptor, largestFileBytes);
    if (bytes === null) throw new ToolFault(`${shown} is too large (the limit is ${largestFileBytes} bytes).`);
    if (bytes.subarray(0, 8000).includes(0)) throw new ToolFault(`${shown} is a binary file.`);
    return decoded(bytes, shown, isExact);
  } finally {
    closeSync(descriptor);
  }
}

function decoded(bytes: Uint8Array, shown: string, isExact: boolean): string {
  try {
    return new TextDecoder("utf-8", { fatal: isExact, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new ToolFault(`${shown} is not UTF-8 text; an edit would damage it.`, error);
  }
}

/** Writes a file below the root, and the folders that it needs; readers see the old or the new text, nothing between. */
export async function writeText(root: string, shown: string, content: string): Promise<void> {
  const size = Buffer.byteLength(content);
  if (size > largestFileBytes)
    throw new ToolFault(`${shown} was not written: ${size} bytes is over the limit of ${largestFileBytes}.`);
  const path = confine(root, shown);
  if (path.relative === "") throw new ToolFault("The path is the root folder itself; name a file.");
  try {
    const folder = Folder.open(realpathSync(root), path.relative.split("/").slice(0, -1), true);
    try {
      await replaceFile(folder, basename(path.relative), path, shown, content);
    } finally {
      folder.close();
    }
  } catch (error) {
    throw fileFault(error, shown);
  }
}

async function replaceFile(
  folder: Folder,
  name: string,
  path: ConfinedPath,
  shown: string,
  content: string,
): Promise<void> {
  const target = join(folder.path, name);
  const mode = path.exists ? await regularMode(target, shown) : 0o666;
  const temporary = join(folder.path, `.${name.slice(0, 100)}.${randomUUID()}.tmp`);
  const handle = await open(temporary, "wx", mode);
  try {
    try {
      await handle.writeFile(content);
      if (path.exists) await handle.chmod(mode);
    } finally {
      await handle.close();
    }
    await rename(temporary, target);
  } catch (error) {
    await unlink(temporary);
    throw error;
  }
}

async function regularMode(target: string, shown: string): Promise<number> {
  const stats = await lstat(target);
  if (stats.isDirectory()) throw new ToolFault(`${shown} is a folder.`);
  if (!stats.isFile()) throw new ToolFault(`${shown} is not a regular file.`);
  return stats.mode & 0o777;
}
