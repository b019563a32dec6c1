/**
 * Keeps file tools inside their root. A path is checked as written and again with every link resolved; what it then leads to is
 * reached folder by folder without following links (`context/beneath.ts`), so that a link swapped in between leads nowhere.
 */
import { closeSync, fstatSync, lstatSync, realpathSync } from "node:fs";
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { openBeneath } from "../../context/beneath.ts";
import { isSecretName } from "../../context/secret-name.ts";
import { type Access, ToolFault } from "./tool.ts";

/** A checked path: `absolute` has every link resolved, `relative` is the same below the root, with `/`, "" for the root. */
export interface ConfinedPath {
  readonly absolute: string;
  readonly relative: string;
  readonly exists: boolean;
}

const protectedNames = new Set([".git", ".signalbox"]);
const documentName =
  /(\.(md|markdown|txt|rst|adoc)|^(readme|license|licence|copying|notice|changelog|contributing|authors))$/i;

/** Resolves a path that a model gave. Throws a ToolFault when it leaves the root or enters `.git` or `.signalbox`. */
export function confine(root: string, path: string): ConfinedPath {
  if (root === "") throw new ToolFault("There are no files here.");
  if (path.includes("\0")) throw new ToolFault("The path holds a zero byte.");
  const realRoot = realpathSync(root);
  const asked = isAbsolute(path) && isBelow(root, resolve(path)) ? relative(root, resolve(path)) : path;
  const lexical = resolve(realRoot, asked);
  checkPlace(realRoot, lexical, path);
  const found = resolveLinks(lexical, path);
  checkPlace(realRoot, found.absolute, path);
  return { ...found, relative: relative(realRoot, found.absolute).split(sep).join("/") };
}

/** Whether a role may read the content of a file, by its path below the root. */
export function mayRead(access: Access, relativePath: string): boolean {
  if (access === "worktree") return true;
  const names = relativePath.split("/");
  if (names.some(isSecretName)) return false;
  return access === "project" || documentName.test(names.at(-1) ?? "");
}

/** Whether a name is one that no tool enters. */
export function isProtectedName(name: string): boolean {
  return protectedNames.has(name.toLowerCase());
}

/** Opens a confined file for reading; refuses anything but a regular file, without waiting on a pipe. The caller closes it. */
export function openRegular(root: string, path: ConfinedPath, shown: string): number {
  const descriptor = openFound(root, path, shown);
  try {
    const stats = fstatSync(descriptor);
    if (stats.isDirectory()) throw new ToolFault(`${shown} is a folder; list it with glob.`);
    if (!stats.isFile()) throw new ToolFault(`${shown} is not a regular file.`);
    return descriptor;
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

function openFound(root: string, path: ConfinedPath, shown: string): number {
  try {
    return openBeneath(realpathSync(root), path.relative);
  } catch (error) {
    throw fileFault(error, shown);
  }
}

/** A file system error as a sentence for the model. */
export function fileFault(error: unknown, shown: string): unknown {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const sentence = {
    ENOENT: `${shown} does not exist.`,
    EACCES: `${shown} may not be opened: permission denied.`,
    EPERM: `${shown} may not be opened: permission denied.`,
    ELOOP: `${shown} is a link that may not be followed.`,
    ENOTDIR: `A part of ${shown} is a file, not a folder.`,
    EISDIR: `${shown} is a folder.`,
    ENAMETOOLONG: `${shown} is too long a name.`,
    ENXIO: `${shown} is not a regular file.`,
    ENODEV: `${shown} is not a regular file.`,
    ENOSPC: `${shown} could not be written: the disk is full.`,
    EROFS: `${shown} could not be written: the disk is read-only.`,
  }[code];
  return sentence ? new ToolFault(sentence, error) : error;
}

function isBelow(root: string, path: string): boolean {
  return path === root || path.startsWith(root.endsWith(sep) ? root : root + sep);
}

function checkPlace(realRoot: string, absolute: string, shown: string): void {
  if (!isBelow(realRoot, absolute))
    throw new ToolFault(`${shown} is outside the project; give a path relative to its root.`);
  if (relative(realRoot, absolute).split(sep).some(isProtectedName))
    throw new ToolFault(`${shown} is off limits: .git and .signalbox are not for agents.`);
}

/** Resolves the links of the part of a path that exists; what does not exist yet is appended as written. */
function resolveLinks(lexical: string, shown: string): { absolute: string; exists: boolean } {
  const missing: string[] = [];
  for (let path = lexical; ; path = dirname(path)) {
    try {
      return { absolute: join(realpathSync(path), ...missing), exists: missing.length === 0 };
    } catch (error) {
      const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
      if (!isMissing || path === dirname(path)) throw fileFault(error, shown);
      if (isLink(path)) throw new ToolFault(`${shown} is a link that leads nowhere.`);
      missing.unshift(path.slice(dirname(path).length).replace(/^[/\\]/, ""));
    }
  }
}

function isLink(path: string): boolean {
  try {
    return lstatSync(path).isSymbolicLink();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return false;
    throw error;
  }
}
