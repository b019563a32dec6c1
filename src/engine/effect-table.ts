/** Which function carries out which effect, and what is blocked when it cannot be. */
import type { Command } from "../domain/command.ts";
import type { Effect } from "../domain/reconcile.ts";
import type { State } from "../domain/state.ts";
import { offerCommand, runToolCommand } from "./command-effects.ts";
import type { EffectContext } from "./engine-parts.ts";
import { beginDiagnosis, beginVerdict, offerMerge, promptReview } from "./judge-effects.ts";
import { landTrack, mergeTicket, prepareLanding, settleMerge } from "./merge-effects.ts";
import { beginOrchestrator, beginTechLead, prepareTrack } from "./plan-effects.ts";
import { beginWorker, prepareAttempt, runCheck } from "./ticket-effects.ts";

/** Carries out any effect but `run_agent`, which the supervisor does. */
export function carryOut(context: EffectContext, effect: Exclude<Effect, { type: "run_agent" }>): Promise<void> {
  switch (effect.type) {
    case "begin_orchestrator":
      return beginOrchestrator(context, effect.epicId);
    case "prepare_track":
      return prepareTrack(context, effect.trackId);
    case "begin_tech_lead":
      return beginTechLead(context, effect.trackId);
    case "prepare_attempt":
      return prepareAttempt(context, effect.ticketId);
    case "begin_worker":
      return beginWorker(context, effect.ticketId);
    case "offer_command":
      return offerCommand(context, effect.toolCallId);
    case "run_command":
      return runToolCommand(context, effect.toolCallId);
    case "run_check":
      return runCheck(context, effect.ticketId);
    case "begin_diagnosis":
      return beginDiagnosis(context, effect.ticketId);
    case "begin_verdict":
      return beginVerdict(context, effect.ticketId);
    case "prompt_review":
      return promptReview(context, effect.ticketId);
    case "offer_merge":
      return offerMerge(context, effect.ticketId);
    case "merge_ticket":
      return mergeTicket(context, effect.ticketId);
    case "settle_merge":
      return settleMerge(context, effect.ticketId);
    case "prepare_landing":
      return prepareLanding(context, effect.trackId);
    case "land_track":
      return landTrack(context, effect.trackId);
    default:
      return effect satisfies never;
  }
}

/** What is said of an effect that failed. */
export function failureCommand(state: State, effect: Effect, error: unknown): Command {
  const reason = error instanceof Error ? error.message : String(error);
  if (effect.type !== "run_agent") return { type: "record_effect_failure", ...effectSubject(state, effect), reason };
  const trace = error instanceof Error && error.stack !== undefined ? { stack: error.stack } : {};
  return { type: "fail_agent", agentId: effect.agentId, code: "start", reason, isRetryable: false, ...trace };
}

/** An error as those who mend the program read it. */
export function traceOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** What an effect is about: that is blocked, with the reason, when the effect fails. */
function effectSubject(state: State, effect: Effect): { subject: "ticket" | "track" | "epic"; subjectId: string } {
  if ("epicId" in effect) return { subject: "epic", subjectId: effect.epicId };
  if ("trackId" in effect) return { subject: "track", subjectId: effect.trackId };
  if ("ticketId" in effect) return { subject: "ticket", subjectId: effect.ticketId };
  const agentId = "agentId" in effect ? effect.agentId : (state.toolCalls.get(effect.toolCallId)?.agentId ?? "");
  const agent = state.agents.get(agentId);
  if (agent?.ticketId) return { subject: "ticket", subjectId: agent.ticketId };
  if (agent?.trackId) return { subject: "track", subjectId: agent.trackId };
  return { subject: "epic", subjectId: agent?.epicId ?? "" };
}
