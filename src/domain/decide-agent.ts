/** How agents end, well or badly, and what that means for what they worked on. */
import type { AgentCommand, Decision } from "./command.ts";
import { accept, failedAttempt, reject } from "./decision.ts";
import type { EventOf, Fact } from "./event.ts";
import { isFinal } from "./readiness.ts";
import type { Agent, State, Ticket } from "./state.ts";

type Of<T extends AgentCommand["type"]> = Extract<AgentCommand, { type: T }>;

export function endAgent(state: State, command: Of<"end_agent">): Decision {
  const agent = state.agents.get(command.agentId);
  if (!agent) return reject("not_found", `There is no agent ${command.agentId}.`);
  if (agent.status !== "running") return accept();
  const ended: Fact = { type: "agent.ended", agentId: agent.agentId, text: command.text };
  return accept(ended, ...endFacts(state, agent, command.text));
}

function endFacts(state: State, agent: Agent, text: string): Fact[] {
  const ticket = state.tickets.get(agent.ticketId ?? "");
  if (!ticket || agent.attempt === null) return [];
  const ref = { ticketId: ticket.ticketId, trackId: ticket.trackId, attempt: agent.attempt };
  if (agent.purpose === "work" && ticket.stage.name === "working") return [{ type: "attempt.finished", ...ref, text }];
  if (agent.purpose !== "diagnosis" || ticket.stage.name !== "diagnosing") return [];
  return [{ type: "diagnosis.recorded", ...ref, agentId: agent.agentId, text }, ...failedCheck(state, ticket, text)];
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
  const failed: EventOf<"agent.failed"> | Fact = {
    type: "agent.failed",
    agentId,
    code,
    reason,
    isRetryable,
    ...(stack === undefined ? {} : { stack }),
  };
  return accept(failed, ...withdrawAgentGates(state, agentId, reason), ...failFacts(state, agent, command));
}

/** Nobody is left to do what these gates ask. */
function withdrawAgentGates(state: State, agentId: string, reason: string): Fact[] {
  return [...state.gates.values()]
    .filter((gate) => gate.agentId === agentId && gate.status === "open" && gate.kind !== "budget")
    .map((gate) => ({ type: "gate.withdrawn", gateId: gate.gateId, kind: gate.kind, reason }));
}

function failFacts(state: State, agent: Agent, failure: { reason: string; isRetryable: boolean }): Fact[] {
  const { reason, isRetryable } = failure;
  if (agent.purpose === "tracks" && agent.epicId) return [{ type: "epic.blocked", epicId: agent.epicId, reason }];
  if (agent.purpose === "tickets" && agent.trackId) return [{ type: "track.blocked", trackId: agent.trackId, reason }];
  const ticket = state.tickets.get(agent.ticketId ?? "");
  if (!ticket || isFinal(ticket)) return [];
  switch (agent.purpose) {
    case "work":
      return failedAttempt(state, ticket, { cause: "agent", reason, isFinal: !isRetryable });
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
