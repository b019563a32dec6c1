/**
 * Git repositories inside a worktree. git would record a bare pointer instead of their files, and where the pointer is in its
 * index already (a submodule) it would run in there, with a configuration that a worker has written.
 */
import { mkdtemp, rename } from "node:fs/promises";
import { join } from "node:path";
import { type GitOutput, splitNul } from "./git.ts";
import { RepositoryError } from "./git-error.ts";
import { kindOf, type Place } from "./place.ts";
import { stateFolder } from "./private-git.ts";

/** A repository in a repository in a repository: deeper than this nobody means it. */
const maxDepth = 10;

/** Moves every `.git` below the folder into `.signalbox`, so that the files count, nothing is lost and nothing runs. */
export async function setNestedAside(
  place: Place,
  folder: string,
  git: (args: readonly string[]) => Promise<GitOutput>,
): Promise<void> {
  for (let depth = 0; depth < maxDepth; depth += 1) {
    const { stdout } = await git(["ls-files", "--stage", "--others", "--exclude-standard", "-z"]);
    const nested: string[] = [];
    for (const name of splitNul(stdout).flatMap(nestedName)) if (await hasOwnGit(folder, name)) nested.push(name);
    if (nested.length === 0) return;
    for (const name of nested) {
      const kept = await mkdtemp(join(stateFolder(place.root), "nested-git-"));
      await rename(join(folder, name, ".git"), join(kept, "git"));
    }
  }
  throw new RepositoryError("nested_repository", `${folder} holds git repositories within git repositories.`);
}

/** A pointer in the index (mode 160000), or a folder in which git does not look because it is a repository of its own. */
function nestedName(entry: string): string[] {
  const pointer = /^160000 [0-9a-f]+ \d\t(.+)$/s.exec(entry)?.[1];
  if (pointer !== undefined) return [pointer];
  return entry.endsWith("/") ? [entry.slice(0, -1)] : [];
}

/** Whether there is a `.git` that no symlink on the way leads to. */
async function hasOwnGit(folder: string, name: string): Promise<boolean> {
  let path = folder;
  for (const part of name.split("/")) {
    path = join(path, part);
    if ((await kindOf(path)) !== "folder") return false;
  }
  return (await kindOf(join(path, ".git"))) !== "missing";
}
