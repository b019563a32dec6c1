/**
 * A track's branch: made from the user's commit, then moved on by one merged ticket at a time. Merges happen in the object
 * database; only a compare-and-swap moves the branch. Merge commits are repeatable: the same merge is the same commit.
 */
import { writeCommit } from "./commit-writing.ts";
import { MergeConflict, MovedRef } from "./git-error.ts";
import {
  headCommit,
  isContained,
  type MergedTree,
  mergeBases,
  mergeCommits,
  mergeTrees,
  moveRef,
  moveRefAndNote,
  readRef,
  readTips,
  treeOf,
} from "./history.ts";
import { checkHunks } from "./hunk-check.ts";
import type { TakenLines } from "./lost-hunks.ts";
import { baseRef, branchRef, checkedCommit, checkedId, integrationName, ticketBranch, trackBranch } from "./names.ts";
import { type Place, refuseOwnBranch } from "./place.ts";
import { gitAt } from "./private-git.ts";
import { noTicket, noTrack, type TicketRef, trackTip } from "./ticket-branches.ts";
import { keepInTrash } from "./trash.ts";
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
      /** Lines of earlier tickets that this one has taken out on purpose. */
      readonly replaced: readonly TakenLines[];
    }
  | {
      readonly kind: "conflict";
      readonly files: readonly string[];
      /** Where git sees no conflict, but the merge would drop lines that nobody has taken out. */
      readonly lost?: readonly TakenLines[];
    }
  | { readonly kind: "merged"; readonly commit: string; readonly treeHash: string };

/** The track's tip, and the tree that merging a commit into it gives, or the files that conflict. */
export interface MergePreview {
  readonly trackCommit: string;
  readonly merged: MergedTree;
  /** Lines of earlier tickets that the ticket takes out on purpose. */
  readonly replaced: readonly TakenLines[];
}

/** Merges a commit with the track's tip in the object database, to show what would come of it. */
export function previewMerge(
  place: Place,
  merge: { readonly trackId: string; readonly commit: string },
): Promise<MergePreview> {
  return inTurn(place, merge.trackId, async () => {
    const trackBase = await readRef(place, baseRef(merge.trackId));
    const track = await trackTip(place, merge.trackId);
    const ticket = checkedCommit(merge.commit);
    const merged = await mergeTrees(place, track, ticket);
    if (merged.kind === "conflict") return { trackCommit: track, merged, replaced: [] };
    const bases = await mergeBases(place, track, ticket);
    const { replaced } = await checkHunks(place, { trackBase, track, bases, ticket, tree: merged.tree });
    return { trackCommit: track, merged, replaced };
  });
}

/**
 * Makes a track's branch at the user's commit, with the tracks that it depends on merged in. A branch of that name that stands
 * elsewhere is of an earlier log: what it holds is named in the trash, and it begins anew.
 */
export function prepareTrack(place: Place, trackId: string, dependencyTrackIds: readonly string[]) {
  return inTurn(place, trackId, async (): Promise<PreparedTrack> => {
    const branch = trackBranch(trackId);
    const present = await readRef(place, branchRef(branch));
    const base = await withDependencies(place, trackId, await headCommit(place), dependencyTrackIds);
    if (present !== null && present !== base) {
      await refuseOwnBranch(place, branch);
      if (!(await isContained(place, present, base))) await keepInTrash(place, trackId, present);
    }
    await moveRefAndNote(place, { ref: branchRef(branch), to: base, from: present }, baseRef(trackId));
    return { branch, baseCommit: base };
  });
}

/** Merges a ticket's commit with the track's tip, and checks the result out for the check. Moves no branch. */
export function stageMerge(place: Place, ticket: TicketRef & { readonly title: string }): Promise<StagedMerge> {
  return inTurn(place, ticket.trackId, async () => {
    const { trackBase, track, own } = await tipsOf(place, ticket);
    const parents = [track.commit, own.commit] as const;
    const bases = await mergeBases(place, ...parents);
    if (bases.includes(own.commit)) return mergedAlready(place, own.commit, track.commit);
    const merged = await mergeTrees(place, ...parents);
    if (merged.kind === "conflict") return merged;
    const { tree } = merged;
    const { lost, replaced } = await checkHunks(place, {
      trackBase,
      track: parents[0],
      bases,
      ticket: parents[1],
      tree,
    });
    if (lost.length > 0) return { kind: "conflict", files: [...new Set(lost.map(({ file }) => file))], lost };
    const message = `Merge ${ticket.ticketId}: ${ticket.title.replace(/\s+/g, " ").trim()}`;
    const dateSeconds = Math.max(track.dateSeconds, own.dateSeconds);
    const commit = await writeCommit(place, { tree, parents, message, dateSeconds });
    const worktree = (await checkOut(place, integrationName(ticket.trackId), commit)).path;
    const [trackCommit, ticketCommit] = parents;
    return { kind: "staged", trackCommit, ticketCommit, commit, treeHash: tree, worktree, replaced };
  });
}

async function tipsOf(place: Place, ticket: TicketRef) {
  const { trackId, ticketId } = ticket;
  const names = [
    baseRef(trackId),
    branchRef(trackBranch(trackId)),
    branchRef(ticketBranch(trackId, ticketId)),
  ] as const;
  const tips = await readTips(place, names);
  const [trackBase, track, own] = names.map((name) => tips.get(name));
  if (!track) throw noTrack(trackId);
  if (!own) throw noTicket(ticketId);
  return { trackBase: trackBase?.commit ?? null, track, own };
}

/** The merge of a ticket's tip that its track has; null when there is none. */
export function mergeOf(place: Place, ticket: TicketRef) {
  return inTurn(place, ticket.trackId, async (): Promise<{ commit: string; treeHash: string } | null> => {
    const { own, track } = await tipsOf(place, ticket);
    const commit = await mergeAbove(place, own.commit, track.commit);
    return commit === null ? null : { commit, treeHash: await treeOf(place, commit) };
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
    const moved = new MovedRef(branchRef(branch), merge.trackCommit, tip);
    // Nothing names a staged commit, so a person's `git gc` may have taken it away: it is staged anew as well.
    const isHere = async () => (await gitAt(place, ["cat-file", "-e", commit], { exitCodes: [1, 128] })).exitCode === 0;
    if (tip !== merge.trackCommit) {
      if ((await isHere()) && (await isContained(place, commit, tip))) return;
      throw moved;
    }
    try {
      await moveRef(place, branchRef(branch), commit, tip);
    } catch (error) {
      throw error instanceof MovedRef || (await isHere()) ? error : moved;
    }
  });
}

function inTurn<T>(place: Place, trackId: string, work: () => Promise<T>): Promise<T> {
  return place.turns.run(`track:${checkedId(trackId)}`, work);
}

/** A dependency without a branch has been landed and cleaned up: the user's commit has it. */
async function withDependencies(place: Place, trackId: string, head: string, dependencyTrackIds: readonly string[]) {
  let base = head;
  for (const dependencyId of dependencyTrackIds) {
    const tip = await readRef(place, branchRef(trackBranch(dependencyId)));
    if (tip === null) continue;
    const merged = await mergeCommits(place, base, tip, `Merge the track ${dependencyId} into ${trackId}`);
    if (merged.kind === "conflict")
      throw new MergeConflict(`Starting ${trackId} on top of ${dependencyId}, which it depends on,`, merged.files);
    base = merged.commit;
  }
  return base;
}

async function mergedAlready(place: Place, ticketCommit: string, trackCommit: string): Promise<StagedMerge> {
  const commit = (await mergeAbove(place, ticketCommit, trackCommit)) ?? trackCommit;
  return { kind: "merged", commit, treeHash: await treeOf(place, commit) };
}

/** The merge that brought a ticket in: the one on the track's own line whose second parent is the ticket's commit. */
async function mergeAbove(place: Place, ticketCommit: string, trackCommit: string): Promise<string | null> {
  const args = ["rev-list", "--first-parent", "--merges", "--parents", trackCommit, `^${ticketCommit}`];
  const lines = (await gitAt(place, args)).stdout.split("\n").map((line) => line.split(" "));
  return lines.find((line) => line[2] === ticketCommit)?.[0] ?? null;
}
