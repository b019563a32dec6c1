/** Folds what happens to a ticket between its start and its merge. */
import type { Event, EventOf } from "./event.ts";
import { setStage, updateTicket } from "./evolve-plan.ts";
import type { Attempt, Stage, State } from "./state.ts";

export function evolveAttempt(state: State, event: Event): void {
  switch (event.type) {
    case "attempt.started":
      return startAttempt(state, event);
    case "attempt.prepared": {
      const { worktree, branch, baseCommit, prompt, context } = event;
      updateAttempt(state, event, { worktree, branch, baseCommit });
      const model = currentAttempt(state, event.ticketId)?.model ?? "";
      return setStage(state, event.ticketId, { name: "spawning", prompt, context, model, isAllowed: false });
    }
    case "attempt.finished":
      return setStage(state, event.ticketId, { name: "checking" });
    case "attempt.failed":
      updateAttempt(state, event, {
        endedAt: event.at,
        failure: {
          cause: event.cause,
          reason: event.reason,
          isFresh: event.isFresh,
          ...(event.code === undefined ? {} : { code: event.code }),
        },
      });
      return failAttempt(state, event);
    case "check.started":
      if (event.subject === "ticket") updateAttempt(state, event, { openCheckCommit: event.commit ?? null });
      return;
    case "check.completed":
      return recordCheck(state, event);
    case "diagnosis.recorded":
      return updateAttempt(state, event, { diagnosis: event.text });
    case "verdict.reported":
      updateAttempt(state, event, { verdict: event.verdict });
      if (event.verdict.verdict === "pass") setStage(state, event.ticketId, stageAfterVerdict(state));
      return;
    case "review.accepted":
      return setStage(state, event.ticketId, { name: "queued", isAllowed: false });
    case "merge.started":
      updateAttempt(state, event, { isMerging: true });
      return setStage(state, event.ticketId, { name: "merging" });
    case "merge.outdated":
      updateAttempt(state, event, { isMerging: false });
      return setStage(state, event.ticketId, { name: "checking" });
    case "merge.conflicted":
      updateAttempt(state, event, { isMerging: false });
      return setStage(state, event.ticketId, { name: "conflicted" });
    case "merge.abandoned":
      return updateAttempt(state, event, { isMerging: false });
    case "merge.completed":
      return updateAttempt(state, event, { endedAt: event.at, isMerging: false });
    default:
      return;
  }
}

function startAttempt(state: State, event: EventOf<"attempt.started">): void {
  const ticket = state.tickets.get(event.ticketId);
  if (!ticket) return;
  const attempt: Attempt = {
    attempt: event.attempt,
    model: event.model,
    provider: event.provider,
    isFresh: event.isFresh,
    startedAt: event.at,
    endedAt: null,
    agentId: null,
    worktree: null,
    branch: null,
    baseCommit: null,
    checks: [],
    openCheckCommit: null,
    isMerging: false,
    diagnosis: null,
    verdict: null,
    failure: null,
  };
  updateTicket(state, event.ticketId, { stage: { name: "preparing" }, attempts: [...ticket.attempts, attempt] });
}

function failAttempt(state: State, event: EventOf<"attempt.failed">): void {
  const ticket = state.tickets.get(event.ticketId);
  if (!ticket) return;
  const failedCount = ticket.failedCount + (event.cause === "interrupted" ? 0 : 1);
  updateTicket(state, event.ticketId, { failedCount, stage: { name: "todo" } });
}

function recordCheck(state: State, event: EventOf<"check.completed">): void {
  const { subject, command, exitCode, isTimedOut, durationMs, treeHash, commit, at, position } = event;
  const checks = currentAttempt(state, event.ticketId)?.checks ?? [];
  const { findings, flags } = event;
  const seen = { ...(findings && { findings }), ...(flags && { flags }) };
  const check = { subject, command, exitCode, isTimedOut, durationMs, treeHash, commit, at, position, ...seen };
  const isRed = exitCode !== 0 || isTimedOut;
  updateAttempt(state, event, {
    checks: [...checks, check],
    openCheckCommit: null,
    ...(isRed && { isMerging: false }),
  });
  if (isRed) return setStage(state, event.ticketId, { name: "diagnosing", subject });
  if (subject === "ticket") setStage(state, event.ticketId, stageAfterCheck(state));
}

function stageAfterCheck(state: State): Stage {
  return state.settings.review.qa ? { name: "judging" } : stageAfterVerdict(state);
}

function stageAfterVerdict(state: State): Stage {
  return state.settings.review.techLead ? { name: "reviewing" } : { name: "queued", isAllowed: false };
}

/** The last attempt of a ticket: the one under way, if one is. */
function currentAttempt(state: State, ticketId: string): Attempt | undefined {
  return state.tickets.get(ticketId)?.attempts.at(-1);
}

/** Replaces fields of the attempt that an event names. */
export function updateAttempt(
  state: State,
  event: { ticketId: string; attempt: number },
  change: Partial<Attempt>,
): void {
  const ticket = state.tickets.get(event.ticketId);
  if (!ticket) return;
  const attempts = ticket.attempts.map((attempt) =>
    attempt.attempt === event.attempt ? { ...attempt, ...change } : attempt,
  );
  updateTicket(state, event.ticketId, { attempts });
}
