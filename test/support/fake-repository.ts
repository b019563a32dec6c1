/**
 * A repository in memory with the methods and the promises of the real one: every method may be called again after a crash,
 * and moves refs by compare-and-swap. Its disk is plain data, so that a test can copy it at any moment.
 */
import { createHash } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { FileChange } from "../../src/domain/gate-words.ts";
import type { CommitDiff } from "../../src/workspace/commit-diff.ts";
import type { DocumentCommit } from "../../src/workspace/document-commit.ts";
import { LandingRefused, MovedRef, RepositoryError } from "../../src/workspace/git-error.ts";
import { GitMemory } from "../../src/workspace/git-memory.ts";
import type { PreparedLanding } from "../../src/workspace/landing.ts";
import type { PreparedTrack, StagedMerge } from "../../src/workspace/merge-queue.ts";
import { ticketBranch, trackBranch } from "../../src/workspace/names.ts";
import { Repository } from "../../src/workspace/repository.ts";
import { Spares } from "../../src/workspace/spares.ts";
import { Talks } from "../../src/workspace/talks.ts";
import type { PreparedAttempt, TicketCommit, TicketRef } from "../../src/workspace/ticket-branches.ts";
import { Turns } from "../../src/workspace/turns.ts";

/** What a crash leaves: commits by id with their parents, branches, and the edits that no commit has yet. */
export interface Disk {
  head: string;
  readonly commits: Record<string, { readonly label: string; readonly parents: readonly string[] }>;
  readonly tracks: Record<string, { readonly base: string; tip: string }>;
  readonly tickets: Record<string, { tip: string; editCount: number; isDirty: boolean }>;
}

/** What a test may bend: how long each step takes, and which merges conflict. */
export interface RepositoryTricks {
  pace(label: string): Promise<void>;
  hasConflict(ticketId: string): boolean;
}

export function emptyDisk(): Disk {
  const head = commitId("first", []);
  return { head, commits: { [head]: { label: "first", parents: [] } }, tracks: {}, tickets: {} };
}

/** Marks a ticket's worktree as changed, as its worker's command does. */
export function editWorktree(disk: Disk, ticketId: string): void {
  const ticket = disk.tickets[ticketId];
  if (!ticket) throw new Error(`The ticket ${ticketId} has no worktree.`);
  ticket.editCount += 1;
  ticket.isDirty = true;
}

export class FakeRepository extends Repository {
  readonly #disk: Disk;
  readonly #folder: string;
  readonly #tricks: RepositoryTricks;

  constructor(disk: Disk, folder: string, tricks: RepositoryTricks) {
    const noGit = { gitDir: "", commonDir: "", privateDir: "", config: "", identity: {}, sparseOptions: [] };
    super({
      root: folder,
      ...noGit,
      turns: new Turns(),
      talks: new Talks(),
      memory: new GitMemory(),
      spares: new Spares(),
    });
    this.#disk = disk;
    this.#folder = folder;
    this.#tricks = tricks;
  }

  override async head() {
    return { branch: "main", commit: this.#disk.head };
  }

  override async expectTickets(): Promise<void> {
    // Its worktrees cost nothing.
  }

  override async files(): Promise<string[]> {
    return [];
  }

  override async prepareTrack(trackId: string, dependencies: readonly string[]): Promise<PreparedTrack> {
    await this.#tricks.pace(`prepareTrack ${trackId}`);
    const tips = dependencies.flatMap((needed) => this.#disk.tracks[needed]?.tip ?? []);
    const base = tips.length === 0 ? this.#disk.head : this.#commit("base", [this.#disk.head, ...tips]);
    this.#disk.tracks[trackId] ??= { base, tip: base };
    return { branch: trackBranch(trackId), baseCommit: this.#track(trackId).base };
  }

  override async prepareAttempt(ticket: TicketRef & { readonly isFresh: boolean }): Promise<PreparedAttempt> {
    await this.#tricks.pace(`prepareAttempt ${ticket.ticketId}`);
    const { ticketId, trackId } = ticket;
    const { tip } = this.#track(trackId);
    const worktree = join(this.#folder, ticketId);
    mkdirSync(worktree, { recursive: true });
    const known = this.#disk.tickets[ticketId];
    if (!known || ticket.isFresh) {
      this.#disk.tickets[ticketId] = { tip, editCount: known?.editCount ?? 0, isDirty: false };
    } else if (!this.#isContained(tip, known.tip)) known.tip = this.#commit("take in", [known.tip, tip]);
    return { worktree, branch: ticketBranch(trackId, ticketId), baseCommit: tip };
  }

  override async commitTicket(ticket: TicketRef & { readonly message: string }): Promise<TicketCommit> {
    await this.#tricks.pace(`commitTicket ${ticket.ticketId}`);
    const own = this.#ticket(ticket.ticketId);
    if (own.isDirty) own.tip = this.#commit(`${ticket.message} ${own.editCount}`, [own.tip]);
    own.isDirty = false;
    return { ...emptyDiff, diff: `+ edit ${own.editCount}\n`, commit: own.tip, treeHash: own.tip };
  }

  override async worktreeTree(ticketId: string): Promise<string | null> {
    await this.#tricks.pace(`worktreeTree ${ticketId}`);
    const own = this.#disk.tickets[ticketId];
    return own ? treeId(`${own.tip} ${own.editCount}`) : null;
  }

  override async treeChanges(): Promise<FileChange[]> {
    return [{ file: "src/a.ts", kind: "changed", insertions: 3, deletions: 1 }];
  }

  override async previewMerge({ trackId, commit }: { readonly trackId: string; readonly commit: string }) {
    await this.#tricks.pace(`previewMerge ${trackId}`);
    const trackCommit = this.#track(trackId).tip;
    return { trackCommit, merged: { kind: "clean" as const, tree: treeId(`${trackCommit} ${commit}`) }, replaced: [] };
  }

  override async stageMerge(ticket: TicketRef & { readonly title: string }): Promise<StagedMerge> {
    await this.#tricks.pace(`stageMerge ${ticket.ticketId}`);
    const ticketCommit = this.#ticket(ticket.ticketId).tip;
    const trackCommit = this.#track(ticket.trackId).tip;
    if (this.#isContained(ticketCommit, trackCommit)) {
      return { kind: "merged", commit: trackCommit, treeHash: trackCommit };
    }
    if (this.#tricks.hasConflict(ticket.ticketId)) return { kind: "conflict", files: ["src/shared.ts"] };
    const commit = this.#commit(`merge ${ticket.ticketId}`, [trackCommit, ticketCommit]);
    const treeHash = treeId(`${trackCommit} ${ticketCommit}`);
    return { kind: "staged", trackCommit, ticketCommit, commit, treeHash, worktree: this.#folder, replaced: [] };
  }

  override async publishMerge(merge: {
    readonly trackId: string;
    readonly trackCommit: string;
    readonly commit: string;
  }) {
    await this.#tricks.pace(`publishMerge ${merge.trackId}`);
    const track = this.#track(merge.trackId);
    if (this.#isContained(merge.commit, track.tip)) return;
    if (track.tip !== merge.trackCommit) throw new MovedRef(merge.trackId, merge.trackCommit, track.tip);
    track.tip = merge.commit;
    // It is done; power may fail before anybody hears of it.
    await this.#tricks.pace(`published ${merge.trackId}`);
  }

  override async mergeOf({ ticketId, trackId }: TicketRef) {
    await this.#tricks.pace(`mergeOf ${ticketId}`);
    const { tip } = this.#ticket(ticketId);
    const isMerge = ([, { label, parents }]: [string, { label: string; parents: readonly string[] }]) =>
      label === `merge ${ticketId}` && parents.includes(tip);
    const commits = history(this.#disk, this.#track(trackId).tip);
    const found = Object.entries(this.#disk.commits).find((entry) => commits.has(entry[0]) && isMerge(entry));
    return found ? { commit: found[0], treeHash: treeId(found[1].parents.join(" ")) } : null;
  }

  override async dropLeftovers(ticket: TicketRef): Promise<void> {
    await this.#tricks.pace(`dropLeftovers ${ticket.ticketId}`);
  }

  override async restoreTicket(ticket: TicketRef & { readonly commit: string }): Promise<void> {
    await this.#tricks.pace(`restoreTicket ${ticket.ticketId}`);
    this.#ticket(ticket.ticketId).tip = ticket.commit;
  }

  override async adoptMerge(ticket: TicketRef & { readonly commit: string }): Promise<void> {
    await this.#tricks.pace(`adoptMerge ${ticket.ticketId}`);
    this.#ticket(ticket.ticketId).tip = ticket.commit;
  }

  override async prepareLanding(trackId: string): Promise<PreparedLanding> {
    await this.#tricks.pace(`prepareLanding ${trackId}`);
    const { tip } = this.#track(trackId);
    const fromCommit = this.#disk.head;
    if (this.#isContained(tip, fromCommit)) return { kind: "landed", branch: "main", commit: fromCommit };
    const toCommit = this.#commit(`land ${trackId}`, [fromCommit, tip]);
    const ready = { branch: "main", fromCommit, toCommit, treeHash: toCommit, diffstat: "1 file changed" };
    return { kind: "ready", ...ready, isTreeVerified: true, worktree: null };
  }

  override async land(landing: { readonly branch: string; readonly fromCommit: string; readonly toCommit: string }) {
    await this.#tricks.pace("land");
    if (this.#disk.head !== landing.fromCommit) throw new LandingRefused("Your branch has moved.");
    this.#disk.head = landing.toCommit;
    return { commit: landing.toCommit };
  }

  override async commitDocuments(): Promise<DocumentCommit> {
    return { commit: null, reason: "They are ignored.", ignored: ["conductor"] };
  }

  /** A rig's worktrees are empty folders below its own, which goes with it. */
  override async removeTrackWorktrees(): Promise<void> {
    return Promise.resolve();
  }

  override async patch() {
    return { text: "", isCut: false };
  }

  override async diff(): Promise<CommitDiff> {
    await this.#tricks.pace("diff");
    return emptyDiff;
  }

  override async readFileAt(): Promise<string | null> {
    return null;
  }

  override async fileNamesAt(): Promise<string[]> {
    return [];
  }

  #track(trackId: string) {
    const track = this.#disk.tracks[trackId];
    if (!track) throw new RepositoryError("no_track", `The track ${trackId} has no branch.`);
    return track;
  }

  #ticket(ticketId: string) {
    const ticket = this.#disk.tickets[ticketId];
    if (!ticket) throw new RepositoryError("no_ticket", `The ticket ${ticketId} has no branch.`);
    return ticket;
  }

  #commit(label: string, parents: string[]): string {
    const id = commitId(label, parents);
    this.#disk.commits[id] = { label, parents };
    return id;
  }

  #isContained(older: string, younger: string): boolean {
    return history(this.#disk, younger).has(older);
  }
}

/** A commit and all that it is made from. */
export function history(disk: Disk, commit: string): Set<string> {
  const seen = new Set<string>();
  const open = [commit];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    open.push(...(disk.commits[next]?.parents ?? []));
  }
  return seen;
}

const emptyDiff: CommitDiff = { diff: "+ a line\n", isCut: false, files: ["src/a.ts"], insertions: 1, deletions: 0 };

function treeId(content: string): string {
  return createHash("sha1").update(content).digest("hex");
}

function commitId(label: string, parents: readonly string[]): string {
  return createHash("sha1")
    .update(`${label}\n${parents.join("\n")}`)
    .digest("hex");
}
