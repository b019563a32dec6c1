/**
 * The worktrees under `.signalbox/worktrees`: makes, repairs, snapshots and removes them. Never follows a symlink, and never
 * trusts what an agent may have done to the `.git` file in one: git is always told where its folder is.
 */
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, stat, unlink, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { dirname, join, resolve } from "node:path";
import { type GitOptions, type GitOutput, runGit } from "./git.ts";
import { GitError, RepositoryError } from "./git-error.ts";
import { findObject } from "./git-objects.ts";
import { branchRef } from "./names.ts";
import { setNestedAside } from "./nested-repositories.ts";
import { isMissing, kindOf, type Place } from "./place.ts";
import { ensureStateFolder, gitAt, ownConfigOnly, stateFolder } from "./private-git.ts";

/** One worktree: its folder, and the private git folder that belongs to it. */
export interface Worktree {
  readonly path: string;
  readonly gitDir: string;
  /** Where its index is, when that is not in its git folder. */
  readonly indexFile?: string;
}

/** Adding and removing touch one list in the git folder; the checkout of files does not, and runs in parallel. */
const listTurn = "worktrees";

/** What a worktree's git folder says about where the shared one is; anything else in there was not made by us. */
const sharedFolder = "../..\n";

/** Runs git on a worktree, whatever its `.git` file says. */
export function gitIn(worktree: Worktree, args: readonly string[], options: GitOptions = {}): Promise<GitOutput> {
  const index = worktree.indexFile === undefined ? {} : { GIT_INDEX_FILE: worktree.indexFile };
  const env = { ...ownConfigOnly, GIT_DIR: worktree.gitDir, GIT_WORK_TREE: worktree.path, ...index, ...options.env };
  return runGit(worktree.path, args, { ...options, env });
}

/** The folder of a worktree, whether it exists or not. */
export function worktreePath(place: Place, name: string): string {
  return join(stateFolder(place.root), "worktrees", name);
}

/** The worktree of that name, repaired, or null; a symlink in its place is taken away, its target is not touched. */
export async function findWorktree(place: Place, name: string): Promise<Worktree | null> {
  ensureStateFolder(place.root);
  const path = worktreePath(place, name);
  const kind = await kindOf(path);
  if (kind === "missing") return null;
  if (kind !== "folder") {
    await unlink(path);
    return null;
  }
  const gitDir = await findGitDir(place, name);
  if (gitDir === null) return null;
  const worktree = { path, gitDir };
  await repair(worktree);
  return worktree;
}

type Start = { readonly branch: string } | { readonly commit: string };

/** Makes a worktree on a branch, or detached at a commit. What a crash left of an earlier one is taken away first. */
export async function addWorktree(place: Place, name: string, start: Start): Promise<Worktree> {
  await removeWorktreeFolder(place, name);
  const worktree = { path: worktreePath(place, name), gitDir: await registerWorktree(place, name, start) };
  // Of many at once the first is then ready when its files are written, not when all are.
  await place.turns.inLane("checkout", availableParallelism(), () => repair(worktree));
  return worktree;
}

/** Makes a worktree's empty folder and its git folder, which has a HEAD and no index yet; gives the latter. */
export async function registerWorktree(place: Place, name: string, start: Start): Promise<string> {
  const path = worktreePath(place, name);
  await place.turns.run(listTurn, () => {
    return isPlain(place) ? writeWorktree(place, name, start, path) : askForWorktree(place, path, start);
  });
  const gitDir = await findGitDir(place, name);
  if (gitDir !== null) return gitDir;
  throw new RepositoryError("not_ours", `git made no worktree at ${path}. Remove .signalbox/git/worktrees and retry.`);
}

/** Whether refs and worktrees are plain files. */
export function isPlain(place: Place): boolean {
  return !/refstorage = "reftable"/i.test(place.config);
}

/** The three files that `git worktree add` writes (gitrepository-layout), without its four processes. */
export async function writeWorktree(place: Place, name: string, start: Start, path: string): Promise<void> {
  const gitDir = privateFolder(place, name);
  await mkdir(path);
  await mkdir(gitDir, { recursive: true });
  await writeFile(join(gitDir, "gitdir"), `${join(path, ".git")}\n`);
  await writeFile(join(gitDir, "HEAD"), "branch" in start ? headOn(start.branch) : `${start.commit}\n`);
  // Last: a folder that a crash left half-made has no such file, and is not taken for a worktree.
  await writeFile(join(gitDir, "commondir"), sharedFolder);
}

/** Where refs are not files, only git knows where a worktree's HEAD goes. */
async function askForWorktree(place: Place, path: string, start: Start): Promise<void> {
  const target = "branch" in start ? [path, start.branch] : ["--detach", path, start.commit];
  await gitAt(place, ["worktree", "add", "--no-checkout", ...target]);
}

/** What HEAD says on a branch. */
export function headOn(branch: string): string {
  return `ref: ${branchRef(branch)}\n`;
}

/** Brings a worktree's HEAD to a branch, without a look at its files: an agent may have switched branches in there. */
export async function putOnBranch(worktree: Worktree, branch: string): Promise<void> {
  if ((await readText(join(worktree.gitDir, "HEAD"))) === headOn(branch)) return;
  await gitIn(worktree, ["symbolic-ref", "HEAD", branchRef(branch)]);
}

/** A worktree that holds exactly a commit, detached; what its `.gitignore` names is left, such as installed packages. */
export async function checkOut(place: Place, name: string, commit: string): Promise<Worktree> {
  const found = await findWorktree(place, name);
  if (found !== null) {
    try {
      return await clearedTo(found, commit);
    } catch (error) {
      // Its index or HEAD may name what a person's `git gc` has taken away; nothing in it is anybody's work.
      if (!(error instanceof GitError)) throw error;
    }
  }
  return addWorktree(place, name, { commit });
}

async function clearedTo(worktree: Worktree, commit: string): Promise<Worktree> {
  await gitIn(worktree, ["checkout", "--force", "--detach", "--quiet", commit]);
  await gitIn(worktree, ["clean", "-ffdq"]);
  return worktree;
}

/** Takes a worktree's folder and its place in git's list away; its branch stays. Keep its work by a ref first. */
export async function removeWorktreeFolder(place: Place, name: string): Promise<void> {
  ensureStateFolder(place.root);
  const path = worktreePath(place, name);
  if ((await kindOf(path)) === "symlink") await unlink(path);
  else await rm(path, { recursive: true, force: true });
  await place.turns.run(listTurn, async () => {
    await rm(privateFolder(place, name), { recursive: true, force: true });
    for (const old of await registrationsOf(place, path)) await rm(old, { recursive: true, force: true });
  });
}

/** Puts all that a worktree holds and does not ignore into its index, and gives the tree of it. */
export async function snapshotTree(place: Place, worktree: Worktree): Promise<string> {
  const known = await knownTree(place, worktree);
  const found = await setNestedAside(place, worktree.path, (args) => gitIn(worktree, args), known !== null);
  if (known !== null && found.isUnchanged) return known;
  try {
    return await addedTree(place, worktree, found.hasPointers);
  } catch (error) {
    if (!(error instanceof GitError) || worktree.indexFile !== undefined) throw error;
    // The index may name what a person's `git gc` has taken away, because no ref reaches it: all files are read anew.
    await rm(join(worktree.gitDir, "index"), { force: true });
    await gitIn(worktree, ["read-tree", "HEAD"]);
    return addedTree(place, worktree, true);
  }
}

async function addedTree(place: Place, worktree: Worktree, hasPointers: boolean): Promise<string> {
  await gitIn(worktree, ["add", "--all"]);
  const tree = (await gitIn(worktree, ["write-tree"])).stdout.trim();
  const stamp = await indexStamp(worktree);
  // git would look into a submodule to say whether it has changed.
  if (stamp !== null && !hasPointers) place.memory.indexes.set(worktree.gitDir, { stamp, tree });
  return tree;
}

/** The tree that a worktree's index holds, where it is still the very file that a tree was written from; else null. */
async function knownTree(place: Place, worktree: Worktree): Promise<string | null> {
  const known = place.memory.indexes.get(worktree.gitDir);
  if (known === undefined || known.stamp !== (await indexStamp(worktree))) return null;
  // No ref may reach it, so a person's `git gc` may have taken it away.
  return (await findObject(place, known.tree)) === null ? null : known.tree;
}

async function indexStamp(worktree: Worktree): Promise<string | null> {
  if (worktree.indexFile !== undefined) return null;
  try {
    const { ino, size, mtimeNs, ctimeNs } = await stat(join(worktree.gitDir, "index"), { bigint: true });
    return `${ino} ${size} ${mtimeNs} ${ctimeNs}`;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/** The tree of a folder that git no longer lists as a worktree, by an index that is thrown away. */
export async function snapshotOrphan(place: Place, path: string): Promise<string> {
  const folder = await mkdtemp(join(stateFolder(place.root), "index-"));
  try {
    return await snapshotTree(place, { path, gitDir: place.privateDir, indexFile: join(folder, "index") });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Where a worktree's own git folder is. */
export function privateFolder(place: Place, name: string): string {
  return join(place.privateDir, "worktrees", name);
}

/** The git folder of a worktree, when it is one that git made for us there. */
export async function findGitDir(place: Place, name: string): Promise<string | null> {
  const gitDir = privateFolder(place, name);
  if ((await kindOf(gitDir)) !== "folder" || (await kindOf(join(gitDir, "commondir"))) !== "file") return null;
  return (await readText(join(gitDir, "commondir"))) === sharedFolder ? gitDir : null;
}

/** What an earlier version of Signalbox wrote about a worktree into the user's own list. */
async function registrationsOf(place: Place, path: string): Promise<string[]> {
  const list = join(place.commonDir, "worktrees");
  const found: string[] = [];
  for (const entry of await readNames(list)) {
    const target = await readText(join(list, entry, "gitdir"));
    if (target === null) continue;
    if (await isSamePath(dirname(resolve(list, entry, target.trim())), path)) found.push(join(list, entry));
  }
  return found;
}

/** git may have written the path with or without the symlinks above the root. */
async function isSamePath(one: string, path: string): Promise<boolean> {
  if (one === path) return true;
  try {
    return join(await realpath(dirname(one)), one.slice(dirname(one).length)) === path;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** Mends what a killed git, or an agent, may have left: locks, a foreign `.git`, a checkout that was cut short. */
async function repair(worktree: Worktree): Promise<void> {
  for (const lock of ["index.lock", "HEAD.lock"]) await rm(join(worktree.gitDir, lock), { force: true });
  if ((await readText(join(worktree.gitDir, "locked")))?.startsWith("initializing"))
    await rm(join(worktree.gitDir, "locked"), { force: true });
  const pointer = join(worktree.path, ".git");
  const content = pointerTo(worktree.gitDir);
  if ((await kindOf(pointer)) !== "file" || (await readText(pointer)) !== content) {
    await rm(pointer, { recursive: true, force: true });
    await writeFile(pointer, content, { flag: "wx" });
  }
  const hasIndex = (await kindOf(join(worktree.gitDir, "index"))) === "file";
  if (!hasIndex) await gitIn(worktree, ["reset", "--hard", "--quiet"]);
}

/** What the `.git` file of a worktree says. */
export function pointerTo(gitDir: string): string {
  return `gitdir: ${gitDir}\n`;
}

async function readNames(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

async function readText(path: string): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}
