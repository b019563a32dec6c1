/** Effects of a ticket's attempt: its worktree and prompt, its worker, the commands it runs, and the check. */
import { diskReader } from "../context/source-reader.ts";
import { systemPrompt } from "../context/system-prompt.ts";
import { workerContext, workerPrompt } from "../context/work-message.ts";
import { gatePayloads } from "../domain/gate.ts";
import type { Attempt, State, Ticket } from "../domain/state.ts";
import { streamId } from "../domain/stream-id.ts";
import { CommandNotStarted } from "../workspace/sandbox/plan.ts";
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
    isFresh: attempt.isFresh && attempt.attempt > 1,
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

/** Runs an approved or allowed command. A command that cannot start is an answer for the model, not a fault of ours. */
export async function runToolCommand(context: EffectContext, toolCallId: string): Promise<void> {
  if (context.state().toolCalls.get(toolCallId)?.status === "allowed")
    context.dispatch({ type: "begin_command", toolCallId });
  const call = context.state().toolCalls.get(toolCallId);
  if (call?.status !== "running") return;
  const { command, cwd } = gatePayloads.command.parse(call.payload);
  const { signal } = context;
  const root = worktreeOf(context.state(), call.agentId) ?? cwd;
  const outcome = await runOrExplain(context, { command, cwd, root, timeoutMs: call.timeoutMs, signal });
  if (signal.aborted) return;
  context.dispatch({ type: "record_command", toolCallId, ...outcome });
}

function worktreeOf(state: State, agentId: string): string | null {
  const ticketId = state.agents.get(agentId)?.ticketId ?? "";
  return state.tickets.get(ticketId)?.attempts.at(-1)?.worktree ?? null;
}

async function runOrExplain(context: EffectContext, request: Parameters<EffectContext["parts"]["runCommand"]>[0]) {
  try {
    const { exitCode, isTimedOut, durationMs, output } = await context.parts.runCommand(request);
    return { exitCode, isTimedOut, durationMs: Math.round(durationMs), output };
  } catch (error) {
    if (!(error instanceof CommandNotStarted)) throw error;
    return { exitCode: 126, isTimedOut: false, durationMs: 0, output: error.message };
  }
}

/** Commits what the worker left, and runs the check on exactly that. */
export async function runCheck(context: EffectContext, ticketId: string): Promise<void> {
  const found = attemptOf(context.state(), ticketId);
  if (!found?.attempt.worktree) return;
  const { ticket, attempt } = found;
  const commit = await context.parts.repository.commitTicket({
    trackId: ticket.trackId,
    ticketId,
    message: `${ticketId}: ${ticket.title}`,
  });
  const command = checkCommand(context.state(), ticket);
  if (!context.dispatch({ type: "begin_check", ticketId, subject: "ticket", command }).isAccepted) return;
  const result = await checkIn(context, command, attempt.worktree ?? "");
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
  const { exitCode, isTimedOut, durationMs, output } = result;
  return {
    exitCode: isTimedOut && exitCode === 0 ? 124 : exitCode,
    isTimedOut,
    durationMs: Math.round(durationMs),
    output,
  };
}
