/** What the engine reports of its own start and of the effects that it carried out. */
import { spawnBudget } from "./budget.ts";
import type { Decision, EngineCommand } from "./command.ts";
import { staleLimits, unasked } from "./decide-settings.ts";
import {
  accept,
  blockTrack,
  failedAttempt,
  movedOn,
  reject,
  retireTicket,
  stopAgents,
  ticketIn,
  withdrawGates,
} from "./decision.ts";
import type { Fact } from "./event.ts";
import { spawnNeedsGate } from "./gate-rules.ts";
import { idSource } from "./ids.ts";
import { isFinal } from "./readiness.ts";
import { spawnGate } from "./spawn-gate.ts";
import type { State, Ticket } from "./state.ts";
import { approvedGate, spawnChange, supersedeGate } from "./supersede.ts";
import { costUsd, noUsage } from "./usage.ts";
import { weakenedAttempt } from "./weakened-attempt.ts";

type Of<T extends EngineCommand["type"]> = Extract<EngineCommand, { type: T }>;

/** The first facts of a process: what a crash left open is said, and the settings that hold from now on. */
export function startEngine(state: State, command: Of<"start_engine">): Decision {
  const { version, pid, settings } = command;
  const isSame = JSON.stringify(settings) === JSON.stringify(state.settings);
  return accept(
    { type: "engine.started", version, pid, hasRecovered: state.work.running.size > 0 },
    ...lostCalls(state),
    ...(isSame && state.position > 0 ? [] : [{ type: "settings.applied" as const, settings }, ...staleLimits(state)]),
    ...unasked(state, settings),
  );
}

function lostCalls(state: State): Fact[] {
  return [...state.reservations.values()].map((held) => {
    const agent = state.agents.get(held.agentId);
    return {
      type: "call.failed",
      callId: held.callId,
      agentId: held.agentId,
      streamId: agent?.streamId ?? held.agentId,
      turn: (agent?.turnCount ?? 0) + 1,
      code: "lost",
      reason:
        "The process ended while this call was under way: what it took is not known. Limits count what was held for it.",
      text: "",
      usage: noUsage,
      costUsd: costUsd(noUsage, state.settings.prices[agent?.model ?? ""]),
      durationMs: 0,
    };
  });
}

export function beginAgent(state: State, command: Of<"begin_agent">, at: string): Decision {
  if (!isAwaited(state, command)) {
    return reject("conflict", `No agent is needed any more for ${command.streamId}: what it was for has moved on.`);
  }
  const ticket = command.purpose === "work" ? state.tickets.get(command.ticketId ?? "") : undefined;
  const superseded = ticket ? supersededSpawn(state, ticket, at) : [];
  if (superseded.length > 0) return accept(...superseded);
  const { type: _type, ...fields } = command;
  return accept({ type: "agent.started", agentId: idSource(state).agent(), ...fields });
}

/** An approved start that would have another budget than was shown: nobody starts, and a person looks again. */
function supersededSpawn(state: State, ticket: Ticket, at: string): Fact[] {
  const gate = approvedGate(state, "spawn", (one) => one.ticketId === ticket.ticketId);
  if (!gate || !spawnNeedsGate(state, ticket)) return [];
  const change = spawnChange(gate, spawnBudget(state, ticket, at));
  return change ? supersedeGate(state, gate, change.reason, change.payload) : [];
}

/** Whether the state still asks for this agent: it took time to gather what it reads, and a second one would cost twice. */
function isAwaited(state: State, command: Of<"begin_agent">): boolean {
  for (const agent of state.work.running.values()) if (agent.streamId === command.streamId) return false;
  const ticket = state.tickets.get(command.ticketId ?? "");
  switch (command.purpose) {
    case "tracks":
      return state.epics.get(command.epicId ?? "")?.status === "planning";
    case "tickets":
      return state.tracks.get(command.trackId ?? "")?.status === "planning";
    case "work":
      return ticket?.stage.name === "spawning" && (ticket.stage.isAllowed || !spawnNeedsGate(state, ticket));
    case "diagnosis":
      return ticket?.stage.name === "diagnosing";
    case "verdict":
      return ticket?.stage.name === "judging";
    default:
      return command.purpose satisfies never;
  }
}

export function promptAgent(state: State, command: Of<"prompt_agent">): Decision {
  const agent = state.agents.get(command.agentId);
  if (!agent) return reject("not_found", `There is no agent ${command.agentId}.`);
  if (agent.status === "running") return reject("conflict", `The agent ${agent.agentId} is in the middle of a turn.`);
  if (command.purpose === "review" && !ticketIn(state, command.ticketId ?? "", "reviewing"))
    return movedOn(command.ticketId ?? "");
  const { type: _type, ...fields } = command;
  return accept({ type: "agent.prompted", ...fields });
}

export function recordPreparedTrack(state: State, command: Of<"record_prepared_track">): Decision {
  if (!state.tracks.has(command.trackId)) return reject("not_found", `There is no track ${command.trackId}.`);
  const { trackId, branch, baseCommit } = command;
  return accept({ type: "track.prepared", trackId, branch, baseCommit });
}

export function recordPreparedAttempt(state: State, command: Of<"record_prepared_attempt">, at: string): Decision {
  const ticket = ticketIn(state, command.ticketId, "preparing");
  const attempt = ticket?.attempts.at(-1);
  // What was made ready for an attempt that a person's edit has ended was told of the ticket as it was.
  if (!ticket || !attempt || command.attempt !== attempt.attempt) return movedOn(command.ticketId);
  const { type: _type, ...fields } = command;
  const prepared: Fact = { type: "attempt.prepared", ...fields, trackId: ticket.trackId };
  return accept(prepared, ...(spawnNeedsGate(state, ticket) ? spawnGate(state, ticket, at, command) : []));
}

export function beginCheck(state: State, command: Of<"begin_check">): Decision {
  const ticket = state.tickets.get(command.ticketId);
  if (!ticket || isFinal(ticket)) return movedOn(command.ticketId);
  const { type: _type, ...fields } = command;
  return accept({ type: "check.started", ...fields, trackId: ticket.trackId, attempt: ticket.attempts.length });
}

export function recordCheck(state: State, command: Of<"record_check">): Decision {
  const ticket = ticketIn(state, command.ticketId, command.subject === "ticket" ? "checking" : "merging");
  if (!ticket) return movedOn(command.ticketId);
  const { type: _type, ...fields } = command;
  const { trackId, attempts } = ticket;
  const completed: Fact = { type: "check.completed", ...fields, trackId, attempt: attempts.length };
  const { findings = [], exitCode, isTimedOut, subject } = command;
  const isGreen = subject === "ticket" && exitCode === 0 && !isTimedOut;
  if (!isGreen || findings.length === 0 || state.settings.gates.level !== "all") return accept(completed);
  return accept(completed, ...weakenedAttempt(state, ticket, findings));
}

export function recordEffectFailure(state: State, command: Of<"record_effect_failure">): Decision {
  const { subject, subjectId, reason } = command;
  switch (subject) {
    case "epic":
      return accept(...blockEpic(state, subjectId, reason));
    case "track":
      return accept(...failTrack(state, subjectId, reason));
    case "ticket":
      return accept(...failTicket(state, subjectId, reason));
    default:
      return subject satisfies never;
  }
}

function blockEpic(state: State, epicId: string, reason: string): Fact[] {
  return [
    ...stopAgents(state, reason, (agent) => agent.epicId === epicId && agent.role === "orchestrator"),
    ...withdrawGates(state, reason, (gate) => gate.epicId === epicId && gate.kind === "tracks"),
    { type: "epic.blocked", epicId, reason },
  ];
}

/** A finished track stays finished when its landing fails: the landing is tried again at the next start. */
function failTrack(state: State, trackId: string, reason: string): Fact[] {
  if (state.tracks.get(trackId)?.status === "completed") return [{ type: "landing.refused", trackId, reason }];
  return blockTrack(state, trackId, reason);
}

/** Without an agent that is stopped too, the same effect would be asked for, and fail, for ever. */
function failTicket(state: State, ticketId: string, reason: string): Fact[] {
  const ticket = state.tickets.get(ticketId);
  const reviewers = stopAgents(state, reason, (agent) => agent.ticketId === ticketId && agent.role === "tech_lead");
  if (!ticket || isFinal(ticket)) return reviewers;
  const retired = [...reviewers, ...retireTicket(state, ticketId, reason)];
  if (ticket.attempts.length > 0)
    return [...retired, ...failedAttempt(state, ticket, { cause: "agent", reason, isFinal: true })];
  return [...retired, { type: "ticket.blocked", ticketId, trackId: ticket.trackId, reason }];
}
