/**
 * The user's own working tree, index and branch, by a git folder of our own: no filter, driver or hook of the user's
 * configuration runs, and what is written to their files is what the repository stores.
 */
import { mkdir, readdir, readFile, readlink, rm, symlink, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type GitOptions, type GitOutput, runGit, splitNul } from "./git.ts";
import { MovedRef, nameSome } from "./git-error.ts";
import { headCommit, readRef } from "./history.ts";
import { branchRef } from "./names.ts";
import { isMissing, kindOf, type Place, userGit } from "./place.ts";
import { findGitDir, gitIn, registerWorktree, removeWorktreeFolder, type Worktree, worktreePath } from "./worktrees.ts";

/** No track's integration worktree has this name, because no id begins with an underscore. */
const viewName = "__user";

/** Runs git on the user's files and index. */
export async function gitInUserTree(
  place: Place,
  args: readonly string[],
  options: GitOptions = {},
): Promise<GitOutput> {
  const view = await userView(place);
  return gitIn(view, [...place.sparseOptions, ...args], { ...options, env: { ...place.identity, ...options.env } });
}

/** A worktree's git folder without a worktree: it has a HEAD of its own, and is used with the user's files and index. */
async function userView(place: Place): Promise<Worktree> {
  const gitDir = await place.turns.run("user-view", async () => {
    const found = (await findGitDir(place, viewName)) ?? (await makeView(place));
    await linkExtras(place, found);
    return found;
  });
  return { path: place.root, gitDir, indexFile: join(place.gitDir, "index") };
}

async function makeView(place: Place): Promise<string> {
  await removeWorktreeFolder(place, viewName);
  const gitDir = await registerWorktree(place, viewName, { commit: await headCommit(place) });
  await rm(worktreePath(place, viewName), { recursive: true, force: true });
  return gitDir;
}

/** Brings the HEAD of our view of the user's tree to a commit; theirs is not moved by it. */
export async function putViewAt(place: Place, commit: string): Promise<void> {
  const { gitDir } = await userView(place);
  if ((await readFile(join(gitDir, "HEAD"), "utf8")) === `${commit}\n`) return;
  await gitInUserTree(place, ["update-ref", "--no-deref", "HEAD", commit]);
}

/** A shared part of the user's index, and the list of what a sparse checkout holds, are looked for beside HEAD. */
async function linkExtras(place: Place, gitDir: string): Promise<void> {
  const shared = (await readdir(place.gitDir)).filter((name) => name.startsWith("sharedindex."));
  const names = place.sparseOptions.length === 0 ? shared : [...shared, join("info", "sparse-checkout")];
  for (const name of names) {
    const [link, target] = [join(gitDir, name), join(place.gitDir, name)];
    if ((await kindOf(link)) === "symlink" && (await readlink(link)) === target) continue;
    await unlink(link).catch(ignoreMissing);
    await mkdir(dirname(link), { recursive: true });
    await symlink(target, link);
  }
}

function ignoreMissing(error: unknown): void {
  if (!isMissing(error)) throw error;
}

/** Changed files that git tracks; those under `conductor/` are ours to write, and do not count. */
export async function uncleanReason(place: Place): Promise<string | null> {
  const [staged, edited] = await Promise.all([stagedFiles(place, await headCommit(place)), editedFiles(place)]);
  const theirs = [...new Set([...staged, ...edited])].filter((name) => !name.startsWith("conductor/")).sort();
  if (theirs.length === 0) return null;
  const filtered = await filteredOf(place, edited);
  const hint =
    filtered.length === 0
      ? ""
      : ` Of these, ${nameSome(filtered)} pass a filter of your git (such as git-lfs), which Signalbox does not run: if "git status" shows nothing, it has mended that.`;
  return `You have changes that are not committed: ${nameSome(theirs)}. Commit or stash them ("git stash") and retry.${hint}`;
}

/** Files that differ between the index and a commit. */
export async function stagedFiles(place: Place, commit: string, paths: readonly string[] = []): Promise<string[]> {
  const args = ["diff-index", "--cached", "--name-only", "--no-renames", "-z", commit, "--", ...paths];
  return splitNul((await gitInUserTree(place, args)).stdout);
}

/** Files that differ between the working tree and the index, those that are gone among them. */
async function editedFiles(place: Place): Promise<string[]> {
  return [...new Set(splitNul((await gitInUserTree(place, ["ls-files", "--modified", "-z"])).stdout))];
}

async function filteredOf(place: Place, names: readonly string[]): Promise<string[]> {
  if (names.length === 0) return [];
  const input = `${names.join("\0")}\0`;
  const { stdout } = await gitInUserTree(place, ["check-attr", "--stdin", "-z", "filter"], { input });
  const fields = stdout.split("\0");
  return names.filter((_, index) => !["unspecified", "unset", ""].includes(fields[index * 3 + 2] ?? ""));
}

/** Moves the user's branch from one commit to another, so that their reflog tells of it, or throws MovedRef. */
export async function moveUserBranch(
  place: Place,
  move: { readonly branch: string; readonly from: string; readonly to: string; readonly reason: string },
): Promise<void> {
  const ref = branchRef(move.branch);
  const options = { env: { ...userGit(place), ...place.identity } };
  try {
    await runGit(place.root, ["update-ref", "-m", move.reason, ref, move.to, move.from], options);
  } catch (error) {
    const found = await readRef(place, ref);
    if (found !== move.from) throw new MovedRef(ref, move.from, found);
    throw error;
  }
}
