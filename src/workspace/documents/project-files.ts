/**
 * Reads and writes text files of the user's project. A write is whole or not at all (a temporary file, then a rename), and
 * neither goes through a link that leads out of the project: a repository may come from a stranger.
 */
import { randomBytes } from "node:crypto";
import {
  closeSync,
  existsSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { dirname, isAbsolute, join, relative, sep } from "node:path";

/** A file that must not or cannot be used; the message says which and what to do. */
export class ProjectFileError extends Error {
  override readonly name = "ProjectFileError";
}

/** The text of a file, or null when there is none. Longer than `maxBytes`, it is cut there. */
export function readText(root: string, path: string, maxBytes = 1024 * 1024): string | null {
  const file = realPlace(root, path);
  if (!existsSync(file)) return null;
  if (!statSync(file).isFile()) throw new ProjectFileError(`${path} is not a file. Move it away, or rename it.`);
  const handle = openSync(file, "r");
  try {
    const bytes = Buffer.alloc(Math.min(maxBytes, statSync(file).size));
    const length = readSync(handle, bytes, 0, bytes.length, 0);
    return bytes.toString("utf8", 0, length);
  } finally {
    closeSync(handle);
  }
}

/** Writes a file whole, makes its folders, and keeps its permissions. Does nothing when the text is the same. */
export function writeText(root: string, path: string, text: string): void {
  const file = realPlace(root, path);
  if (readText(root, path, Number.MAX_SAFE_INTEGER) === text) return;
  mkdirSync(dirname(file), { recursive: true });
  const temporary = join(dirname(file), `.${randomBytes(6).toString("hex")}.tmp`);
  try {
    const handle = openSync(temporary, "wx", existsSync(file) ? statSync(file).mode & 0o777 : 0o644);
    try {
      writeSync(handle, text);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw new ProjectFileError(`${path} could not be written. Check the disk and the folder's permissions.`, {
      cause: error,
    });
  }
}

/** Writes a file unless something is there already; says whether it did. */
export function createText(root: string, path: string, text: string): boolean {
  if (isPresent(join(root, path))) return false;
  writeText(root, path, text);
  return true;
}

/** Where a path of the project really is: links are followed, and one that leads out of the project is refused. */
function realPlace(root: string, path: string): string {
  const realRoot = realpathSync(root);
  let place = realRoot;
  for (const part of path.split(sep).filter((one) => one !== "" && one !== ".")) {
    if (part === "..") throw new ProjectFileError(`${path} is not inside the project.`);
    place = join(place, part);
    if (!isPresent(place)) continue;
    if (lstatSync(place).isSymbolicLink() && !existsSync(place))
      throw new ProjectFileError(`${path} goes through a link that leads nowhere. Remove the link.`);
    place = realpathSync(place);
    const way = relative(realRoot, place);
    if (way === ".." || way.startsWith(`..${sep}`) || isAbsolute(way))
      throw new ProjectFileError(`${path} goes through a link that leads out of the project. Replace the link.`);
  }
  return place;
}

function isPresent(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
