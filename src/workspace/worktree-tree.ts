/**
 * The git tree of all that is in a ticket's worktree, uncommitted files included, and what differs between two such trees.
 * Looks through an index of its own, so that no command finds its `git diff` changed; what git ignores is not looked at.
 */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { FileChange } from "../domain/gate-words.ts";
import { splitNul } from "./git.ts";
import { GitError } from "./git-error.ts";
import { checkedCommit, checkedId } from "./names.ts";
import { setNestedAside } from "./nested-repositories.ts";
import type { Place } from "./place.ts";
import { gitAt } from "./private-git.ts";
import { findWorktree, gitIn } from "./worktrees.ts";

/**
 * The tree of a ticket's worktree as it is now; null where there is no worktree. Every file is read: an index that remembers
 * times would overlook one that was changed within the second and given its old time again.
 */
export function worktreeTree(place: Place, ticketId: string): Promise<string | null> {
  return place.turns.run(`ticket:${checkedId(ticketId)}`, async () => {
    const worktree = await findWorktree(place, ticketId);
    if (worktree === null) return null;
    const index = join(worktree.gitDir, "signalbox-index");
    const env = { GIT_INDEX_FILE: index };
    for (const old of [index, `${index}.lock`]) await rm(old, { force: true });
    await gitIn(worktree, ["read-tree", "HEAD"], { env });
    await setNestedAside(place, worktree.path, (args) => gitIn(worktree, args, { env }));
    // A file that nobody may read, the command neither, keeps no card from opening.
    await gitIn(worktree, ["-c", "core.fileMode=true", "add", "--all", "--ignore-errors"], { env, exitCodes: [1] });
    return (await gitIn(worktree, ["write-tree"], { env })).stdout.trim();
  });
}

/** The files that differ between two trees; none where git no longer has the older one. */
export async function treeChanges(place: Place, from: string, to: string): Promise<FileChange[]> {
  const plain = ["diff-tree", "-r", "-z", "--no-renames", "--no-ext-diff", "--no-textconv"];
  const trees = [checkedCommit(from), checkedCommit(to)];
  try {
    const [raw, numbers] = await Promise.all([
      gitAt(place, [...plain, "--raw", ...trees]),
      gitAt(place, [...plain, "--numstat", ...trees]),
    ]);
    const rows = splitNul(raw.stdout);
    const counts = new Map(splitNul(numbers.stdout).map(lineCounts));
    return rows.flatMap((row, index) => (row.startsWith(":") ? [fileChange(row, rows[index + 1] ?? "", counts)] : []));
  } catch (error) {
    if (error instanceof GitError) return [];
    throw error;
  }
}

type Counts = ReadonlyMap<string, readonly [number, number]>;

/** A binary file counts as "-" in git's table: no lines. */
function lineCounts(row: string): [string, readonly [number, number]] {
  const [insertions = "", deletions = "", ...name] = row.split("\t");
  return [name.join("\t"), [Number(insertions) || 0, Number(deletions) || 0]];
}

/** git's raw row: `:<old mode> <new mode> <old hash> <new hash> <status letter>`. */
function fileChange(row: string, file: string, counts: Counts): FileChange {
  const [, , before = "", after = "", letter = ""] = row.split(" ");
  const [insertions, deletions] = counts.get(file) ?? [0, 0];
  const kind = letter === "A" ? "added" : letter === "D" ? "deleted" : before === after ? "mode" : "changed";
  return { file, kind, insertions, deletions };
}
