/** Effects of a ticket's attempt: its worktree and prompt, its worker, and the check. */
import { diskReader } from "../context/source-reader.ts";
import { systemPrompt } from "../context/system-prompt.ts";
import { workerContext, workerPrompt } from "../context/work-message.ts";
import type { Attempt, State, Ticket } from "../domain/state.ts";
import { streamId } from "../domain/stream-id.ts";
import { reviewChange } from "./change-review.ts";
import type { EffectContext } from "./engine-parts.ts";

const keptDiffLength = 60_000;

export async function prepareAttempt(context: EffectContext, ticketId: string): Promise<void> {
  const found = attemptOf(context.state(), ticketId);
  if (!found) return;
  const { ticket, attempt } = found;
  const { trackId } = ticket;
  const prepared = await context.parts.repository.prepareAttempt({
    trackId,
    ticketId,
    // Also the first: an earlier log may have had a ticket of this name.
    isFresh: attempt.isFresh,
  });
  const prompt = workerPrompt({
    ticket,
    attempt: attempt.attempt,
    failures: failuresOf(ticket),
    verifyCommand: checkCommand(context.state(), ticket),
  });
  const text = await workerContext({ ticket, reader: diskReader(prepared.worktree) });
  context.dispatch({
    type: "record_prepared_attempt",
    ticketId,
    attempt: attempt.attempt,
    ...prepared,
    prompt,
    context: text,
  });
  await context.parts.repository.expectTickets(trackId, waitingTickets(context.state(), trackId));
}

/** The tickets of a track whose work has not begun. */
function waitingTickets(state: State, trackId: string): number {
  const tickets = [...(state.tracks.get(trackId)?.ticketIds ?? [])].map((ticketId) => state.tickets.get(ticketId));
  return tickets.filter((ticket) => ticket?.stage.name === "todo").length;
}

function failuresOf(ticket: Ticket) {
  return ticket.attempts.flatMap(({ attempt, failure, diagnosis }) =>
    failure ? [{ attempt, cause: failure.cause, reason: failure.reason, diagnosis }] : [],
  );
}

/** The check of a ticket: its own, else the project's. */
export function checkCommand(state: State, ticket: Ticket): string {
  return ticket.verify ?? state.settings.verify.command;
}

/** A ticket with its attempt under way. */
export function attemptOf(state: State, ticketId: string): { ticket: Ticket; attempt: Attempt } | null {
  const ticket = state.tickets.get(ticketId);
  const attempt = ticket?.attempts.at(-1);
  return ticket && attempt ? { ticket, attempt } : null;
}

export async function beginWorker(context: EffectContext, ticketId: string): Promise<void> {
  const found = attemptOf(context.state(), ticketId);
  if (found?.ticket.stage.name !== "spawning") return;
  const { ticket, attempt } = found;
  const { prompt, context: text, model } = found.ticket.stage;
  const tier = context.state().settings.tiers.worker;
  context.dispatch({
    type: "begin_agent",
    role: "worker",
    purpose: "work",
    streamId: streamId("worker", ticketId),
    trackId: ticket.trackId,
    ticketId,
    attempt: attempt.attempt,
    model,
    provider: attempt.provider,
    maxTokens: tier.maxTokens,
    system: systemPrompt("worker", "work"),
    message: text === "" ? [prompt] : [text, prompt],
  });
}

/**
 * Commits what the worker left, and runs the check on exactly that. What a check left that a crash cut off is not the
 * worker's: it goes to the trash first, so that the check may be run again.
 */
export async function runCheck(context: EffectContext, ticketId: string): Promise<void> {
  const found = attemptOf(context.state(), ticketId);
  if (!found?.attempt.worktree) return;
  const { ticket, attempt } = found;
  const { trackId } = ticket;
  const { repository } = context.parts;
  if (attempt.openCheckCommit !== null)
    await repository.restoreTicket({ trackId, ticketId, commit: attempt.openCheckCommit });
  const commit = await repository.commitTicket({
    trackId,
    ticketId,
    message: `${ticketId}: ${ticket.title}`,
  });
  const command = checkCommand(context.state(), ticket);
  if (
    !context.dispatch({ type: "begin_check", ticketId, subject: "ticket", command, commit: commit.commit }).isAccepted
  )
    return;
  const result = await checkIn(context, command, attempt.worktree ?? "");
  if (context.signal.aborted) return;
  // What the check wrote is not the worker's: the next attempt would commit it.
  await repository.dropLeftovers({ trackId, ticketId, commit: commit.commit });
  const isGreen = result.exitCode === 0 && attempt.baseCommit !== null;
  const change = { from: attempt.baseCommit ?? "", to: commit.commit };
  const seen = isGreen
    ? await reviewChange(context, change, { checkCommand: command, targetFiles: ticket.targetFiles })
    : {};
  if (context.signal.aborted) return;
  const diff =
    commit.diff.length > keptDiffLength ? `${commit.diff.slice(0, keptDiffLength)}\n[the diff goes on]\n` : commit.diff;
  context.dispatch({
    type: "record_check",
    ticketId,
    subject: "ticket",
    command,
    ...result,
    treeHash: commit.treeHash,
    commit: commit.commit,
    diff,
    ...seen,
  });
}

/** Runs a check in a worktree. A machine where no command may run makes the ticket blocked, not red. */
export async function checkIn(context: EffectContext, command: string, worktree: string) {
  const { timeoutMs } = context.state().settings.verify;
  const result = await context.parts.runCommand({
    command,
    cwd: worktree,
    root: worktree,
    timeoutMs,
    signal: context.signal,
  });
  const { exitCode, isTimedOut, durationMs, output, sandbox } = result;
  return {
    exitCode: isTimedOut && exitCode === 0 ? 124 : exitCode,
    isTimedOut,
    durationMs: Math.round(durationMs),
    output,
    ...(sandbox ? { sandbox } : {}),
  };
}
