/**
 * A ticket's branch and worktree through its attempts. Every step looks at the refs first and changes files before refs,
 * so that doing it again after a crash at any point ends in the same place.
 */
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { type CommitDiff, diffCommits } from "./commit-diff.ts";
import { writeCommit } from "./commit-writing.ts";
import { splitNul } from "./git.ts";
import { RepositoryError } from "./git-error.ts";
import { isContained, mergeBase, mergeCommits, messageOf, moveRef, readRef, treeOf } from "./history.ts";
import { branchRef, checkedCommit, checkedId, integrationName, ticketBranch, trackBranch } from "./names.ts";
import { kindOf, type Place, refuseOwnBranch } from "./place.ts";
import { gitAt } from "./private-git.ts";
import { takeSpare } from "./spare-worktrees.ts";
import { keepInTrash } from "./trash.ts";
import {
  addWorktree,
  findWorktree,
  gitIn,
  putOnBranch,
  removeWorktreeFolder,
  snapshotOrphan,
  snapshotTree,
  type Worktree,
  worktreePath,
} from "./worktrees.ts";

export interface TicketRef {
  readonly trackId: string;
  readonly ticketId: string;
}

export interface PreparedAttempt {
  readonly worktree: string;
  readonly branch: string;
  /** The newest commit of the track that the ticket's branch contains. */
  readonly baseCommit: string;
}

export interface TicketCommit extends CommitDiff {
  readonly commit: string;
  readonly treeHash: string;
}

/** Gives a ticket its branch and worktree for an attempt: new, as the attempt before left it, or fresh. */
export async function prepareAttempt(place: Place, ticket: TicketRef & { readonly isFresh: boolean }) {
  return inTurn(place, ticket.ticketId, async (): Promise<PreparedAttempt> => {
    const branch = ticketBranch(ticket.trackId, ticket.ticketId);
    const tip = await trackTip(place, ticket.trackId);
    await refuseOwnBranch(place, branch);
    if (ticket.isFresh) await startAfresh(place, ticket, tip);
    const worktree = await openTicket(place, ticket, tip);
    await takeInTrack(place, worktree, branch, tip);
    const commit = await ticketTip(place, ticket);
    return { worktree: worktree.path, branch, baseCommit: (await mergeBase(place, tip, commit)) ?? tip };
  });
}

/** Commits all that is in the ticket's worktree; without a change since the last time, gives the commit that is there. */
export async function commitTicket(place: Place, ticket: TicketRef & { readonly message: string }) {
  return inTurn(place, ticket.ticketId, async (): Promise<TicketCommit> => {
    const track = await trackTip(place, ticket.trackId);
    await refuseOwnBranch(place, ticketBranch(ticket.trackId, ticket.ticketId));
    const worktree = await openTicket(place, ticket, track);
    const before = await ticketTip(place, ticket);
    const tree = await snapshotTree(place, worktree);
    const isNew =
      tree !== (await treeOf(place, before)) ||
      ((await isContained(place, before, track)) && (await messageOf(place, before)) !== ticket.message.trim());
    const commit = isNew ? await writeCommit(place, { tree, parents: [before], message: ticket.message }) : before;
    if (isNew) await moveRef(place, ticketRef(ticket), commit, before);
    const base = (await mergeBase(place, track, commit)) ?? track;
    return { commit, treeHash: tree, ...(await diffCommits(place, base, commit)) };
  });
}

/** Brings a ticket's worktree back to a commit of its branch; what else lies there is kept in the trash. */
export async function restoreTicket(place: Place, ticket: TicketRef & { readonly commit: string }): Promise<void> {
  await inTurn(place, ticket.ticketId, async () => {
    const commit = checkedCommit(ticket.commit);
    const worktree = await openTicket(place, ticket, await trackTip(place, ticket.trackId));
    const before = await ticketTip(place, ticket);
    const work = await snapshotCommit(place, worktree, before, ticket.ticketId);
    if (!(await isContained(place, work, commit))) await keepInTrash(place, ticket.ticketId, work);
    await gitIn(worktree, ["reset", "--hard", "--quiet", commit]);
  });
}

/** Takes out of a ticket's worktree what its check left there; it is kept in the trash. A branch that has moved on is left alone. */
export async function dropLeftovers(place: Place, ticket: TicketRef & { readonly commit: string }): Promise<void> {
  await inTurn(place, ticket.ticketId, async () => {
    const commit = checkedCommit(ticket.commit);
    const worktree = await openTicket(place, ticket, await trackTip(place, ticket.trackId));
    if ((await ticketTip(place, ticket)) !== commit) return;
    const work = await snapshotCommit(place, worktree, commit, ticket.ticketId);
    if (work === commit) return;
    await keepInTrash(place, ticket.ticketId, work);
    await gitIn(worktree, ["reset", "--hard", "--quiet", commit]);
  });
}

/** Brings a ticket's branch and worktree to a merged commit whose check was red, so that the next attempt works on it. */
export async function adoptMerge(place: Place, ticket: TicketRef & { readonly commit: string }): Promise<void> {
  await inTurn(place, ticket.ticketId, async () => {
    const commit = checkedCommit(ticket.commit);
    const track = await trackTip(place, ticket.trackId);
    await refuseOwnBranch(place, ticketBranch(ticket.trackId, ticket.ticketId));
    const worktree = await openTicket(place, ticket, track);
    const before = await ticketTip(place, ticket);
    if (await isContained(place, commit, before)) return;
    const work = await snapshotCommit(place, worktree, before, ticket.ticketId);
    if (!(await isContained(place, work, commit))) await keepInTrash(place, ticket.ticketId, work);
    await gitIn(worktree, ["reset", "--hard", "--quiet", commit]);
  });
}

/** Takes a ticket's worktree away. Its branch stays; what the branch does not hold is kept in the trash. */
export async function removeTicketWorktree(place: Place, ticketId: string): Promise<void> {
  await removeTicket(place, checkedId(ticketId), await ownBranches(place));
}

/** Takes all worktrees of a track away, as `removeTicketWorktree` does, and its integration worktree. */
export async function removeTrackWorktrees(place: Place, trackId: string): Promise<void> {
  const branches = await ownBranches(place);
  const folder = `signalbox/${checkedId(trackId)}/`;
  const ticketIds = branches.flatMap((branch) => (branch.startsWith(folder) ? [branch.slice(folder.length)] : []));
  for (const ticketId of ticketIds) if (ticketId !== "track") await removeTicket(place, checkedId(ticketId), branches);
  await place.turns.run(`track:${trackId}`, () => removeWorktreeFolder(place, integrationName(trackId)));
}

async function removeTicket(place: Place, ticketId: string, branches: readonly string[]): Promise<void> {
  await inTurn(place, ticketId, async () => {
    for (const branch of branches.filter((name) => name.endsWith(`/${ticketId}`))) {
      const trackId = branch.split("/")[1] ?? "";
      await keepWork(place, { trackId, ticketId }, await readRef(place, branchRef(trackBranch(trackId))));
    }
    await removeWorktreeFolder(place, ticketId);
  });
}

/** The tip of a track's branch; throws when the track has not been prepared. */
export async function trackTip(place: Place, trackId: string): Promise<string> {
  const tip = await readRef(place, branchRef(trackBranch(trackId)));
  if (tip !== null) return tip;
  throw noTrack(trackId);
}

/** The tip of a ticket's branch; throws when no attempt has been prepared. */
export async function ticketTip(place: Place, ticket: TicketRef): Promise<string> {
  const tip = await readRef(place, ticketRef(ticket));
  if (tip !== null) return tip;
  throw noTicket(ticket.ticketId);
}

/** The track has not been prepared. */
export function noTrack(trackId: string): RepositoryError {
  const words = `The track ${trackId} has no branch ${trackBranch(trackId)}. Prepare it first.`;
  return new RepositoryError("no_track", words);
}

/** No attempt at the ticket has been prepared. */
export function noTicket(ticketId: string): RepositoryError {
  return new RepositoryError("no_ticket", `The ticket ${ticketId} has no branch yet. Prepare an attempt first.`);
}

function inTurn<T>(place: Place, ticketId: string, work: () => Promise<T>): Promise<T> {
  return place.turns.run(`ticket:${checkedId(ticketId)}`, work);
}

function ticketRef(ticket: TicketRef): string {
  return branchRef(ticketBranch(ticket.trackId, ticket.ticketId));
}

/** Leaves the ticket at the track's tip with nothing of its own; all that it had is in the trash. */
async function startAfresh(place: Place, ticket: TicketRef, tip: string): Promise<void> {
  const before = await readRef(place, ticketRef(ticket));
  if (before === null) return;
  if (before === tip && (await isUntouched(place, ticket.ticketId))) return;
  await keepWork(place, ticket, tip);
  await removeWorktreeFolder(place, ticket.ticketId);
  await dropStaleLock(place, ticket);
  if (before !== tip) await moveRef(place, ticketRef(ticket), tip, before);
}

async function isUntouched(place: Place, name: string): Promise<boolean> {
  const worktree = await findWorktree(place, name);
  if (worktree === null) return false;
  const status = await gitIn(worktree, [
    "status",
    "--porcelain",
    "--ignored",
    "--untracked-files=all",
    "--ignore-submodules=all",
  ]);
  return status.stdout === "";
}

/** The ticket's worktree on its branch; makes what is missing, and keeps a folder that git has lost track of. */
async function openTicket(place: Place, ticket: TicketRef, tip: string): Promise<Worktree> {
  const branch = ticketBranch(ticket.trackId, ticket.ticketId);
  await dropStaleLock(place, ticket);
  if ((await readRef(place, branchRef(branch))) === null) await moveRef(place, branchRef(branch), tip, null);
  const found = await findWorktree(place, ticket.ticketId);
  if (found === null) {
    await keepOrphan(place, ticket);
    await removeWorktreeFolder(place, ticket.ticketId);
    const commit = await ticketTip(place, ticket);
    return (
      (await takeSpare(place, ticket.ticketId, { branch, commit })) ?? addWorktree(place, ticket.ticketId, { branch })
    );
  }
  await putOnBranch(found, branch);
  return found;
}

/** Merges the track's tip into the ticket where that works without a conflict; else leaves everything as it is. */
async function takeInTrack(place: Place, worktree: Worktree, branch: string, tip: string): Promise<void> {
  const before = await readRef(place, branchRef(branch));
  if (before === null || (await isContained(place, tip, before))) return;
  const ticketId = branch.slice(branch.lastIndexOf("/") + 1);
  const work = await snapshotCommit(place, worktree, before, ticketId);
  const merged = await mergeCommits(place, work, tip, `Merge the track's tip into ${ticketId}`);
  if (merged.kind === "clean") await gitIn(worktree, ["reset", "--hard", "--quiet", merged.commit]);
}

/** A commit of all that is in the worktree, without moving the branch; the branch's tip itself when nothing has changed. */
async function snapshotCommit(place: Place, worktree: Worktree, tip: string, ticketId: string): Promise<string> {
  const tree = await snapshotTree(place, worktree);
  if (tree === (await treeOf(place, tip))) return tip;
  const message = `Work in progress on ${ticketId}`;
  return writeCommit(place, { tree, parents: [tip], message, isRepeatable: true });
}

/** Names in the trash what the ticket has and the track has not: uncommitted work on top of the branch's own commits. */
async function keepWork(place: Place, ticket: TicketRef, track: string | null): Promise<void> {
  const before = await readRef(place, ticketRef(ticket));
  if (before === null) return;
  const worktree = await findWorktree(place, ticket.ticketId);
  if (worktree === null) await keepOrphan(place, ticket);
  const work = worktree === null ? before : await snapshotCommit(place, worktree, before, ticket.ticketId);
  const isMerged = track !== null && (await isContained(place, work, track));
  if (!isMerged) await keepInTrash(place, ticket.ticketId, work);
}

async function keepOrphan(place: Place, ticket: TicketRef): Promise<void> {
  const path = worktreePath(place, ticket.ticketId);
  const tip = await readRef(place, ticketRef(ticket));
  if (tip === null || (await kindOf(path)) !== "folder") return;
  if ((await readdir(path)).every((name) => name === ".git")) return;
  const tree = await snapshotOrphan(place, path);
  if (tree === (await treeOf(place, tip))) return;
  const message = `Found in the worktree of ${ticket.ticketId}`;
  const commit = await writeCommit(place, { tree, parents: [tip], message, isRepeatable: true });
  await keepInTrash(place, ticket.ticketId, commit);
}

/** Only this process moves these branches, so a lock that is there in the ticket's turn belongs to a git that was killed. */
async function dropStaleLock(place: Place, ticket: TicketRef): Promise<void> {
  await rm(join(place.commonDir, `${ticketRef(ticket)}.lock`), { force: true });
}

/** The branches that Signalbox has made: `signalbox/<track>/<ticket>`, and "track" for the track's own. */
async function ownBranches(place: Place): Promise<string[]> {
  const args = ["for-each-ref", "--format=%(refname:lstrip=2)%00", "refs/heads/signalbox/"];
  return splitNul((await gitAt(place, args)).stdout)
    .map((name) => name.trim())
    .filter((name) => name.split("/").length === 3);
}
