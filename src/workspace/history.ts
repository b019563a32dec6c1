/**
 * Commits, trees and refs by plumbing alone: nothing here looks at or touches a working tree, an index or a hook.
 */
import { commitFacts, walkToBase } from "./commit-walk.ts";
import { writeCommit } from "./commit-writing.ts";
import { splitNul } from "./git.ts";
import type { Taker } from "./git-conversation.ts";
import { MovedRef } from "./git-error.ts";
import { findObject } from "./git-objects.ts";
import { branchRef } from "./names.ts";
import { headSpot, noCommit, type Place } from "./place.ts";
import { gitAt, lastingPlace } from "./private-git.ts";

export type MergedTree =
  | { readonly kind: "clean"; readonly tree: string }
  | { readonly kind: "conflict"; readonly files: readonly string[] };

/** The commit that a ref points at, or null when there is no such ref. */
export async function readRef(place: Place, ref: string): Promise<string | null> {
  return (await findObject(place, `${ref}^{commit}`))?.hash ?? null;
}

/** The commit that the user's working tree is on; throws when there is none. */
export async function headCommit(place: Place): Promise<string> {
  const spot = await headSpot(place);
  const commit = await readRef(place, "branch" in spot ? branchRef(spot.branch) : spot.commit);
  if (commit !== null) return commit;
  throw noCommit();
}

/** A ref's commit, and the second in which it was made. */
export interface Tip {
  readonly commit: string;
  readonly dateSeconds: number;
}

/** The commits of several refs, by their full names; a ref that does not exist is not in it. */
export async function readTips(place: Place, refs: readonly string[]): Promise<ReadonlyMap<string, Tip>> {
  const tips = new Map<string, Tip>();
  for (const ref of refs) {
    const commit = await readRef(place, ref);
    if (commit !== null) tips.set(ref, { commit, dateSeconds: (await commitFacts(place, commit)).dateSeconds });
  }
  return tips;
}

/** Moves a ref from one commit to another (null: it does not exist yet) or throws MovedRef; never overwrites another's move. */
export async function moveRef(place: Place, ref: string, to: string, from: string | null): Promise<void> {
  await moveRefWith(place, { ref, to, from }, []);
}

/** The same, and sets another ref to that commit, wherever it is: both or none. */
export async function moveRefAndNote(
  place: Place,
  move: { readonly ref: string; readonly to: string; readonly from: string | null },
  note: string,
): Promise<void> {
  await moveRefWith(place, move, [`update ${note} ${move.to}`]);
}

async function moveRefWith(
  place: Place,
  { ref, to, from }: Parameters<typeof moveRefAndNote>[1],
  others: readonly string[],
): Promise<void> {
  try {
    await writeRefs(place, [...others, `update ${ref} ${to} ${from ?? "0".repeat(to.length)}`]);
  } catch (error) {
    const found = await readRef(place, ref);
    if (found !== from) throw new MovedRef(ref, from, found);
    throw error;
  }
}

/** One transaction. Our own names of refs hold no blank and no quote, so a line is never read as two. */
async function writeRefs(place: Place, lines: readonly string[]): Promise<void> {
  await place.talks.refs.ask(lastingPlace(place), `start\n${lines.join("\n")}\ncommit\n`, takeCommitted);
}

const takeCommitted: Taker<true> = (bytes) => (bytes.includes("commit: ok\n") ? { answer: true } : null);

/** Whether `older` is `younger` or one of its ancestors. */
export async function isContained(place: Place, older: string, younger: string): Promise<boolean> {
  if (older === younger) return true;
  const bases = await walkToBase(place, older, younger);
  if (bases !== null) return bases.includes(older);
  const args = ["merge-base", "--is-ancestor", older, younger];
  return (await gitAt(place, args, { exitCodes: [1] })).exitCode === 0;
}

/** The best common ancestor, or null for histories that share none. */
export async function mergeBase(place: Place, one: string, other: string): Promise<string | null> {
  return (await mergeBases(place, one, other))[0] ?? null;
}

/** Every best common ancestor: more than one where two lines have been merged into each other. */
export async function mergeBases(place: Place, one: string, other: string): Promise<string[]> {
  const bases = await walkToBase(place, one, other);
  if (bases !== null) return bases;
  const { stdout } = await gitAt(place, ["merge-base", "--all", one, other], { exitCodes: [1] });
  return stdout.split("\n").filter((line) => line !== "");
}

/** The hash of a commit's tree. */
export async function treeOf(place: Place, commit: string): Promise<string> {
  return (await commitFacts(place, commit)).tree;
}

/** The message of a commit. */
export async function messageOf(place: Place, commit: string): Promise<string> {
  return (await commitFacts(place, commit)).message;
}

/** Merges two commits into a tree, in the object database only. */
export async function mergeTrees(place: Place, ours: string, theirs: string): Promise<MergedTree> {
  // Nobody else has moved on: the merge is what `theirs` is.
  if (await isContained(place, ours, theirs)) return { kind: "clean", tree: await treeOf(place, theirs) };
  const key = `${ours} ${theirs}`;
  const known = place.memory.merges.get(key);
  // Nothing names the tree, so a person's `git gc` may have taken it away.
  if (known !== undefined && (await findObject(place, known)) !== null) return { kind: "clean", tree: known };
  const args = ["merge-tree", "--write-tree", "--name-only", "--no-messages", "-z", ours, theirs];
  const { stdout, exitCode } = await gitAt(place, args, { exitCodes: [1] });
  const [tree = "", ...files] = splitNul(stdout);
  if (exitCode !== 0) return { kind: "conflict", files };
  place.memory.merges.set(key, tree);
  return { kind: "clean", tree };
}

/** Merges `theirs` into `ours` as a repeatable two-parent commit; a commit that contains the other already is the answer itself. */
export async function mergeCommits(
  place: Place,
  ours: string,
  theirs: string,
  message: string,
): Promise<{ readonly kind: "clean"; readonly commit: string } | Extract<MergedTree, { kind: "conflict" }>> {
  if (await isContained(place, theirs, ours)) return { kind: "clean", commit: ours };
  if (await isContained(place, ours, theirs)) return { kind: "clean", commit: theirs };
  const merged = await mergeTrees(place, ours, theirs);
  if (merged.kind === "conflict") return merged;
  const commit = { tree: merged.tree, parents: [ours, theirs], message, isRepeatable: true };
  return { kind: "clean", commit: await writeCommit(place, commit) };
}
