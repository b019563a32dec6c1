/** Where a repository is on disk, and who may work on it at once: what every part of the git code shares. */
import { lstat } from "node:fs/promises";
import { gitLine } from "./git.ts";
import { RepositoryError } from "./git-error.ts";
import type { Turns } from "./turns.ts";

export interface Place {
  /** The top folder of the user's working tree, without symlinks. */
  readonly root: string;
  /** The git folder of the user's working tree: its HEAD, index and unfinished merges. */
  readonly gitDir: string;
  /** The git folder that all worktrees share: objects and refs. */
  readonly commonDir: string;
  readonly turns: Turns;
}

/** What is at a path, without following a symlink. */
export async function kindOf(path: string): Promise<"missing" | "folder" | "symlink" | "file"> {
  try {
    const stat = await lstat(path);
    return stat.isSymbolicLink() ? "symlink" : stat.isDirectory() ? "folder" : "file";
  } catch (error) {
    if (isMissing(error)) return "missing";
    throw error;
  }
}

/** Whether a file system error says that there is nothing at the path. */
export function isMissing(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "ENOENT" || code === "ENOTDIR";
}

/** The branch that the user's working tree is on; null when HEAD is detached. */
export async function currentBranch(place: Place): Promise<string | null> {
  const args = ["symbolic-ref", "--quiet", "--short", "HEAD"];
  const branch = await gitLine(place.root, args, { exitCodes: [1] });
  return branch === "" ? null : branch;
}

/** Throws when the user's working tree is on one of our branches: moving it would change their files behind their back. */
export async function refuseOwnBranch(place: Place, branch: string): Promise<void> {
  if ((await currentBranch(place)) !== branch) return;
  throw new RepositoryError(
    "branch_in_use",
    `Your working tree is on ${branch}, which Signalbox moves. Switch to a branch of your own ("git switch main") and retry.`,
  );
}
