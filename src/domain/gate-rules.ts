/** When a gate must ask: the level, the ticket's step mode, and the rules that a person wrote beforehand. */
import { gatePayloads } from "./gate.ts";
import { matchesRule, ruleWords } from "./rule.ts";
import type { Check, Gate, State, Ticket } from "./state.ts";
import type { TestFinding } from "./test-finding.ts";

/** Step mode makes `guarded` ask as `manual` does for this ticket, whatever the rules say; `all` never asks for what can be undone. */
export function asksAlways(state: State, ticket: Ticket): boolean {
  const { level } = state.settings.gates;
  return level === "manual" || (level === "guarded" && ticket.isStepMode);
}

export function spawnNeedsGate(state: State, ticket: Ticket): boolean {
  return asksAlways(state, ticket);
}

/** A merge that weakens tests asks whatever the level: a green check then says less than it did. */
export function mergeNeedsGate(state: State, ticket: Ticket): boolean {
  return asksAlways(state, ticket) || testFindings(ticket).length > 0;
}

/** Tests that a ticket's checked change weakens. */
export function testFindings(ticket: Ticket): readonly TestFinding[] {
  return lastCheck(ticket)?.findings ?? [];
}

/** The last check of a ticket's own commit in its last attempt. */
export function lastCheck(ticket: Ticket): Check | undefined {
  return ticket.attempts.at(-1)?.checks.findLast((check) => check.subject === "ticket");
}

/** Whether a ticket is in the merge queue with leave to be merged. */
export function mayMerge(state: State, ticket: Ticket): boolean {
  return ticket.stage.name === "queued" && (ticket.stage.isAllowed || !mergeNeedsGate(state, ticket));
}

/** The merge of a track's ticket that a person is looking at. */
export function shownMerge(state: State, trackId: string): Gate | undefined {
  for (const gate of state.work.openGates.values()) if (gate.kind === "merge" && gate.trackId === trackId) return gate;
  return undefined;
}

/** Whether proposals, landings, budgets, conflicts and unknown outcomes ask. */
export function planNeedsGate(state: State): boolean {
  return state.settings.gates.level !== "all";
}

/** Who allows a command without asking: `level: all`, `rule: <pattern>`; null when a person must be asked. */
export function commandAllowedBy(state: State, ticket: Ticket, command: string): string | null {
  if (state.settings.gates.level === "all") return "level: all";
  if (asksAlways(state, ticket)) return null;
  const rule = state.settings.gates.allow.find((pattern) => matchesRule(pattern, command));
  if (rule !== undefined) return ruleWords(rule);
  for (const { ruleId, pattern, revokedAt } of state.rules.values())
    if (revokedAt === null && matchesRule(pattern, command)) return ruleWords(pattern, ruleId);
  return null;
}

/** Who allows a write outside the target files without asking; null when a person must be asked. */
export function writeAllowedBy(state: State): string | null {
  return state.settings.gates.level === "all" ? "level: all" : null;
}

/** Who opens a gate that stands open from stricter settings: what would not ask at all today; null while it asks. */
export function openedBy(state: State, gate: Gate): string | null {
  const { gates, isLanding } = state.settings;
  const level = `level: ${gates.level}`;
  const ticket = state.tickets.get(gate.ticketId ?? "");
  switch (gate.kind) {
    case "spawn":
      return ticket && !spawnNeedsGate(state, ticket) ? level : null;
    case "merge":
      return ticket && !mergeNeedsGate(state, ticket) ? level : null;
    case "command":
      return ticket ? commandAllowedBy(state, ticket, gatePayloads.command.parse(gate.payload).command) : null;
    case "write":
      return writeAllowedBy(state);
    case "checkpoint":
      return gates.level === "manual" ? null : level;
    case "tracks":
    case "tickets":
    case "conflict":
      return planNeedsGate(state) ? null : level;
    case "land":
      return planNeedsGate(state) || !isLanding ? null : level;
    case "budget":
    case "unknown":
      return null;
    default:
      return gate.kind satisfies never;
  }
}
