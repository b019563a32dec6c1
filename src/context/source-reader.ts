/**
 * How context is read from a project: a list of paths and the text of one. The reader from disk stays inside its root, whatever
 * links a worktree holds, and leaves out what is no source: binaries, large files, secrets.
 */
import { closeSync, fstatSync, realpathSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { Folder, openBeneath, readBounded } from "./beneath.ts";
import { breather } from "./breather.ts";
import { isSecretName } from "./secret-name.ts";

/** Where views get their files from. */
export interface SourceReader {
  /** Paths of all files, relative to the root, with `/`, sorted. */
  list(): Promise<string[]>;
  /** The text of a file; null when there is none, or none that may be shown. */
  read(path: string): Promise<string | null>;
}

const skippedFolders = new Set([".git", ".signalbox", "node_modules"]);
const fileLimitBytes = 1_000_000;
const listLimit = 50_000;

/** Reads below a folder. `listPaths` gives the paths where something better than a walk knows them, such as git. */
export function diskReader(root: string, listPaths?: () => Promise<string[]>): SourceReader {
  const breathe = breather();
  return {
    async list() {
      const paths = listPaths ? await listPaths() : await walk(root);
      return paths.filter((path) => isShown(path)).toSorted();
    },
    async read(path) {
      await breathe();
      return isShown(path) ? readInside(root, path) : null;
    },
  };
}

/** Whether a path may be shown to an agent at all: inside the project, not a secret, not our own or git's state. */
export function isShown(path: string): boolean {
  const parts = path.split("/");
  if (path === "" || path.includes("\0") || path.includes("\\") || path.startsWith("/")) return false;
  return !parts.some((part) => part === ".." || skippedFolders.has(part) || isSecretName(part));
}

async function walk(root: string): Promise<string[]> {
  const found: string[] = [];
  const folders = [""];
  for (let folder = folders.pop(); folder !== undefined && found.length < listLimit; folder = folders.pop()) {
    for (const entry of await entriesOf(root, folder)) {
      const path = folder ? `${folder}/${entry.name}` : entry.name;
      if (entry.isDirectory() && !skippedFolders.has(entry.name)) folders.push(path);
      else if (entry.isFile()) found.push(path);
    }
  }
  return found;
}

async function entriesOf(root: string, path: string) {
  const folder = Folder.open(root, path === "" ? [] : path.split("/"));
  try {
    return await readdir(folder.path, { withFileTypes: true });
  } finally {
    folder.close();
  }
}

function readInside(root: string, path: string): string | null {
  let descriptor: number | undefined;
  try {
    const base = realpathSync(root);
    const real = relative(base, realpathSync(join(root, path)));
    if (!isShown(real.split(sep).join("/"))) return null;
    descriptor = openBeneath(base, real);
    const bytes = fstatSync(descriptor).isFile() ? readBounded(descriptor, fileLimitBytes) : null;
    const text = bytes?.toString("utf8") ?? null;
    return text?.includes("\0") ? null : text;
  } catch (error) {
    if (isMissing(error)) return null;
    throw new Error(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function isMissing(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : "";
  return ["ENOENT", "ENOTDIR", "ELOOP", "ENXIO", "EISDIR", "EACCES", "EPERM", "ENAMETOOLONG"].includes(String(code));
}
