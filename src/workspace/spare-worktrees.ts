/**
 * Worktrees that are made ahead while agents think, so that a ticket does not wait for its files: two at most, in
 * `.signalbox/spares`. One becomes a ticket's only while git finds in it exactly the files of its commit, ignored ones
 * included, and nothing else.
 */
import { lstatSync } from "node:fs";
import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isMissing, type Place } from "./place.ts";
import { stateFolder } from "./private-git.ts";
import type { Spare } from "./spares.ts";
import {
  findGitDir,
  gitIn,
  headOn,
  isPlain,
  pointerTo,
  privateFolder,
  type Worktree,
  worktreePath,
  writeWorktree,
} from "./worktrees.ts";

const mostSpares = 2;

/** Has so many spares made at a commit, one after the other, in the background. */
export function makeSpares(place: Place, commit: string, count: number): void {
  const { spares } = place;
  if (spares.ending.signal.aborted) return;
  spares.wanted = { commit, count: Math.min(count, mostSpares) };
  spares.making ??= fill(place).finally(() => {
    spares.making = null;
  });
}

async function fill(place: Place): Promise<void> {
  const { spares } = place;
  try {
    if (spares.madeCount === 0) await clear(place);
    while (isPlain(place) && spares.ready.length < spares.wanted.count) {
      const made = makeSpare(place, spares.wanted.commit).then((spare) => void spares.ready.push(spare));
      spares.coming = made;
      await made;
    }
  } catch {
    // Without a spare the ticket makes its own worktree, and says what is wrong: a full disk, say.
    spares.wanted = { commit: "", count: 0 };
  } finally {
    spares.coming = null;
  }
}

async function makeSpare(place: Place, commit: string): Promise<Spare> {
  place.spares.madeCount += 1;
  const name = `spare-${place.spares.madeCount}`;
  const path = join(folderOf(place), name);
  await mkdir(folderOf(place), { recursive: true, mode: 0o700 });
  await writeWorktree(place, name, { commit }, path);
  const worktree = { path, gitDir: privateFolder(place, name) };
  await writeFile(join(path, ".git"), pointerTo(worktree.gitDir), { flag: "wx" });
  await gitIn(worktree, ["reset", "--hard", "--quiet"], { signal: place.spares.ending.signal });
  return { name, path, commit, inode: lstatSync(path).ino };
}

/** Makes a spare the worktree of that name, on a branch that is at `commit`; null when there is none that can be trusted. */
export async function takeSpare(
  place: Place,
  name: string,
  { branch, commit }: { readonly branch: string; readonly commit: string },
): Promise<Worktree | null> {
  if (place.spares.ready.length === 0) await comingSpare(place);
  for (let spare = place.spares.ready.pop(); spare !== undefined; spare = place.spares.ready.pop()) {
    if (await isPure(place, spare, commit)) return await give(place, spare, name, branch);
    await remove(place, spare.name);
  }
  return null;
}

/** The first who finds none waits for the one that is being made: that began earlier than its own would. */
async function comingSpare({ spares }: Place): Promise<void> {
  const { coming } = spares;
  spares.coming = null;
  // Why it could not be made is said by the one that is made instead.
  await coming?.catch(() => undefined);
}

/** Whether it is the folder that was made, and holds the files of that commit, unchanged and alone. */
async function isPure(place: Place, spare: Spare, commit: string): Promise<boolean> {
  const stats = lstatSync(spare.path, { throwIfNoEntry: false });
  const gitDir = await findGitDir(place, spare.name);
  if (gitDir === null || !stats?.isDirectory() || stats.ino !== spare.inode) return false;
  const worktree = { path: spare.path, gitDir };
  if (spare.commit !== commit) await gitIn(worktree, ["reset", "--hard", "--quiet", commit]);
  const shown = ["--porcelain", "--ignored", "--untracked-files=all", "--ignore-submodules=all"];
  return (await gitIn(worktree, ["status", ...shown])).stdout === "";
}

/** A crash between these steps leaves a ticket without one of its two folders, which is made anew then. */
async function give(place: Place, spare: Spare, name: string, branch: string): Promise<Worktree> {
  const [from, worktree] = [
    privateFolder(place, spare.name),
    { path: worktreePath(place, name), gitDir: privateFolder(place, name) },
  ];
  await writeFile(join(from, "HEAD"), headOn(branch));
  await writeFile(join(from, "gitdir"), `${join(worktree.path, ".git")}\n`);
  await writeFile(join(spare.path, ".git"), pointerTo(worktree.gitDir));
  await rename(from, worktree.gitDir);
  await rename(spare.path, worktree.path);
  return worktree;
}

/** Takes away what an earlier process has left. */
async function clear(place: Place): Promise<void> {
  const known = await Promise.all([folderOf(place), join(place.privateDir, "worktrees")].map(namesIn));
  for (const name of new Set(known.flat())) if (/^spare-\d+$/.test(name)) await remove(place, name);
}

/** Makes no more, in this process; what it has made is taken away by the next one that makes any. */
export async function endSpares(place: Place): Promise<void> {
  place.spares.wanted = { commit: "", count: 0 };
  place.spares.ending.abort();
  await place.spares.making;
}

/** Takes all spares away: nothing is left to be done that could need one. */
export async function dropSpares(place: Place): Promise<void> {
  place.spares.wanted = { commit: "", count: 0 };
  await place.spares.making;
  for (const { name } of place.spares.ready.splice(0)) await remove(place, name);
}

async function remove(place: Place, name: string): Promise<void> {
  await rm(join(folderOf(place), name), { recursive: true, force: true });
  await rm(privateFolder(place, name), { recursive: true, force: true });
}

function folderOf(place: Place): string {
  return join(stateFolder(place.root), "spares");
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
