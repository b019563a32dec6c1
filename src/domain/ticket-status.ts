/** A ticket's status as people and scripts see it, with the reason why it does not move. */
import { mayMerge, shownMerge, spawnNeedsGate } from "./gate-rules.ts";
import type { Hold } from "./model-health.ts";
import { holdOfAgent, modelKey } from "./model-hold.ts";
import { overlappingTicket, unmetDependencies, workerSlotsFree } from "./readiness.ts";
import type { Agent, State, Ticket } from "./state.ts";

export type TicketStatus =
  | "todo"
  | "waiting"
  | "in_progress"
  | "verifying"
  | "merging"
  | "completed"
  | "blocked"
  | "skipped"
  | "cancelled";

export interface StatusLine {
  readonly status: TicketStatus;
  /** One sentence; null where the status says all. */
  readonly reason: string | null;
}

/** The status of a ticket in the present state. */
export function ticketStatus(state: State, ticket: Ticket): StatusLine {
  const { stage } = ticket;
  switch (stage.name) {
    case "todo":
      return todoStatus(state, ticket);
    case "preparing":
      return { status: "in_progress", reason: "Its worktree and context are being made." };
    case "spawning":
      return stage.isAllowed || !spawnNeedsGate(state, ticket)
        ? { status: "in_progress", reason: "Its worker is about to start." }
        : waiting("Waits for you to approve its prompt.");
    case "working":
      return workingStatus(state, ticket, stage.agentId);
    case "checking":
      return { status: "verifying", reason: "The check runs." };
    case "diagnosing":
      return (
        budgetStatus(state, ticket) ??
        judgeHeld(state, ticket) ?? { status: "verifying", reason: "The check is red; tier 4 diagnoses it." }
      );
    case "judging":
      return (
        budgetStatus(state, ticket) ??
        judgeHeld(state, ticket) ?? { status: "verifying", reason: "The check is green; tier 4 judges it." }
      );
    case "reviewing":
      return (
        budgetStatus(state, ticket) ??
        judgeHeld(state, ticket) ?? { status: "verifying", reason: "The tech lead reviews its diff." }
      );
    case "queued":
      return mayMerge(state, ticket)
        ? { status: "merging", reason: "Waits in the merge queue." }
        : waiting(unmergedReason(state, ticket));
    case "merging":
      return { status: "merging", reason: "The check runs on the merged tree." };
    case "conflicted":
      return waiting("Its merge has a conflict; it waits for you.");
    case "completed":
      return { status: "completed", reason: null };
    case "blocked":
    case "skipped":
    case "cancelled":
      return { status: stage.name, reason: stage.reason };
    default:
      return stage satisfies never;
  }
}

function unmergedReason(state: State, { ticketId, trackId }: Ticket): string {
  const other = shownMerge(state, trackId)?.ticketId ?? ticketId;
  return other === ticketId
    ? "Waits for you to approve its merge."
    : `Its merge is shown once that of ${other} is decided.`;
}

function waiting(reason: string): StatusLine {
  return { status: "waiting", reason };
}

function todoStatus(state: State, ticket: Ticket): StatusLine {
  const unmet = unmetDependencies(state, ticket);
  if (unmet.length > 0) return { status: "todo", reason: `Needs ${unmet.join(", ")} first.` };
  const track = state.tracks.get(ticket.trackId);
  if (track?.status !== "in_progress") return { status: "todo", reason: null };
  if (state.isPaused) return waiting("The engine is paused.");
  const other = overlappingTicket(state, ticket);
  if (other) return waiting(`${other.ticketId} works on the same files.`);
  if (workerSlotsFree(state) <= 0) return waiting(`All ${state.settings.workers.max} workers are busy.`);
  return { status: "todo", reason: null };
}

function workingStatus(state: State, ticket: Ticket, agentId: string): StatusLine {
  for (const call of state.toolCalls.values()) {
    if (call.agentId !== agentId || call.status !== "gated") continue;
    return waiting(`Waits for you to decide on a ${call.kind === "write" ? "write" : "command"}.`);
  }
  return budgetStatus(state, ticket) ?? { status: "in_progress", reason: pauseReason(state, agentId) };
}

function pauseReason(state: State, agentId: string): string | null {
  if (state.isPaused) return "The engine is paused.";
  const agent = state.agents.get(agentId);
  const hold = agent && holdOfAgent(state, agent, Date.parse(state.lastAt));
  return agent && hold ? holdReason(state, agent, hold) : null;
}

/** One sentence on what a call of an agent waits for at its provider. */
export function holdReason(state: State, agent: Pick<Agent, "provider" | "model">, { kind, untilMs }: Hold): string {
  const until = untilMs === null ? "" : `${new Date(untilMs).toISOString().slice(11, 19)} UTC`;
  const reason = state.modelHealth.get(modelKey(agent))?.reason ?? "";
  switch (kind) {
    case "limited":
      return `The provider takes no calls of ${agent.model} until ${until}.`;
    case "paced":
      return `The provider limits the rate of ${agent.model}: its calls go out one at a time.`;
    case "broken":
      return `The provider fails, calls of ${agent.model} wait until ${until}. ${reason}`.trim();
    case "probing":
      return `The provider failed, one call of ${agent.model} tries whether it answers again. ${reason}`.trim();
    default:
      return kind satisfies never;
  }
}

/** A ticket whose judge may not call now; null when its provider is not the matter. */
function judgeHeld(state: State, ticket: Ticket): StatusLine | null {
  for (const agent of state.work.running.values()) {
    if (agent.ticketId !== ticket.ticketId) continue;
    const reason = pauseReason(state, agent.agentId);
    if (reason !== null) return { status: "verifying", reason };
  }
  return null;
}

/** A ticket whose agent may not call because a limit is reached; null when money is not the matter. */
function budgetStatus(state: State, ticket: Ticket): StatusLine | null {
  const scopes = ["run", ticket.trackId, ticket.ticketId, state.lastAt.slice(0, 10)];
  for (const reached of state.reachedLimits.values()) {
    if (scopes.includes(reached.scopeId)) return waiting(reached.reason);
  }
  for (const gate of state.work.openGates.values()) {
    if (gate.kind !== "budget") continue;
    if (gate.ticketId === ticket.ticketId || holdsNothing(state, ticket))
      return waiting("A budget is reached; it waits for you.");
  }
  return null;
}

function holdsNothing(state: State, ticket: Ticket): boolean {
  for (const held of state.reservations.values()) if (held.ticketId === ticket.ticketId) return false;
  return true;
}
