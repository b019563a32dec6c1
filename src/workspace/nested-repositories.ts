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

/** What was seen of a folder once nothing in it was a repository of its own. */
export interface SeenFolder {
  /** Whether every file is as the index has it, and none is new; never so where that was not asked for. */
  readonly isUnchanged: boolean;
  /** Whether the index holds a pointer to a repository. */
  readonly hasPointers: boolean;
}

/** Moves every `.git` below the folder into `.signalbox`, so that the files count, nothing is lost and nothing runs. */
export async function setNestedAside(
  place: Place,
  folder: string,
  git: (args: readonly string[]) => Promise<GitOutput>,
  isComparing = false,
): Promise<SeenFolder> {
  const changes = isComparing ? ["--modified", "--deleted"] : [];
  for (let depth = 0; depth < maxDepth; depth += 1) {
    const { stdout } = await git(["ls-files", "-t", "--stage", "--others", ...changes, "--exclude-standard", "-z"]);
    const rows = splitNul(stdout);
    const nested: string[] = [];
    for (const name of rows.flatMap(nestedName)) if (await hasOwnGit(folder, name)) nested.push(name);
    if (nested.length === 0)
      return {
        isUnchanged: isComparing && rows.every((row) => row.startsWith("H ")),
        hasPointers: rows.some((row) => pointer.test(row)),
      };
    for (const name of nested) {
      const kept = await mkdtemp(join(stateFolder(place.root), "nested-git-"));
      await rename(join(folder, name, ".git"), join(kept, "git"));
    }
  }
  throw new RepositoryError("nested_repository", `${folder} holds git repositories within git repositories.`);
}

/** A letter for what the row is, and of what the index has its mode, hash and stage. */
const pointer = /^[A-Z] 160000 [0-9a-f]+ \d\t(.+)$/s;

/** A pointer in the index (mode 160000), or a folder in which git does not look because it is a repository of its own. */
function nestedName(row: string): string[] {
  const name = pointer.exec(row)?.[1];
  if (name !== undefined) return [name];
  return row.startsWith("? ") && row.endsWith("/") ? [row.slice(2, -1)] : [];
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
