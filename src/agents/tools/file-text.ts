/** Reads and writes whole text files inside a root, with size limits; a write is all or nothing. */
import { randomUUID } from "node:crypto";
import { lstat, mkdir, open, rename, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { type ConfinedPath, confine, fileFault, openRegular } from "./confine.ts";
import { ToolFault } from "./tool.ts";

const largestFileBytes = 5_000_000;

/** The text of a confined file. Throws a ToolFault for a binary or very large file; `isExact` also for invalid UTF-8. */
export async function readText(root: string, path: ConfinedPath, shown: string, isExact: boolean): Promise<string> {
  const handle = await openRegular(root, path, shown);
  try {
    const { size } = await handle.stat();
    if (size > largestFileBytes)
      throw new ToolFault(`${shown} is too large (${size} bytes; the limit is ${largestFileBytes}).`);
    const bytes = await handle.readFile();
    if (bytes.subarray(0, 8000).includes(0)) throw new ToolFault(`${shown} is a binary file.`);
    return decoded(bytes, shown, isExact);
  } finally {
    await handle.close();
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
  const planned = await confine(root, shown);
  if (planned.relative === "") throw new ToolFault("The path is the root folder itself; name a file.");
  try {
    await mkdir(dirname(planned.absolute), { recursive: true });
    // Confined again: a folder of the path may have been made, or swapped for a link, since the first look.
    const path = await confine(root, shown);
    if (path.absolute !== planned.absolute) throw new ToolFault(`${shown} changed while it was written.`);
    await replaceFile(root, path, shown, content);
  } catch (error) {
    throw fileFault(error, shown);
  }
}

async function replaceFile(root: string, path: ConfinedPath, shown: string, content: string): Promise<void> {
  const mode = path.exists ? await regularMode(path, shown) : 0o666;
  const folder = dirname(path.absolute);
  const temporary = join(folder, `.${basename(path.absolute).slice(0, 100)}.${randomUUID()}.tmp`);
  const handle = await open(temporary, "wx", mode);
  try {
    try {
      await confine(root, temporary);
      await handle.writeFile(content);
      if (path.exists) await handle.chmod(mode);
    } finally {
      await handle.close();
    }
    await rename(temporary, path.absolute);
  } catch (error) {
    await unlink(temporary);
    throw error;
  }
}

async function regularMode(path: ConfinedPath, shown: string): Promise<number> {
  const stats = await lstat(path.absolute);
  if (stats.isDirectory()) throw new ToolFault(`${shown} is a folder.`);
  if (!stats.isFile()) throw new ToolFault(`${shown} is not a regular file.`);
  return stats.mode & 0o777;
}
