/** Finds the project of a call: the git root of `--project DIR` or of the current folder. Changes nothing. */
import { realpath, stat } from "node:fs/promises";
import { basename, join, resolve, sep } from "node:path";
import { checkGitVersion, gitLine, runGit } from "../workspace/git.ts";
import { GitError, RepositoryError } from "../workspace/git-error.ts";
import { CliError, failure, usageError } from "./cli-error.ts";
import type { World } from "./world.ts";

export interface Project {
  readonly root: string;
  readonly name: string;
  /** Where Signalbox keeps its state: `.signalbox/` at the root. */
  readonly stateDir: string;
}

/** The project that `--project` or the current folder names; exit 2 with what to do when it is no git repository. */
export async function findProject(option: string | undefined, world: World): Promise<Project> {
  const folder = resolve(world.cwd, option ?? ".");
  await checkFolder(folder);
  return projectAt(await gitRoot(folder));
}

/** The project, when it also has a commit to start from and a git that is recent enough. */
export async function findWorkingProject(option: string | undefined, world: World): Promise<Project> {
  const folder = resolve(world.cwd, option ?? ".");
  await checkFolder(folder);
  // Side by side, because a start waits for it; what is wrong is told in this order.
  const [found, version] = await Promise.allSettled([workingRoot(folder), checkGitVersion(folder)]);
  if (found.status === "rejected") throw found.reason;
  if (version.status === "rejected") return rethrowAsCliError(version.reason);
  const project = projectAt(found.value.root);
  if (found.value.hasCommit) return project;
  throw usageError(
    `The repository ${project.root} has no commit yet, so there is nothing to branch from. Make one: git add -A && git commit -m "Start".`,
  );
}

/** The root and whether there is a commit, by one question; where git has an objection, the root alone is asked for, with words. */
async function workingRoot(folder: string): Promise<{ readonly root: string; readonly hasCommit: boolean }> {
  const args = ["rev-parse", "--show-toplevel", "HEAD^{commit}"];
  const output = await runGit(folder, args, { exitCodes: [128] }).catch(() => null);
  const root = /^(.+)\n[0-9a-f]{40,64}\n$/s.exec(output?.stdout ?? "")?.[1];
  if (output?.exitCode !== 0 || root === undefined) return { root: await gitRoot(folder), hasCommit: false };
  return { root: await rootAround(folder, root), hasCommit: true };
}

function projectAt(root: string): Project {
  return { root, name: basename(root), stateDir: join(root, ".signalbox") };
}

async function checkFolder(folder: string): Promise<void> {
  const found = await stat(folder).catch(() => null);
  if (!found)
    throw usageError(`The folder ${folder} does not exist, or you may not open it. Give --project another one.`);
  if (!found.isDirectory()) throw usageError(`${folder} is not a folder. Give --project the project's folder.`);
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
