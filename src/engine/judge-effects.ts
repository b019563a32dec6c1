/** Effects of those who judge: tier 4's diagnosis and verdict, the tech lead's review, and a merge's card. */
import { diagnosisMessage, reviewMessage, verdictMessage } from "../context/judge-message.ts";
import { diskReader } from "../context/source-reader.ts";
import { systemPrompt } from "../context/system-prompt.ts";
import type { Attempt, Check, Ticket } from "../domain/state.ts";
import { streamId } from "../domain/stream-id.ts";
import type { EffectContext } from "./engine-parts.ts";
import { replacedLines } from "./merge-effects.ts";
import { attemptOf } from "./ticket-effects.ts";

export async function beginDiagnosis(context: EffectContext, ticketId: string): Promise<void> {
  const found = attemptOf(context.state(), ticketId);
  const check = found?.attempt.checks.at(-1);
  if (!found || !check) return;
  const { ticket, attempt } = found;
  const { command, exitCode } = check;
  const isMerged = check.subject === "merged";
  const reader = diskReader(attempt.worktree ?? context.parts.project.root);
  const message = await diagnosisMessage({
    ticket,
    command,
    exitCode,
    output: outputOf(context, check),
    reader,
    isMerged,
  });
  beginQa(context, "diagnosis", ticket, attempt, message);
}

function outputOf(context: EffectContext, check: Check): string {
  const event = context.read({ after: check.position - 1, limit: 1 })[0];
  return event?.type === "check.completed" ? event.output : "";
}

export async function beginVerdict(context: EffectContext, ticketId: string): Promise<void> {
  const found = await verified(context, ticketId);
  if (!found) return;
  const { ticket, attempt, check, diff } = found;
  beginQa(context, "verdict", ticket, attempt, verdictMessage({ ticket, diff: diff.diff, check }));
}

function beginQa(
  context: EffectContext,
  purpose: "diagnosis" | "verdict",
  ticket: Ticket,
  attempt: Attempt,
  message: string[],
): void {
  const tier = context.state().settings.tiers.qa;
  const { ticketId, trackId } = ticket;
  context.dispatch({
    type: "begin_agent",
    role: "qa",
    purpose,
    streamId: streamId("qa", ticketId),
    trackId,
    ticketId,
    attempt: attempt.attempt,
    model: tier.models[0] ?? "",
    provider: tier.provider,
    maxTokens: tier.maxTokens,
    system: systemPrompt("qa", purpose),
    message,
  });
}

/** A ticket whose last check was green, with its diff against what it started from. */
async function verified(context: EffectContext, ticketId: string) {
  const found = attemptOf(context.state(), ticketId);
  const check = found?.attempt.checks.findLast((candidate) => candidate.subject === "ticket");
  if (!found || !check || found.attempt.baseCommit === null) return null;
  const diff = await context.parts.repository.diff(found.attempt.baseCommit, check.commit);
  return { ...found, check, diff };
}

export async function promptReview(context: EffectContext, ticketId: string): Promise<void> {
  const found = await verified(context, ticketId);
  if (!found) return;
  const { ticket, attempt, check, diff } = found;
  const lead = [...context.state().agents.values()].findLast(
    (agent) => agent.role === "tech_lead" && agent.trackId === ticket.trackId,
  );
  if (!lead) throw new Error(`The track ${ticket.trackId} has no tech lead to review ${ticketId}.`);
  const diffstat = `${diff.files.length} files changed, ${diff.insertions} insertions, ${diff.deletions} deletions: ${diff.files.join(", ")}`;
  const message = reviewMessage({ ticket, diff: diff.diff, diffstat, check, verdict: attempt.verdict });
  context.dispatch({ type: "prompt_agent", agentId: lead.agentId, purpose: "review", ticketId, message });
}

/** Shows a merge with its result; one that conflicts already is not shown, because nobody could approve it. */
export async function offerMerge(context: EffectContext, ticketId: string): Promise<void> {
  const found = await verified(context, ticketId);
  if (!found) return;
  const { commit } = found.check;
  const { trackId } = found.ticket;
  const { trackCommit, merged, replaced } = await context.parts.repository.previewMerge({ trackId, commit });
  if (merged.kind === "conflict") {
    context.dispatch({ type: "record_conflict", ticketId, files: [...merged.files] });
    return;
  }
  context.dispatch({
    type: "offer_merge",
    ticketId,
    commit,
    trackCommit,
    resultTree: merged.tree,
    diff: found.diff.diff,
    replaced: replacedLines(replaced),
  });
}
