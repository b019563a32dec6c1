/**
 * The user's git repository as the engine sees it: tracks, tickets, landings and documents. Every method may be called again
 * after a crash: it looks at the refs first, and ends in the same place. Nothing of the user's own tree or branch changes
 * but in `land` and `commitDocuments`.
 */
import { realpathSync } from "node:fs";
import type { FileChange } from "../domain/gate-words.ts";
import { type CommitDiff, diffCommits, patchCommits } from "./commit-diff.ts";
import { commitDocuments, type DocumentCommit } from "./document-commit.ts";
import { fileNamesAt, readTextAt } from "./file-text.ts";
import { checkGitVersion, runGit, splitNul } from "./git.ts";
import { GitError, RepositoryError } from "./git-error.ts";
import { GitMemory } from "./git-memory.ts";
import { headCommit, readRef } from "./history.ts";
import { finishLanding } from "./interrupted-landing.ts";
import { land, type PreparedLanding, prepareLanding } from "./landing.ts";
import {
  type MergePreview,
  mergeOf,
  type PreparedTrack,
  prepareTrack,
  previewMerge,
  publishMerge,
  type StagedMerge,
  stageMerge,
} from "./merge-queue.ts";
import { checkedCommit } from "./names.ts";
import { currentBranch, isMissing, noCommit, type Place, type RepositoryFacts } from "./place.ts";
import { ensurePrivateGit, privateGitFolder } from "./private-git.ts";
import { dropSpares, endSpares, makeSpares } from "./spare-worktrees.ts";
import { Spares } from "./spares.ts";
import { Talks } from "./talks.ts";
import {
  adoptMerge,
  commitTicket,
  dropLeftovers,
  type PreparedAttempt,
  prepareAttempt,
  removeTicketWorktree,
  removeTrackWorktrees,
  restoreTicket,
  type TicketCommit,
  type TicketRef,
  trackTip,
} from "./ticket-branches.ts";
import { Turns } from "./turns.ts";
import { identityOf, privateConfig, readUserSettings, sparseOptions } from "./user-settings.ts";
import { gitInUserTree, uncleanReason } from "./user-tree.ts";
import { treeChanges, worktreeTree } from "./worktree-tree.ts";

/**
 * Opens the repository whose top folder is `folder`; throws RepositoryError with what to do where it cannot be used. Git is not
 * asked again for what whoever found it knows.
 */
export async function openRepository(folder: string, known?: RepositoryFacts): Promise<Repository> {
  const root = existingFolder(folder);
  const { settings, gitDir, commonDir } = known ?? (await factsOf(root));
  const place: Place = {
    root,
    gitDir,
    commonDir,
    privateDir: privateGitFolder(root),
    config: privateConfig(settings),
    identity: identityOf(settings),
    sparseOptions: sparseOptions(settings),
    turns: new Turns(),
    talks: new Talks(),
    memory: new GitMemory(),
    spares: new Spares(),
  };
  ensurePrivateGit(place);
  await finishLanding(place);
  return new Repository(place);
}

async function factsOf(root: string): Promise<RepositoryFacts> {
  // Side by side; what is wrong is told in this order.
  const [version, found, settings] = await Promise.allSettled([
    checkGitVersion(root),
    findGitFolders(root),
    readUserSettings(root),
  ]);
  if (version.status === "rejected") throw version.reason;
  if (found.status === "rejected") throw found.reason;
  if (settings.status === "rejected") throw settings.reason;
  return { ...found.value, settings: settings.value };
}

/** One of the few questions that are asked of the user's own git folder. */
async function findGitFolders(root: string): Promise<{ readonly gitDir: string; readonly commonDir: string }> {
  const wanted = ["--is-bare-repository", "--git-dir", "--git-common-dir", "--show-toplevel", "HEAD"];
  const args = ["rev-parse", "--path-format=absolute", ...wanted];
  const { stdout, stderr } = await runGit(root, args, { exitCodes: [128], timeoutMs: 20_000 });
  const [isBare = "", gitDir = "", commonDir = "", top = "", head = ""] = stdout.split("\n");
  if (isBare === "") throw notARepository(root, stderr);
  if (isBare === "true")
    throw new RepositoryError("bare", `${root} is a bare repository without files. Clone it, and use the clone.`);
  checkTop(root, top);
  if (!/^[0-9a-f]{40,64}$/.test(head)) throw noCommit();
  return { gitDir, commonDir };
}

/** A repository with a commit and a working tree. Make one with `openRepository`. */
export class Repository {
  readonly #place: Place;

  constructor(place: Place) {
    this.#place = place;
  }

  /** The top folder, without symlinks in its path. */
  get root(): string {
    return this.#place.root;
  }

  /** The user's branch (null: detached) and commit. */
  async head(): Promise<{ readonly branch: string | null; readonly commit: string }> {
    return { branch: await currentBranch(this.#place), commit: await headCommit(this.#place) };
  }

  /** What keeps the user's tree from taking a landing: changes that are not committed, by name; null when it is clean. */
  async uncommitted(): Promise<string | null> {
    return uncleanReason(this.#place);
  }

  /** Names of the files that git tracks or would track in the user's tree. */
  async files(): Promise<string[]> {
    const args = ["ls-files", "--cached", "--others", "--exclude-standard", "-z"];
    const names = splitNul((await gitInUserTree(this.#place, args)).stdout);
    return [...new Set(names)].filter((name) => !name.startsWith(".signalbox/")).sort();
  }

  /** Makes the track's branch at the user's commit with its dependencies merged in; throws MergeConflict. */
  async prepareTrack(trackId: string, dependencyTrackIds: readonly string[]): Promise<PreparedTrack> {
    return prepareTrack(this.#place, trackId, dependencyTrackIds);
  }

  /** Has worktrees made ahead at the track's tip, for so many tickets that are still to begin; never more than two. */
  async expectTickets(trackId: string, count: number): Promise<void> {
    if (count > 0) makeSpares(this.#place, await trackTip(this.#place, trackId), count);
  }

  /** Resolves when those worktrees are there. */
  async sparesMade(): Promise<void> {
    await this.#place.spares.making;
  }

  /** Ends what is under way by itself. */
  async close(): Promise<void> {
    await endSpares(this.#place);
  }

  /** Gives a ticket its branch and worktree; `isFresh` starts from the track's tip and keeps the old work in the trash. */
  async prepareAttempt(ticket: TicketRef & { readonly isFresh: boolean }): Promise<PreparedAttempt> {
    return prepareAttempt(this.#place, ticket);
  }

  /** Commits what is in the ticket's worktree, and says what differs from the track. */
  async commitTicket(ticket: TicketRef & { readonly message: string }): Promise<TicketCommit> {
    return commitTicket(this.#place, ticket);
  }

  /** Takes what a check left in the ticket's worktree out of it, into the trash, unless the branch has moved on. */
  async dropLeftovers(ticket: TicketRef & { readonly commit: string }): Promise<void> {
    return dropLeftovers(this.#place, ticket);
  }

  /** Brings the ticket's worktree back to a commit of its branch; what else lies there goes to the trash. */
  async restoreTicket(ticket: TicketRef & { readonly commit: string }): Promise<void> {
    return restoreTicket(this.#place, ticket);
  }

  /** The git tree of all that is in the ticket's worktree, uncommitted files included; null where there is no worktree. */
  async worktreeTree(ticketId: string): Promise<string | null> {
    return worktreeTree(this.#place, ticketId);
  }

  /** The files that differ between two trees. */
  async treeChanges(from: string, to: string): Promise<FileChange[]> {
    return treeChanges(this.#place, from, to);
  }

  /** What merging a commit into the track would give, in the object database only. */
  async previewMerge(merge: { readonly trackId: string; readonly commit: string }): Promise<MergePreview> {
    return previewMerge(this.#place, merge);
  }

  /** The merge that brought the ticket's tip into its track; null when it is not in there. */
  async mergeOf(ticket: TicketRef): Promise<{ readonly commit: string; readonly treeHash: string } | null> {
    return mergeOf(this.#place, ticket);
  }

  /** Merges the ticket with the track's tip, checked out in the integration worktree, without moving the track. */
  async stageMerge(ticket: TicketRef & { readonly title: string }): Promise<StagedMerge> {
    return stageMerge(this.#place, ticket);
  }

  /** Moves the track to a staged merge; throws MovedRef when it is no longer at `trackCommit`. */
  async publishMerge(merge: {
    readonly trackId: string;
    readonly trackCommit: string;
    readonly commit: string;
  }): Promise<void> {
    return publishMerge(this.#place, merge);
  }

  /** Brings the ticket to a staged merge whose check was red. */
  async adoptMerge(ticket: TicketRef & { readonly commit: string }): Promise<void> {
    return adoptMerge(this.#place, ticket);
  }

  /** What landing the track would do to the user's branch, or why it cannot. */
  async prepareLanding(trackId: string): Promise<PreparedLanding> {
    return prepareLanding(this.#place, trackId);
  }

  /** Lands; throws LandingRefused with nothing changed. */
  async land(landing: {
    readonly branch: string;
    readonly fromCommit: string;
    readonly toCommit: string;
  }): Promise<{ readonly commit: string }> {
    return land(this.#place, landing);
  }

  /** Commits documents under `conductor/` on the user's branch. */
  async commitDocuments(documents: {
    readonly paths: readonly string[];
    readonly message: string;
  }): Promise<DocumentCommit> {
    return commitDocuments(this.#place, documents);
  }

  /** Takes a ticket's worktree away; work that is not merged stays reachable. */
  async removeWorktree(ticketId: string): Promise<void> {
    return removeTicketWorktree(this.#place, ticketId);
  }

  /** Takes all worktrees of a track away; work that is not merged stays reachable. */
  async removeTrackWorktrees(trackId: string): Promise<void> {
    await dropSpares(this.#place);
    return removeTrackWorktrees(this.#place, trackId);
  }

  /** The whole change between two commits, for rules to read. */
  async patch(from: string, to: string): Promise<{ readonly text: string; readonly isCut: boolean }> {
    return patchCommits(this.#place, checkedCommit(from), checkedCommit(to));
  }

  /** The change between two commits, its text bounded to 200 kB. */
  async diff(from: string, to: string): Promise<CommitDiff> {
    return diffCommits(this.#place, checkedCommit(from), checkedCommit(to));
  }

  /** A file's text at a commit; null when there is no such file, or it is larger than 1 MB. */
  async readFileAt(commit: string, path: string): Promise<string | null> {
    return readTextAt(this.#place, checkedCommit(commit), path);
  }

  /** Names of all files at a commit. */
  async fileNamesAt(commit: string): Promise<string[]> {
    return [...(await fileNamesAt(this.#place, checkedCommit(commit)))];
  }

  /** The commit that a branch is at, or null. */
  async branchTip(branch: string): Promise<string | null> {
    return readRef(this.#place, `refs/heads/${branch}`);
  }
}

function existingFolder(folder: string): string {
  try {
    return realpathSync(folder);
  } catch (error) {
    if (isMissing(error))
      throw new RepositoryError("missing_folder", `There is no folder ${folder}. Name an existing one with --project.`);
    throw error;
  }
}

function notARepository(root: string, stderr: string): RepositoryError {
  if (stderr.includes("dubious ownership")) {
    const remedy = `git config --global --add safe.directory ${root}`;
    return new RepositoryError("unsafe_owner", `${root} belongs to another user. If you trust it: ${remedy}`);
  }
  if (stderr.includes("not a git repository")) {
    const remedy = '"git init", then "git add ." and "git commit"';
    return new RepositoryError("no_repository", `${root} is not in a git repository. Make one: ${remedy}.`);
  }
  const error = new GitError(["rev-parse"], 128, stderr);
  return new RepositoryError("no_repository", `git cannot read the repository at ${root}. ${error.message}`);
}

function checkTop(root: string, top: string): void {
  if (top === "")
    throw new RepositoryError("not_the_root", `${root} is inside a .git folder. Use the folder above it.`);
  if (realpathSync(top) !== root)
    throw new RepositoryError("not_the_root", `${root} is inside the git repository ${top}. Use --project ${top}.`);
}
