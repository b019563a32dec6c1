/**
 * A track's branch: made from the user's commit, then moved on by one merged ticket at a time. Merges happen in the object
 * database; only a compare-and-swap moves the branch. Merge commits are repeatable: the same merge is the same commit.
 */
import { runGit } from "./git.ts";
import { MergeConflict, MovedRef, RepositoryError } from "./git-error.ts";
import {
  isContained,
  type MergedTree,
  mergeBase,
  mergeCommits,
  mergeTrees,
  moveRef,
  readRef,
  treeOf,
  writeCommit,
} from "./history.ts";
import { baseRef, branchRef, checkedCommit, checkedId, integrationName, trackBranch } from "./names.ts";
import { type Place, refuseOwnBranch } from "./place.ts";
import { type TicketRef, ticketTip, trackTip } from "./ticket-branches.ts";
import { checkOut } from "./worktrees.ts";

export interface PreparedTrack {
  readonly branch: string;
  readonly baseCommit: string;
}

export type StagedMerge =
  | {
      readonly kind: "staged";
      readonly trackCommit: string;
      readonly ticketCommit: string;
      readonly commit: string;
      readonly treeHash: string;
      /** Where the merge commit is checked out, for the check to run. */
      readonly worktree: string;
    }
  | { readonly kind: "conflict"; readonly files: readonly string[] }
  | { readonly kind: "merged"; readonly commit: string; readonly treeHash: string };

/** The track's tip, and the tree that merging a commit into it gives, or the files that conflict. */
export interface MergePreview {
  readonly trackCommit: string;
  readonly merged: MergedTree;
}

/** Merges a commit with the track's tip in the object database, to show what would come of it. */
export function previewMerge(
  place: Place,
  merge: { readonly trackId: string; readonly commit: string },
): Promise<MergePreview> {
  return inTurn(place, merge.trackId, async () => {
    const trackCommit = await trackTip(place, merge.trackId);
    return { trackCommit, merged: await mergeTrees(place.root, trackCommit, checkedCommit(merge.commit)) };
  });
}

/** Makes a track's branch at the user's commit, with the tracks that it depends on merged in; gives it when it is there. */
export function prepareTrack(place: Place, trackId: string, dependencyTrackIds: readonly string[]) {
  return inTurn(place, trackId, async (): Promise<PreparedTrack> => {
    const branch = trackBranch(trackId);
    const present = await readRef(place.root, branchRef(branch));
    const head = await headCommit(place);
    if (present !== null) {
      const base = (await readRef(place.root, baseRef(trackId))) ?? (await mergeBase(place.root, head, present));
      return { branch, baseCommit: base ?? present };
    }
    const base = await withDependencies(place, trackId, head, dependencyTrackIds);
    await runGit(place.root, ["update-ref", baseRef(trackId), base]);
    await moveRef(place.root, branchRef(branch), base, null);
    return { branch, baseCommit: base };
  });
}

/** Merges a ticket's commit with the track's tip, and checks the result out for the check. Moves no branch. */
export function stageMerge(place: Place, ticket: TicketRef & { readonly title: string }): Promise<StagedMerge> {
  return inTurn(place, ticket.trackId, async () => {
    const trackCommit = await trackTip(place, ticket.trackId);
    const ticketCommit = await ticketTip(place, ticket);
    if (await isContained(place.root, ticketCommit, trackCommit))
      return mergedAlready(place, ticketCommit, trackCommit);
    const merged = await mergeTrees(place.root, trackCommit, ticketCommit);
    if (merged.kind === "conflict") return merged;
    const message = `Merge ${ticket.ticketId}: ${ticket.title.replace(/\s+/g, " ").trim()}`;
    const parents = [trackCommit, ticketCommit];
    const commit = await writeCommit(place.root, { tree: merged.tree, parents, message, isRepeatable: true });
    const worktree = (await checkOut(place, integrationName(ticket.trackId), commit)).path;
    return { kind: "staged", trackCommit, ticketCommit, commit, treeHash: merged.tree, worktree };
  });
}

/** Moves a track's branch from the commit that was staged on to the staged commit; throws MovedRef when it is elsewhere. */
export function publishMerge(
  place: Place,
  merge: { readonly trackId: string; readonly trackCommit: string; readonly commit: string },
): Promise<void> {
  return inTurn(place, merge.trackId, async () => {
    const branch = trackBranch(merge.trackId);
    const commit = checkedCommit(merge.commit);
    await refuseOwnBranch(place, branch);
    const tip = await trackTip(place, merge.trackId);
    if (await isContained(place.root, commit, tip)) return;
    if (tip !== merge.trackCommit) throw new MovedRef(branchRef(branch), merge.trackCommit, tip);
    await moveRef(place.root, branchRef(branch), commit, tip);
  });
}

/** The user's commit. */
export async function headCommit(place: Place): Promise<string> {
  const head = await readRef(place.root, "HEAD");
  if (head !== null) return head;
  throw noCommit();
}

/** There is nothing to branch from. */
export function noCommit(): RepositoryError {
  return new RepositoryError(
    "no_commit",
    'The present branch has no commit. Make one ("git commit --allow-empty") first.',
  );
}

function inTurn<T>(place: Place, trackId: string, work: () => Promise<T>): Promise<T> {
  return place.turns.run(`track:${checkedId(trackId)}`, work);
}

/** A dependency without a branch has been landed and cleaned up: the user's commit has it. */
async function withDependencies(place: Place, trackId: string, head: string, dependencyTrackIds: readonly string[]) {
  let base = head;
  for (const dependencyId of dependencyTrackIds) {
    const tip = await readRef(place.root, branchRef(trackBranch(dependencyId)));
    if (tip === null) continue;
    const merged = await mergeCommits(place.root, base, tip, `Merge the track ${dependencyId} into ${trackId}`);
    if (merged.kind === "conflict")
      throw new MergeConflict(`Starting ${trackId} on top of ${dependencyId}, which it depends on,`, merged.files);
    base = merged.commit;
  }
  return base;
}

/** The merge that brought a ticket in: the one on the track's own line whose second parent is the ticket's commit. */
async function mergedAlready(place: Place, ticketCommit: string, trackCommit: string): Promise<StagedMerge> {
  const args = ["rev-list", "--first-parent", "--merges", "--parents", trackCommit, `^${ticketCommit}`];
  const lines = (await runGit(place.root, args)).stdout.split("\n").map((line) => line.split(" "));
  const commit = lines.find((line) => line[2] === ticketCommit)?.[0] ?? trackCommit;
  return { kind: "merged", commit, treeHash: await treeOf(place.root, commit) };
}
