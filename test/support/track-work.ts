/** What workers and the merge queue do to a repository, in one call each, for tests that start after it. */
import type { StagedMerge } from "../../src/workspace/merge-queue.ts";
import type { Repository } from "../../src/workspace/repository.ts";
import type { TicketCommit } from "../../src/workspace/ticket-branches.ts";
import { writeFiles } from "./temp-repository.ts";

/** The track of tests that need only one. */
export const trackId = "greet_20260101";

type Files = Readonly<Record<string, string>>;

/** Prepares a ticket, writes the files as its worker would, and commits. */
export async function work(
  repository: Repository,
  ticketId: string,
  files: Files,
  track = trackId,
): Promise<TicketCommit> {
  const attempt = await repository.prepareAttempt({ trackId: track, ticketId, isFresh: false });
  await writeFiles(attempt.worktree, files);
  return repository.commitTicket({ trackId: track, ticketId, message: `${ticketId}: work` });
}

/** Stages a ticket's merge; throws when there is nothing to stage. */
export async function stage(
  repository: Repository,
  ticketId: string,
  track = trackId,
): Promise<Extract<StagedMerge, { kind: "staged" }>> {
  const staged = await repository.stageMerge({ trackId: track, ticketId, title: "a title" });
  if (staged.kind !== "staged") throw new Error(`not staged but ${staged.kind}`);
  return staged;
}

/** Merges a ticket into its track; gives the merge commit. */
export async function merge(repository: Repository, ticketId: string, track = trackId): Promise<string> {
  const staged = await stage(repository, ticketId, track);
  await repository.publishMerge({ trackId: track, ...staged });
  return staged.commit;
}

/** What the work failed with; undefined when it did not. */
export async function failure(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
  } catch (error) {
    return error;
  }
  return undefined;
}
