/**
 * `.signalbox/git`: a git folder of our own, whose objects and refs are links to the user's, and whose configuration is ours
 * alone. Filters, drivers, hooks and aliases that the repository's configuration names are unknown to a git that runs here.
 * A command of a worker can read it and not write it.
 */
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { type GitOptions, type GitOutput, gitLine, runGit } from "./git.ts";
import type { GitPlace } from "./git-conversation.ts";
import { RepositoryError } from "./git-error.ts";
import { isMissing, type Place } from "./place.ts";

/** Nothing but the configuration of the git folder itself is read. */
export const ownConfigOnly = {
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_ATTR_NOSYSTEM: "1",
  GIT_NO_REPLACE_OBJECTS: "1",
} as const;

/** Runs git on the repository's objects and refs, without a working tree. */
export function gitAt(place: Place, args: readonly string[], options: GitOptions = {}): Promise<GitOutput> {
  return runGit(place.root, args, { ...options, env: ownEnvironment(place, options) });
}

/** The output of such a command whose output is one line. */
export function lineAt(place: Place, args: readonly string[], options: GitOptions = {}): Promise<string> {
  return gitLine(place.root, args, { ...options, env: ownEnvironment(place, options) });
}

/** Where a git that stays is started, and looks. */
export function lastingPlace(place: Place): GitPlace {
  return { folder: place.root, env: ownEnvironment(place, {}), stamp: packedStamp(place) };
}

/**
 * Git tells an old file of packed refs from a new one by seconds, size and inode, and file systems give an inode out again
 * at once: packed twice in one second, it would be taken for what it was. Here it is told by nanoseconds.
 */
function packedStamp({ commonDir }: Place): string {
  const found = statSync(join(commonDir, "packed-refs"), { bigint: true, throwIfNoEntry: false });
  return found ? `${found.ino} ${found.size} ${found.mtimeNs} ${found.ctimeNs}` : "";
}

/** Whether the private git folder is where it was made. */
export function isPrivateGitThere(place: Place): boolean {
  return kindNow(stateFolder(place.root)) === "folder" && kindNow(join(place.privateDir, "config")) === "other";
}

function ownEnvironment(place: Place, options: GitOptions) {
  // Somebody may have removed the state folder, or put a link in its place, since it was opened.
  if (!isPrivateGitThere(place)) ensurePrivateGit(place);
  return { ...ownConfigOnly, ...place.identity, GIT_DIR: place.privateDir, ...options.env };
}

/** Where Signalbox keeps its state. */
export function stateFolder(root: string): string {
  return join(root, ".signalbox");
}

/** Makes `.signalbox`, which ignores itself, and refuses to go through a symlink there. */
export function ensureStateFolder(root: string): void {
  const state = stateFolder(root);
  for (const folder of [state, join(state, "worktrees")]) {
    if (kindNow(folder) === "missing") mkdirSync(folder, { mode: 0o700 });
    if (kindNow(folder) !== "folder")
      throw new RepositoryError("not_ours", `${folder} is not a folder but a link or a file. Move it away and retry.`);
  }
  const ignoreFile = join(state, ".gitignore");
  if (kindNow(ignoreFile) === "missing") writeFileSync(ignoreFile, "*\n");
}

/** Makes the private git folder, or mends whatever of it is not exactly as we would make it. */
export function ensurePrivateGit(place: Place): void {
  ensureStateFolder(place.root);
  if (!isCurrent(place)) build(place);
}

/** git wants a HEAD below refs/heads; this one is on a branch that never exists, so that it holds no branch back. */
const head = "ref: refs/heads/signalbox/none\n";
const sharedNames = ["objects", "refs", "packed-refs", "reftable", "shallow"] as const;
const folders = ["info", "worktrees"] as const;
const names: ReadonlySet<string> = new Set([...sharedNames, ...folders, "HEAD", "config"]);

/** A folder that a stranger's repository brought along could hold a `commondir` or a `config` of its own: nothing else may be in it. */
function isCurrent(place: Place): boolean {
  const folder = place.privateDir;
  if (kindNow(folder) !== "folder" || readdirSync(folder).some((name) => !names.has(name))) return false;
  return (
    links(place).every(([name, target]) => linkTarget(join(folder, name)) === target) &&
    folders.every((name) => kindNow(join(folder, name)) === "folder") &&
    readdirSync(join(folder, "info")).every((name) => name === "exclude") &&
    textOf(join(folder, "HEAD")) === head &&
    textOf(join(folder, "config")) === place.config
  );
}

function build(place: Place): void {
  const folder = place.privateDir;
  if (kindNow(folder) !== "folder") rmSync(folder, { force: true });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const name of readdirSync(folder))
    if (name !== "worktrees" || kindNow(join(folder, name)) !== "folder")
      rmSync(join(folder, name), { recursive: true, force: true });
  for (const name of folders) mkdirSync(join(folder, name), { recursive: true });
  for (const [name, target] of links(place)) symlinkSync(target, join(folder, name));
  writeFileSync(join(folder, "HEAD"), head);
  // Last and at once: a folder that a crash left half-made has no such file, and is made anew.
  writeFileSync(join(folder, "config.new"), place.config);
  renameSync(join(folder, "config.new"), join(folder, "config"));
}

/** Where a file is not there yet the link dangles until git makes it: git follows links when it replaces such a file. */
function links(place: Place): [string, string][] {
  const shared = sharedNames.map((name): [string, string] => [name, join(place.commonDir, name)]);
  return [...shared, ["info/exclude", join(place.commonDir, "info", "exclude")]];
}

function kindNow(path: string): "missing" | "folder" | "other" {
  try {
    return lstatSync(path).isDirectory() ? "folder" : "other";
  } catch (error) {
    if (isMissing(error)) return "missing";
    throw error;
  }
}

function linkTarget(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    // Missing, or no link: in both cases it is not what we would make.
    return null;
  }
}

/** The text of a plain file; null for anything else, a link or a pipe among it. */
function textOf(path: string): string | null {
  if (kindNow(path) === "missing" || !lstatSync(path).isFile()) return null;
  return readFileSync(path, "utf8");
}

/** The private git folder of a project. */
export function privateGitFolder(root: string): string {
  return join(stateFolder(root), "git");
}
