/** Where a repository is on disk, and who may work on it at once: what every part of the git code shares. */
import { lstat, readFile } from "node:fs/promises";
import { join } from "node:path";
import { gitLine } from "./git.ts";
import { RepositoryError } from "./git-error.ts";
import type { GitMemory } from "./git-memory.ts";
import type { Spares } from "./spares.ts";
import type { Talks } from "./talks.ts";
import type { Turns } from "./turns.ts";
import type { UserSettings } from "./user-settings.ts";

/** What git says of a repository when it is found. */
export interface RepositoryFacts {
  readonly gitDir: string;
  readonly commonDir: string;
  readonly settings: UserSettings;
}

export interface Place {
  /** The top folder of the user's working tree, without symlinks. */
  readonly root: string;
  /** The git folder of the user's working tree: its HEAD, index and unfinished merges. */
  readonly gitDir: string;
  /** The git folder that all worktrees share: objects and refs. */
  readonly commonDir: string;
  /** The git folder of our own, with our own configuration: see `private-git.ts`. */
  readonly privateDir: string;
  /** The whole text of that configuration. */
  readonly config: string;
  /** The environment that names the committer. */
  readonly identity: Readonly<Record<string, string>>;
  /** Options for git on the user's working tree, where only a part of it is checked out. */
  readonly sparseOptions: readonly string[];
  readonly turns: Turns;
  /** The gits that stay, and what is known for good. */
  readonly talks: Talks;
  readonly memory: GitMemory;
  readonly spares: Spares;
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

/** Where the user's HEAD is: on a branch, or detached at a commit. */
export type HeadSpot = { readonly branch: string } | { readonly commit: string };

/** Where the user's HEAD is, as its file says. */
export async function headSpot(place: Place): Promise<HeadSpot> {
  const text = await readFile(join(place.gitDir, "HEAD"), "utf8");
  const commit = /^([0-9a-f]{40}|[0-9a-f]{64})\n$/.exec(text)?.[1];
  if (commit !== undefined) return { commit };
  const named = /^ref: refs\/heads\/(.+)\n$/.exec(text)?.[1];
  // The only refs in files that are named otherwise are those of a storage that keeps HEAD elsewhere.
  if (named !== undefined && named !== ".invalid") return { branch: named };
  const options = { env: userGit(place), exitCodes: [1] };
  const branch = await gitLine(place.root, ["symbolic-ref", "--quiet", "--short", "HEAD"], options);
  if (branch !== "") return { branch };
  return { commit: await gitLine(place.root, ["rev-parse", "--verify", "--quiet", "HEAD"], options) };
}

/** The branch that the user's working tree is on; null when HEAD is detached. */
export async function currentBranch(place: Place): Promise<string | null> {
  const spot = await headSpot(place);
  return "branch" in spot ? spot.branch : null;
}

/** The environment for the few commands that are about the user's own HEAD and branch; none of them looks at a file. */
export function userGit(place: Place): Record<string, string> {
  return { GIT_DIR: place.gitDir, GIT_WORK_TREE: place.root };
}

/** There is nothing to branch from. */
export function noCommit(): RepositoryError {
  return new RepositoryError(
    "no_commit",
    'The present branch has no commit. Make one ("git commit --allow-empty") first.',
  );
}

/** Throws when the user's working tree is on one of our branches: moving it would change their files behind their back. */
export async function refuseOwnBranch(place: Place, branch: string): Promise<void> {
  if ((await currentBranch(place)) !== branch) return;
  throw new RepositoryError(
    "branch_in_use",
    `Your working tree is on ${branch}, which Signalbox moves. Switch to a branch of your own ("git switch main") and retry.`,
  );
}
