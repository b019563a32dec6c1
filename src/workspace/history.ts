/**
 * Commits, trees and refs by plumbing alone: nothing here looks at or touches a working tree, an index or a hook.
 */
import { gitLine, runGit, splitNul } from "./git.ts";
import { MovedRef } from "./git-error.ts";

export type MergedTree =
  | { readonly kind: "clean"; readonly tree: string }
  | { readonly kind: "conflict"; readonly files: readonly string[] };

export interface NewCommit {
  readonly tree: string;
  readonly parents: readonly string[];
  readonly message: string;
  /** Dated by its youngest parent, so that making it again after a crash gives the same commit. */
  readonly isRepeatable?: boolean;
}

/** The commit that a ref points at, or null when there is no such ref. */
export async function readRef(root: string, ref: string): Promise<string | null> {
  const args = ["rev-parse", "--verify", "--quiet", `${ref}^{commit}`];
  const { stdout, exitCode } = await runGit(root, args, { exitCodes: [1] });
  return exitCode === 0 ? stdout.trim() : null;
}

/** Moves a ref from one commit to another (null: it does not exist yet) or throws MovedRef; never overwrites another's move. */
export async function moveRef(root: string, ref: string, to: string, from: string | null): Promise<void> {
  const nothing = "0".repeat(to.length);
  try {
    await runGit(root, ["update-ref", ref, to, from ?? nothing]);
  } catch (error) {
    const found = await readRef(root, ref);
    if (found !== from) throw new MovedRef(ref, from, found);
    throw error;
  }
}

/** Whether `older` is `younger` or one of its ancestors. */
export async function isContained(root: string, older: string, younger: string): Promise<boolean> {
  if (older === younger) return true;
  const args = ["merge-base", "--is-ancestor", older, younger];
  return (await runGit(root, args, { exitCodes: [1] })).exitCode === 0;
}

/** The best common ancestor, or null for histories that share none. */
export async function mergeBase(root: string, one: string, other: string): Promise<string | null> {
  const { stdout, exitCode } = await runGit(root, ["merge-base", one, other], { exitCodes: [1] });
  return exitCode === 0 ? stdout.trim() : null;
}

/** The hash of a commit's tree. */
export function treeOf(root: string, commit: string): Promise<string> {
  return gitLine(root, ["rev-parse", "--verify", `${commit}^{tree}`]);
}

/** The message of a commit. */
export async function messageOf(root: string, commit: string): Promise<string> {
  return gitLine(root, ["rev-list", "--no-commit-header", "--format=%B", "--no-walk", commit]);
}

/** Merges two commits into a tree, in the object database only. */
export async function mergeTrees(root: string, ours: string, theirs: string): Promise<MergedTree> {
  const args = ["merge-tree", "--write-tree", "--name-only", "--no-messages", "-z", ours, theirs];
  const { stdout, exitCode } = await runGit(root, args, { exitCodes: [1] });
  const [tree = "", ...files] = splitNul(stdout);
  return exitCode === 0 ? { kind: "clean", tree } : { kind: "conflict", files };
}

/** Writes a commit object as the user, or as Signalbox where git does not know the user. No ref moves. */
export async function writeCommit(root: string, commit: NewCommit): Promise<string> {
  const env = { ...(await identity(root)), ...(commit.isRepeatable === true ? await dates(root, commit.parents) : {}) };
  const parents = commit.parents.flatMap((parent) => ["-p", parent]);
  return gitLine(root, ["commit-tree", commit.tree, ...parents, "-F", "-"], { env, input: `${commit.message}\n` });
}

/** The environment that names the committer: empty where the user's own git configuration does. */
export async function identity(root: string): Promise<Record<string, string>> {
  const args = ["config", "--name-only", "--get-regexp", "^user\\.(name|email)$"];
  const { stdout } = await runGit(root, args, { exitCodes: [1] });
  if (stdout.includes("user.name") && stdout.includes("user.email")) return {};
  const name = "Signalbox";
  const email = "signalbox@localhost";
  return { GIT_AUTHOR_NAME: name, GIT_AUTHOR_EMAIL: email, GIT_COMMITTER_NAME: name, GIT_COMMITTER_EMAIL: email };
}

/** Merges `theirs` into `ours` as a repeatable two-parent commit; a commit that contains the other already is the answer itself. */
export async function mergeCommits(
  root: string,
  ours: string,
  theirs: string,
  message: string,
): Promise<{ readonly kind: "clean"; readonly commit: string } | Extract<MergedTree, { kind: "conflict" }>> {
  if (await isContained(root, theirs, ours)) return { kind: "clean", commit: ours };
  if (await isContained(root, ours, theirs)) return { kind: "clean", commit: theirs };
  const merged = await mergeTrees(root, ours, theirs);
  if (merged.kind === "conflict") return merged;
  const commit = { tree: merged.tree, parents: [ours, theirs], message, isRepeatable: true };
  return { kind: "clean", commit: await writeCommit(root, commit) };
}

async function dates(root: string, parents: readonly string[]): Promise<Record<string, string>> {
  const args = ["rev-list", "--no-commit-header", "--format=%ct", "--no-walk", ...parents];
  const seconds = (await gitLine(root, args)).split("\n").map(Number);
  const date = `@${Math.max(...seconds)} +0000`;
  return { GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date };
}
