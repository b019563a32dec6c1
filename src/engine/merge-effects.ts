/** Effects that move branches: a ticket into its track, a finished track into the user's branch. */
import { LandingRefused, MovedRef, nameSome } from "../workspace/git-error.ts";
import type { TakenLines } from "../workspace/lost-hunks.ts";
import { reviewChange } from "./change-review.ts";
import type { EffectContext } from "./engine-parts.ts";
import { attemptOf, checkCommand, checkIn } from "./ticket-effects.ts";

/** Merges one ticket: staged outside every branch, checked as merged, then published by compare-and-swap. */
export async function mergeTicket(context: EffectContext, ticketId: string): Promise<void> {
  const found = attemptOf(context.state(), ticketId);
  if (!found) return;
  const { repository } = context.parts;
  const { trackId, title } = found.ticket;
  const staged = await repository.stageMerge({ trackId, ticketId, title });
  if (staged.kind === "conflict") {
    const why = staged.lost === undefined ? {} : { reason: lostReason(ticketId, staged.lost) };
    context.dispatch({ type: "record_conflict", ticketId, files: [...staged.files], ...why });
    return;
  }
  if (staged.kind === "merged") {
    context.record({ type: "record_merge", ticketId, commit: staged.commit, treeHash: staged.treeHash });
    return;
  }
  const { trackCommit, ticketCommit, commit, treeHash, worktree } = staged;
  const resultTree = treeHash;
  const begun = context.dispatch({ type: "begin_merge", ticketId, trackCommit, ticketCommit, resultTree });
  if (!begun.isAccepted || !begun.events.some((event) => event.type === "merge.started")) return;
  if (!(await passesMerged(context, ticketId, { commit, treeHash, worktree }))) return;
  try {
    await repository.publishMerge({ trackId, trackCommit, commit });
  } catch (error) {
    // The track's branch moved meanwhile: the merge is staged anew at its new place.
    if (error instanceof MovedRef) return;
    throw error;
  }
  const replaced = replacedLines(staged.replaced);
  context.record({ type: "record_merge", ticketId, commit, treeHash, replaced });
}

/** What of earlier tickets a merge takes out, in numbers. */
export function replacedLines(taken: readonly TakenLines[]) {
  return taken.flatMap(({ ticketId, file, lines }) =>
    ticketId === null ? [] : [{ ticketId, file, lineCount: lines.length }],
  );
}

/** Says whose lines a merge would drop, where git itself sees no conflict. */
function lostReason(ticketId: string, lost: readonly TakenLines[]): string {
  const parts = lost.map(({ ticketId: earlier, file, lines }) => {
    const shown = lines.slice(0, 3).map((line) => JSON.stringify(line.trim().slice(0, 80)));
    const count = lines.length === 1 ? "1 line" : `${lines.length} lines`;
    return `${count} of ${earlier ?? "the track"} in ${file} (${shown.join(", ")})`;
  });
  return `The merge of ${ticketId} would drop ${nameSome(parts)}, which no change of ${ticketId} removes.`;
}

/** Writes down what came of a merge whose ticket has ended: it is in the track, or it is not. */
export async function settleMerge(context: EffectContext, ticketId: string): Promise<void> {
  const trackId = context.state().tickets.get(ticketId)?.trackId ?? "";
  const merged = await context.parts.repository.mergeOf({ trackId, ticketId });
  if (merged) context.record({ type: "record_merge", ticketId, ...merged });
  else context.record({ type: "abandon_merge", ticketId });
}

async function passesMerged(
  context: EffectContext,
  ticketId: string,
  merged: { commit: string; treeHash: string; worktree: string },
): Promise<boolean> {
  const found = attemptOf(context.state(), ticketId);
  if (!found) return false;
  const { trackId } = found.ticket;
  const command = checkCommand(context.state(), found.ticket);
  if (!context.dispatch({ type: "begin_check", ticketId, subject: "merged", command }).isAccepted) return false;
  const result = await checkIn(context, command, merged.worktree);
  if (context.signal.aborted) return false;
  const { commit, treeHash } = merged;
  if (result.exitCode !== 0) await context.parts.repository.adoptMerge({ trackId, ticketId, commit });
  const recorded = context.dispatch({
    type: "record_check",
    ticketId,
    subject: "merged",
    command,
    ...result,
    treeHash,
    commit,
    diff: "",
  });
  return recorded.isAccepted && result.exitCode === 0;
}

export async function prepareLanding(context: EffectContext, trackId: string): Promise<void> {
  const landing = await context.parts.repository.prepareLanding(trackId);
  switch (landing.kind) {
    case "refused":
      context.dispatch({ type: "refuse_landing", trackId, reason: landing.reason });
      return;
    case "conflict":
      context.dispatch({ type: "refuse_landing", trackId, reason: conflictReason(trackId, landing.files) });
      return;
    case "landed":
      context.dispatch({ type: "record_landing", trackId, branch: landing.branch, commit: landing.commit });
      return;
    case "ready": {
      const { branch, fromCommit, toCommit, diffstat, worktree } = landing;
      const fault = worktree === null ? null : await landingFault(context, worktree);
      if (context.signal.aborted) return;
      if (fault !== null) context.dispatch({ type: "refuse_landing", trackId, reason: fault });
      else {
        const { flags = [] } = await reviewChange(context, { from: fromCommit, to: toCommit }, noTicket);
        const prepared = { trackId, branch, fromCommit, toCommit, diffstat, flags };
        context.dispatch({ type: "record_prepared_landing", ...prepared });
      }
      return;
    }
    default:
      return landing satisfies never;
  }
}

/** What lands is looked at for what acts on a person's machine; its tests were looked at ticket by ticket. */
const noTicket = { checkCommand: "", targetFiles: [] };

function conflictReason(trackId: string, files: readonly string[]): string {
  return `Your branch and the track ${trackId} change the same lines in ${nameSome(files)}. Merge the branch signalbox/${trackId}/track yourself, or bring your branch back and land again.`;
}

/** Your branch has moved since the track began, so the check runs on the two together before anything is landed. */
async function landingFault(context: EffectContext, worktree: string): Promise<string | null> {
  const { command } = context.state().settings.verify;
  const { exitCode } = await checkIn(context, command, worktree);
  return exitCode === 0
    ? null
    : `The check (${command}) fails with exit code ${exitCode} on the track merged with your branch. Nothing was landed.`;
}

/** Brings the user's branch to the track, then commits the track's documents there. */
export async function landTrack(context: EffectContext, trackId: string): Promise<void> {
  const track = context.state().tracks.get(trackId);
  if (track?.landing.name !== "prepared") return;
  const { branch, fromCommit, toCommit } = track.landing;
  const { repository } = context.parts;
  try {
    const { commit } = await repository.land({ branch, fromCommit, toCommit });
    await commitDocuments(context, trackId, track.title);
    context.record({ type: "record_landing", trackId, branch, commit });
    await tidyUp(context, trackId);
  } catch (error) {
    if (!(error instanceof LandingRefused)) throw error;
    const head = await repository.head();
    // A branch that moved while the card was open is looked at anew, and a new card says what would be landed now.
    if (head.branch === branch && head.commit !== fromCommit) return prepareLanding(context, trackId);
    context.dispatch({ type: "refuse_landing", trackId, reason: error.message });
  }
}

/** The track's worktrees have done their work. What of them is not merged stays reachable, so a failure costs only room. */
async function tidyUp(context: EffectContext, trackId: string): Promise<void> {
  try {
    await context.parts.repository.removeTrackWorktrees(trackId);
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    context.parts.report(`The worktrees of ${trackId} could not be removed: ${words}`);
  }
}

async function commitDocuments(context: EffectContext, trackId: string, title: string): Promise<void> {
  await context.documentsWritten();
  const paths = ["conductor/tracks.md", `conductor/tracks/${trackId}`];
  const message = `conductor(plan): Mark track '${title.replaceAll(/\s+/g, " ")}' as complete`;
  const { commit, reason, ignored } = await context.parts.repository.commitDocuments({ paths, message });
  if (commit === null && ignored.length === 0)
    context.parts.report(`The documents of ${trackId} were not committed: ${reason ?? "no reason is known"}`);
}
