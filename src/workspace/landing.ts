/**
 * A finished track into the user's branch: the one place that changes the user's own files. It does so only from a state
 * that it has just looked at, all or nothing, and refuses with words otherwise.
 */
import { join } from "node:path";
import { addedFiles, diffStat } from "./commit-diff.ts";
import { GitError, LandingRefused, MovedRef, nameSome } from "./git-error.ts";
import { isContained, mergeCommits, readRef, treeOf } from "./history.ts";
import { finishLanding, forgetLanding, noteLanding } from "./interrupted-landing.ts";
import { branchRef, checkedCommit, checkedId, integrationName } from "./names.ts";
import { currentBranch, kindOf, type Place } from "./place.ts";
import { trackTip } from "./ticket-branches.ts";
import { gitInUserTree, moveUserBranch, putViewAt, uncleanReason } from "./user-tree.ts";
import { checkOut } from "./worktrees.ts";

export type PreparedLanding =
  | {
      readonly kind: "ready";
      readonly branch: string;
      readonly fromCommit: string;
      readonly toCommit: string;
      readonly treeHash: string;
      readonly diffstat: string;
      /** Whether the tree is that of the track's tip, on which the check has passed. */
      readonly isTreeVerified: boolean;
      /** Where `toCommit` is checked out for the check; null when its tree is verified. */
      readonly worktree: string | null;
    }
  | { readonly kind: "refused"; readonly reason: string }
  | { readonly kind: "conflict"; readonly files: readonly string[] }
  | { readonly kind: "landed"; readonly branch: string; readonly commit: string };

const unfinished: Readonly<Record<string, string>> = {
  MERGE_HEAD: "merge",
  "rebase-merge": "rebase",
  "rebase-apply": "rebase",
  CHERRY_PICK_HEAD: "cherry-pick",
  REVERT_HEAD: "revert",
  BISECT_LOG: "bisect",
};

/** Works out what landing a track would do to the user's branch. Changes nothing of the user's. */
export function prepareLanding(place: Place, trackId: string): Promise<PreparedLanding> {
  return place.turns.run(`track:${checkedId(trackId)}`, async () => {
    await place.turns.run("user-tree", () => finishLanding(place));
    const spot = await userSpot(place);
    if ("reason" in spot) return { kind: "refused", reason: spot.reason };
    const tip = await trackTip(place, trackId);
    if (await isContained(place, tip, spot.commit)) return { kind: "landed", ...spot };
    const unclean = await uncleanReason(place);
    if (unclean !== null) return { kind: "refused", reason: unclean };
    const merged = await mergeCommits(place, spot.commit, tip, `Merge track ${trackId}`);
    if (merged.kind === "conflict") return merged;
    const inTheWay = await reasonInTheWay(place, spot.commit, merged.commit);
    if (inTheWay !== null) return { kind: "refused", reason: inTheWay };
    return describeLanding(place, trackId, spot, tip, merged.commit);
  });
}

/** Brings the user's branch and files from one commit to the other, or throws LandingRefused with nothing changed. */
export function land(
  place: Place,
  landing: { readonly branch: string; readonly fromCommit: string; readonly toCommit: string },
): Promise<{ readonly commit: string }> {
  return place.turns.run("user-tree", async () => {
    await finishLanding(place);
    const toCommit = checkedCommit(landing.toCommit);
    const spot = await userSpot(place);
    if ("reason" in spot) throw new LandingRefused(spot.reason);
    if (spot.branch !== landing.branch) throw new LandingRefused(wrongBranch(spot.branch, landing.branch));
    if (await isContained(place, toCommit, spot.commit)) return { commit: toCommit };
    if (spot.commit !== landing.fromCommit) throw new LandingRefused(movedBranch(landing));
    const unclean = (await uncleanReason(place)) ?? (await reasonInTheWay(place, spot.commit, toCommit));
    if (unclean !== null) throw new LandingRefused(unclean);
    await bringTo(place, { branch: landing.branch, from: spot.commit, to: toCommit });
    return { commit: toCommit };
  });
}

/** The user's branch and its commit, or why nothing can be done to it. */
export async function userSpot(
  place: Place,
): Promise<{ readonly branch: string; readonly commit: string } | { readonly reason: string }> {
  const branch = await currentBranch(place);
  if (branch === null)
    return { reason: 'Your repository is on no branch (detached HEAD). Switch to one ("git switch main") and retry.' };
  if (branch.startsWith("signalbox/"))
    return { reason: `Your repository is on ${branch}, which is Signalbox's own. Switch to your branch and retry.` };
  for (const [name, what] of Object.entries(unfinished)) {
    if ((await kindOf(join(place.gitDir, name))) !== "missing")
      return {
        reason: `A ${what} is in progress in your repository. Finish or abort it ("git status" says how) and retry.`,
      };
  }
  const commit = await readRef(place, branchRef(branch));
  return commit === null
    ? { reason: `Your branch ${branch} has no commit yet. Make one and retry.` }
    : { branch, commit };
}

/** Whatever git tracks has been found clean, so a file at the place of an added one is untracked or ignored: the user's own. */
async function reasonInTheWay(place: Place, from: string, to: string): Promise<string | null> {
  const inTheWay: string[] = [];
  for (const name of await addedFiles(place, from, to)) {
    const kind = await kindOf(join(place.root, name));
    if (kind === "file" || kind === "symlink") inTheWay.push(name);
  }
  return inTheWay.length === 0 ? null : describeInTheWay(inTheWay);
}

async function describeLanding(
  place: Place,
  trackId: string,
  spot: { readonly branch: string; readonly commit: string },
  tip: string,
  toCommit: string,
): Promise<PreparedLanding> {
  const treeHash = await treeOf(place, toCommit);
  const isTreeVerified = treeHash === (await treeOf(place, tip));
  const worktree = isTreeVerified ? null : (await checkOut(place, integrationName(trackId), toCommit)).path;
  const diffstat = await diffStat(place, spot.commit, toCommit);
  return {
    kind: "ready",
    branch: spot.branch,
    fromCommit: spot.commit,
    toCommit,
    treeHash,
    diffstat,
    isTreeVerified,
    worktree,
  };
}

/** Files first, branch last; what a crash leaves between the two is finished at the next start. */
async function bringTo(place: Place, landing: { branch: string; from: string; to: string }): Promise<void> {
  await noteLanding(place, landing);
  await fastForwardFiles(place, landing.from, landing.to);
  try {
    await moveUserBranch(place, { ...landing, reason: "signalbox: land" });
  } catch (error) {
    // A commit came in between: the files go back, and git keeps what of them somebody has changed.
    await gitInUserTree(place, ["read-tree", "-m", "-u", landing.to, landing.from]);
    if (error instanceof MovedRef) throw new LandingRefused(movedBranch(landing), { cause: error });
    throw error;
  } finally {
    await forgetLanding(place);
  }
}

/** git looks at every file before it changes the first, and with these options overwrites nothing that is not committed. */
async function fastForwardFiles(place: Place, from: string, to: string): Promise<void> {
  const options = ["--ff-only", "--no-overwrite-ignore", "--no-autostash", "--no-verify-signatures"];
  try {
    // This HEAD is our own; the user's is not moved by it.
    await putViewAt(place, from);
    await gitInUserTree(place, ["merge", ...options, "--no-stat", "--quiet", to]);
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    throw new LandingRefused(explainRefusal(error), { cause: error });
  }
}

function explainRefusal(error: GitError): string {
  const names = error.stderr.split("\n").filter((line) => line.startsWith("\t"));
  const files = names.map((line) => line.trim());
  if (error.stderr.includes("untracked working tree file")) return describeInTheWay(files);
  if (error.stderr.includes("local changes"))
    return `You have changes that are not committed: ${nameSome(files)}. Commit or stash them ("git stash") and retry.`;
  if (error.stderr.includes("index.lock"))
    return "Another git command is at work in your repository. When it has ended, retry; if none runs, remove .git/index.lock.";
  return `${error.message} Nothing was landed. Look at "git status" and retry.`;
}

function describeInTheWay(files: readonly string[]): string {
  return `Files that git does not track are in the way: ${nameSome(files)}. Move or commit them and retry.`;
}

function wrongBranch(found: string, expected: string): string {
  return `Your repository is on ${found}, but the landing was prepared for ${expected}. Switch back or prepare it again.`;
}

function movedBranch(landing: { readonly branch: string }): string {
  return `${landing.branch} has moved since the landing was prepared. Nothing was changed; prepare it again.`;
}
