/** Finds the project of a call: the git root of `--project DIR` or of the current folder. Changes nothing. */
import { type Stats, statSync } from "node:fs";
import { realpath } from "node:fs/promises";
import { basename, join, resolve, sep } from "node:path";
import { checkGitVersion, gitLine, runGit } from "../workspace/git.ts";
import { GitError, RepositoryError } from "../workspace/git-error.ts";
import type { RepositoryFacts } from "../workspace/place.ts";
import { readUserSettings } from "../workspace/user-settings.ts";
import { CliError, failure, usageError } from "./cli-error.ts";
import type { World } from "./world.ts";

export interface Project {
  readonly root: string;
  readonly name: string;
  /** Where Signalbox keeps its state: `.signalbox/` at the root. */
  readonly stateDir: string;
  /** What git said of it when it was found: a start does not ask twice. */
  readonly git?: RepositoryFacts;
}

/** The project that `--project` or the current folder names; exit 2 with what to do when it is no git repository. */
export async function findProject(option: string | undefined, world: World): Promise<Project> {
  const folder = resolve(world.cwd, option ?? ".");
  checkFolder(folder);
  return projectAt(await gitRoot(folder));
}

/** The project, when it also has a commit to start from and a git that is recent enough. */
export async function findWorkingProject(option: string | undefined, world: World): Promise<Project> {
  const folder = resolve(world.cwd, option ?? ".");
  checkFolder(folder);
  // Side by side, because a start waits for it; what is wrong is told in this order.
  const [found, version, settings] = await Promise.allSettled([
    workingRoot(folder),
    checkGitVersion(folder),
    readUserSettings(folder),
  ]);
  if (found.status === "rejected") throw found.reason;
  if (version.status === "rejected") return rethrowAsCliError(version.reason);
  if (settings.status === "rejected") return rethrowAsCliError(settings.reason);
  const { root, hasCommit, gitFolders } = found.value;
  const project = projectAt(root);
  if (hasCommit) return gitFolders ? { ...project, git: { ...gitFolders, settings: settings.value } } : project;
  throw usageError(
    `The repository ${project.root} has no commit yet, so there is nothing to branch from. Make one: git add -A && git commit -m "Start".`,
  );
}

interface Found {
  readonly root: string;
  readonly hasCommit: boolean;
  readonly gitFolders?: Omit<RepositoryFacts, "settings">;
}

/** The root, the git folders and whether there is a commit, by one question; where git objects, the root alone is asked for, with words. */
async function workingRoot(folder: string): Promise<Found> {
  const wanted = ["--git-dir", "--git-common-dir", "--show-toplevel", "HEAD^{commit}"];
  const args = ["rev-parse", "--path-format=absolute", ...wanted];
  const output = await runGit(folder, args, { exitCodes: [128] }).catch(() => null);
  const [, gitDir, commonDir, root] = /^(.+)\n(.+)\n(.+)\n[0-9a-f]{40,64}\n$/.exec(output?.stdout ?? "") ?? [];
  const hasCommit = output?.exitCode === 0;
  if (!hasCommit || !gitDir || !commonDir || !root) return { root: await gitRoot(folder), hasCommit };
  return { root: await rootAround(folder, root), hasCommit, gitFolders: { gitDir, commonDir } };
}

function projectAt(root: string): Project {
  return { root, name: basename(root), stateDir: join(root, ".signalbox") };
}

function checkFolder(folder: string): void {
  const found = foundAt(folder);
  if (!found)
    throw usageError(`The folder ${folder} does not exist, or you may not open it. Give --project another one.`);
  if (!found.isDirectory()) throw usageError(`${folder} is not a folder. Give --project the project's folder.`);
}

function foundAt(folder: string): Stats | null {
  try {
    return statSync(folder);
  } catch (error) {
    // Whatever keeps us from looking at it keeps us from working in it.
    if (error instanceof Error && "code" in error) return null;
    throw error;
  }
}

async function gitRoot(folder: string): Promise<string> {
  try {
    const root = await gitLine(folder, ["rev-parse", "--show-toplevel"]);
    if (root !== "") return await rootAround(folder, root);
  } catch (error) {
    if (!(error instanceof GitError)) return rethrowAsCliError(error);
    if (/dubious ownership/.test(error.stderr)) {
      const message = `git does not trust ${folder}, because it belongs to another user. If it is yours: git config --global --add safe.directory ${folder}`;
      throw new CliError("unsafe_owner", 2, message, { cause: error });
    }
    if (/must be run in a work tree/.test(error.stderr)) {
      throw usageError(`${folder} is a bare git repository, without files to work on. Give a clone of it.`);
    }
  }
  throw usageError(
    `${folder} is not in a git repository. Run "git init" there and commit once, or give --project DIR.`,
  );
}

/** A repository's own configuration can name any folder as its working tree: one that we do not stand in is not meant. */
async function rootAround(folder: string, root: string): Promise<string> {
  const [inner, outer] = await Promise.all([realpath(folder), realpath(root)]);
  if (inner === outer || inner.startsWith(`${outer}${sep}`)) return root;
  throw usageError(
    `The git repository at ${folder} says that its files are in ${root} (core.worktree in its configuration). If that is right, give --project ${root}.`,
  );
}

function rethrowAsCliError(error: unknown): never {
  if (error instanceof RepositoryError) throw failure(error.code, error.message, { cause: error });
  throw error;
}
