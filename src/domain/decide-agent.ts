/** How agents end, well or badly, and what that means for what they worked on. */

import type { AgentCommand, Decision } from "./command.ts";
import { crashKey } from "./crash-key.ts";
import { accept, failedAttempt, reject, withdrawGates } from "./decision.ts";
import type { Fact } from "./event.ts";
import { isHopeless } from "./model-health.ts";
import { modelKey } from "./model-hold.ts";
import { isFinal, workerModel } from "./readiness.ts";
import type { Agent, State, Ticket } from "./state.ts";

type Of<T extends AgentCommand["type"]> = Extract<AgentCommand, { type: T }>;

export function endAgent(state: State, command: Of<"end_agent">): Decision {
  const agent = state.agents.get(command.agentId);
  if (!agent) return reject("not_found", `There is no agent ${command.agentId}.`);
  if (agent.status !== "running") return accept();
  const owed = owedAnswers[agent.purpose];
  if (owed === null) {
    const ended: Fact = { type: "agent.ended", agentId: agent.agentId, text: command.text };
    return accept(ended, ...endFacts(state, agent, command.text));
  }
  // The end of what it did before it was prompted: the prompt stands.
  if (agent.turnCount === state.promptedTurns.get(agent.agentId)) return accept();
  const reason = `The model ended its turn without ${owed}.`;
  return failAgent(state, { type: "fail_agent", agentId: agent.agentId, code: "output", reason, isRetryable: false });
}

/** What an agent must have given before it ends, or the same agent would be begun again for ever; null: its text is it. */
const owedAnswers: Record<Agent["purpose"], string | null> = {
  tracks: "proposing tracks",
  tickets: "proposing tickets",
  verdict: "reporting a verdict",
  review: "accepting the ticket or asking for rework",
  work: null,
  diagnosis: null,
};

function endFacts(state: State, agent: Agent, text: string): Fact[] {
  const ticket = state.tickets.get(agent.ticketId ?? "");
  if (!ticket || agent.attempt === null) return [];
  const ref = { ticketId: ticket.ticketId, trackId: ticket.trackId, attempt: agent.attempt };
  if (agent.purpose === "work" && ticket.stage.name === "working") return [{ type: "attempt.finished", ...ref, text }];
  if (agent.purpose !== "diagnosis" || ticket.stage.name !== "diagnosing") return [];
  const diagnosis = clipped(text);
  const recorded: Fact = { type: "diagnosis.recorded", ...ref, agentId: agent.agentId, text: diagnosis };
  return [recorded, ...failedCheck(state, ticket, diagnosis)];
}

/** A diagnosis is asked for in 20 to 50 tokens; what a chatty model says beyond this does not travel up a tier. */
const diagnosisLength = 400;

function clipped(text: string): string {
  const words = text.trim();
  return words.length > diagnosisLength ? `${words.slice(0, diagnosisLength - 1).trimEnd()}…` : words;
}

/** A red check ends the attempt; its diagnosis is what the next one learns. */
function failedCheck(state: State, ticket: Ticket, diagnosis: string): Fact[] {
  const check = ticket.attempts.at(-1)?.checks.at(-1);
  const cause = check?.subject === "merged" ? "merged_check" : "check";
  const where = check?.subject === "merged" ? " on the merged tree" : "";
  const ended = check?.isTimedOut ? "ran out of time" : `ended with exit code ${check?.exitCode ?? 1}`;
  return failedAttempt(state, ticket, { cause, reason: `The check ${ended}${where}: ${diagnosis}` });
}

export function failAgent(state: State, command: Of<"fail_agent">): Decision {
  const agent = state.agents.get(command.agentId);
  if (!agent) return reject("not_found", `There is no agent ${command.agentId}.`);
  if (agent.status !== "running") return accept();
  const { agentId, code, reason, stack, isRetryable } = command;
  const failed: Fact = {
    type: "agent.failed",
    agentId,
    code,
    reason,
    isRetryable,
    ...(stack === undefined ? {} : { stack }),
  };
  // Nobody is left to do what its gates ask; another agent that needs the same money asks for it anew.
  const withdrawn = withdrawGates(state, reason, (gate) => gate.agentId === agentId);
  return accept(failed, ...withdrawn, ...failFacts(state, agent, command));
}

/** What an agent's failure means for its subject; no facts mean that `reconcile` begins it anew. */
function failFacts(
  state: State,
  agent: Agent,
  failure: { code: string; reason: string; isRetryable: boolean },
): Fact[] {
  const { reason, isRetryable } = failure;
  if (isBegunAnew(state, agent, failure.code)) return [];
  if (agent.purpose === "tracks" && agent.epicId) return [{ type: "epic.blocked", epicId: agent.epicId, reason }];
  if (agent.purpose === "tickets" && agent.trackId) return [{ type: "track.blocked", trackId: agent.trackId, reason }];
  const ticket = state.tickets.get(agent.ticketId ?? "");
  if (!ticket || isFinal(ticket)) return [];
  switch (agent.purpose) {
    case "work":
      return failedAttempt(state, ticket, {
        cause: "agent",
        reason,
        isFinal: !isRetryable && !mayAnotherModel(state, ticket, agent, failure.code),
        code: failure.code,
      });
    case "diagnosis":
      return failedCheck(state, ticket, `no diagnosis could be made (${reason})`);
    case "verdict":
      return failedAttempt(state, ticket, {
        cause: "agent",
        reason: `Tier 4 gave no verdict: ${reason}`,
        isFinal: true,
      });
    case "review":
      return failedAttempt(state, ticket, {
        cause: "agent",
        reason: `The tech lead gave no review: ${reason}`,
        isFinal: true,
      });
    case "tracks":
    case "tickets":
      return [];
    default:
      return agent.purpose satisfies never;
  }
}

/** A refusal, or a provider's model that is down, speaks against one model: the next of the list has one try, if there is one. */
function mayAnotherModel(state: State, ticket: Ticket, agent: Agent, code: string): boolean {
  const isDown = isHopeless(
    state.modelHealth.get(modelKey(agent)),
    Date.parse(agent.startedAt),
    Date.parse(state.lastAt),
  );
  if (code !== "refused" && !(code === "call_refused" && isDown)) return false;
  const hadItsTry = ticket.attempts.some(({ failure }) => failure?.code === code);
  return !hadItsTry && workerModel(state, ticket, ticket.failedCount + 1) !== agent.model;
}

/**
 * A thread that died says nothing about what its agent was asked: where no attempt counts the tries, the same is asked again,
 * as often as a ticket may be retried.
 */
function isBegunAnew(state: State, agent: Agent, code: string): boolean {
  if (code !== "crash" || agent.purpose === "work" || agent.purpose === "diagnosis") return false;
  return (state.crashCounts.get(crashKey(agent)) ?? 0) < state.settings.workers.retries;
}
