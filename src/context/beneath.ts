/**
 * Reaches files below a root so that no link leads out, however fast it is swapped: each folder of a path is opened in the one
 * before it, links refused, and the file is named through the last descriptor. Paths must have had their links resolved.
 * All of it is synchronous: a turn of the thread pool for each call takes ten times as long as the call.
 */
import { closeSync, constants, fstatSync, mkdirSync, openSync, readSync, realpathSync } from "node:fs";
import { join } from "node:path";

/** Only Linux lets a descriptor stand for a folder in a path. Elsewhere a look at the whole path has to do. */
const hasDescriptorPaths = process.platform === "linux";
const pathOnly = 0o10000000;
const folderFlags = (hasDescriptorPaths ? pathOnly : 0) | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/** A folder below a root, held open: it stays the same folder whatever happens to its path. */
export class Folder {
  readonly #descriptor: number;
  /** A path of this very folder, for any call that takes one. */
  readonly path: string;

  private constructor(descriptor: number, named: string) {
    this.#descriptor = descriptor;
    this.path = hasDescriptorPaths ? `/proc/self/fd/${descriptor}` : named;
  }

  /** Opens `root/<names>`; with `isMaking` the folders that are missing are made. Throws ELOOP or ENOTDIR for a link. */
  static open(root: string, names: readonly string[], isMaking = false): Folder {
    let folder = new Folder(openSync(root, folderFlags & ~constants.O_NOFOLLOW), root);
    for (const name of names) {
      const outer = folder;
      try {
        folder = outer.#enter(name, isMaking);
      } finally {
        outer.close();
      }
    }
    return folder;
  }

  #enter(name: string, isMaking: boolean): Folder {
    const path = join(this.path, name);
    if (isMaking) make(path);
    const descriptor = openSync(path, folderFlags);
    const named = hasDescriptorPaths ? "" : path;
    if (named === "" || realpathSync(named) === named) return new Folder(descriptor, named);
    closeSync(descriptor);
    throw Object.assign(new Error(`${named} is a link`), { code: "ELOOP" });
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

function make(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
}

/**
 * Opens `root/<path>` for reading, without waiting on a pipe; the caller closes the descriptor. Throws ELOOP, ENOTDIR or
 * ENOENT when it is not there any more.
 */
export function openBeneath(root: string, path: string): number {
  const names = path.split("/");
  const folder = Folder.open(root, names.slice(0, -1));
  try {
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
    // The root itself opens as the folder that it is; a bare descriptor path would be a link.
    return openSync(`${folder.path}/${names.at(-1) || "."}`, flags);
  } finally {
    folder.close();
  }
}

/** The bytes of an open file; null when it holds more than the limit, whatever its size said: some grow, some say 0. */
export function readBounded(descriptor: number, limitBytes: number): Buffer | null {
  const { size } = fstatSync(descriptor);
  if (size > limitBytes) return null;
  const parts: Buffer[] = [];
  for (let total = 0; ; ) {
    const room = Buffer.allocUnsafe(Math.min(limitBytes, Math.max(size - total, leastReadBytes)) + 1);
    const bytesRead = readSync(descriptor, room, 0, room.length, null);
    total += bytesRead;
    if (total > limitBytes) return null;
    if (bytesRead === 0) return Buffer.concat(parts);
    parts.push(room.subarray(0, bytesRead));
  }
}

const leastReadBytes = 4 * 1024;
