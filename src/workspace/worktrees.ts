/**
 * The worktrees under `.signalbox/worktrees`: makes, repairs, snapshots and removes them. Never follows a symlink, and never
 * trusts what an agent may have done to the `.git` file in one: git is always told where its folder is.
 */
import { mkdir, mkdtemp, readdir, readFile, realpath, rename, rm, unlink, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { type GitOptions, type GitOutput, gitLine, runGit, splitNul } from "./git.ts";
import { RepositoryError } from "./git-error.ts";
import { isMissing, kindOf, type Place } from "./place.ts";

/** One worktree: its folder, and the private git folder that belongs to it. */
export interface Worktree {
  readonly path: string;
  readonly gitDir: string;
}

/** Adding and removing touch one list in the git folder; the checkout of files does not, and runs in parallel. */
const listTurn = "worktrees";

/** Runs git on a worktree, whatever its `.git` file says. */
export function gitIn(worktree: Worktree, args: readonly string[], options: GitOptions = {}): Promise<GitOutput> {
  const env = { GIT_DIR: worktree.gitDir, GIT_WORK_TREE: worktree.path, ...options.env };
  return runGit(worktree.path, args, { ...options, env });
}

/** The folder of a worktree, whether it exists or not. */
export function worktreePath(place: Place, name: string): string {
  return join(stateFolder(place), "worktrees", name);
}

/** The worktree of that name, repaired, or null; a symlink in its place is taken away, its target is not touched. */
export async function findWorktree(place: Place, name: string): Promise<Worktree | null> {
  await ensureStateFolder(place);
  const path = worktreePath(place, name);
  const kind = await kindOf(path);
  if (kind === "missing") return null;
  if (kind !== "folder") {
    await unlink(path);
    return null;
  }
  const gitDir = await findGitDir(place, path);
  if (gitDir === null) return null;
  const worktree = { path, gitDir };
  await repair(worktree);
  return worktree;
}

/** Makes a worktree on a branch, or detached at a commit. What a crash left of an earlier one is taken away first. */
export async function addWorktree(place: Place, name: string, start: { branch: string } | { commit: string }) {
  const path = worktreePath(place, name);
  await removeWorktreeFolder(place, name);
  const target = "branch" in start ? [path, start.branch] : ["--detach", path, start.commit];
  await place.turns.run(listTurn, () => runGit(place.root, ["worktree", "add", "--no-checkout", ...target]));
  const gitDir = await findGitDir(place, path);
  if (gitDir === null)
    throw new RepositoryError("not_ours", `git made no worktree at ${path}. Try "git worktree list".`);
  const worktree = { path, gitDir };
  await repair(worktree);
  return worktree;
}

/** A worktree that holds exactly a commit, detached; what its `.gitignore` names is left, such as installed packages. */
export async function checkOut(place: Place, name: string, commit: string): Promise<Worktree> {
  const worktree = (await findWorktree(place, name)) ?? (await addWorktree(place, name, { commit }));
  await gitIn(worktree, ["checkout", "--force", "--detach", "--quiet", commit]);
  await gitIn(worktree, ["clean", "-ffdq"]);
  return worktree;
}

/** Takes a worktree's folder and its place in git's list away; its branch stays. Keep its work by a ref first. */
export async function removeWorktreeFolder(place: Place, name: string): Promise<void> {
  await ensureStateFolder(place);
  const path = worktreePath(place, name);
  if ((await kindOf(path)) === "symlink") await unlink(path);
  else await rm(path, { recursive: true, force: true });
  await place.turns.run(listTurn, async () => {
    if ((await findGitDir(place, path)) === null) return;
    await runGit(place.root, ["worktree", "remove", "--force", "--force", path]);
  });
}

/** Puts all that a worktree holds and does not ignore into its index, and gives the tree of it. */
export async function snapshotTree(place: Place, worktree: Worktree): Promise<string> {
  await unpackNestedRepositories(place, worktree);
  await gitIn(worktree, ["add", "--all"]);
  return (await gitIn(worktree, ["write-tree"])).stdout.trim();
}

/** The tree of a folder that git no longer lists as a worktree, by an index that is thrown away. */
export async function snapshotOrphan(place: Place, path: string): Promise<string> {
  const folder = await mkdtemp(join(stateFolder(place), "index-"));
  const env = { GIT_INDEX_FILE: join(folder, "index"), GIT_DIR: place.commonDir, GIT_WORK_TREE: path };
  try {
    await runGit(path, ["add", "--all"], { env });
    return await gitLine(path, ["write-tree"], { env });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Makes `.signalbox`, which ignores itself, and refuses to go through a symlink there. */
async function ensureStateFolder(place: Place): Promise<void> {
  const state = stateFolder(place);
  for (const folder of [state, join(state, "worktrees")]) {
    await mkdir(folder).catch(async (error: unknown) => {
      if ((await kindOf(folder)) === "missing") throw error;
    });
    if ((await kindOf(folder)) !== "folder")
      throw new RepositoryError("not_ours", `${folder} is not a folder but a link or a file. Move it away and retry.`);
  }
  const ignoreFile = join(state, ".gitignore");
  if ((await kindOf(ignoreFile)) === "missing") await writeFile(ignoreFile, "*\n");
}

function stateFolder(place: Place): string {
  return join(place.root, ".signalbox");
}

/** git names these folders itself (T-001, T-0011, ...), so the one that is ours is known by what it points back at. */
async function findGitDir(place: Place, path: string): Promise<string | null> {
  const list = join(place.commonDir, "worktrees");
  for (const entry of await readNames(list)) {
    const gitDir = join(list, entry);
    const target = await readText(join(gitDir, "gitdir"));
    if (target === null) continue;
    if (await isSamePath(dirname(resolve(gitDir, target.trim())), path)) return gitDir;
  }
  return null;
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
  const content = `gitdir: ${worktree.gitDir}\n`;
  if ((await kindOf(pointer)) !== "file" || (await readText(pointer)) !== content) {
    await rm(pointer, { recursive: true, force: true });
    await writeFile(pointer, content, { flag: "wx" });
  }
  const hasIndex = (await kindOf(join(worktree.gitDir, "index"))) === "file";
  if (!hasIndex) await gitIn(worktree, ["reset", "--hard", "--quiet"]);
}

/**
 * A scaffolding tool often runs `git init` in a new folder; git would then record a bare pointer instead of the files. The
 * nested git folder is moved into `.signalbox`, so that the files count and nothing is lost.
 */
export async function unpackNestedRepositories(place: Place, worktree: Worktree): Promise<void> {
  for (let depth = 0; depth < 10; depth += 1) {
    const { stdout } = await gitIn(worktree, ["ls-files", "--others", "--exclude-standard", "-z"]);
    const nested = splitNul(stdout).filter((name) => name.endsWith("/"));
    if (nested.length === 0) return;
    for (const name of nested) {
      const kept = await mkdtemp(join(stateFolder(place), "nested-git-"));
      await rename(join(worktree.path, name, ".git"), join(kept, "git"));
    }
  }
  throw new RepositoryError("nested_repository", `${worktree.path} holds git repositories within git repositories.`);
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
