/** What agents report about a ticket: tier 4's verdict, tier 2's review, a worker that is blocked. */
import { z } from "zod";
import { failedAttempt } from "./decision.ts";
import type { Fact } from "./event.ts";
import { parseVerdict } from "./proposal.ts";
import type { Agent, Ticket } from "./state.ts";
import { maxProposalTries, type Request, refused } from "./tool-request.ts";

const ReasonInput = z.object({ reason: z.string() });

export function reportVerdict(request: Request, ticket: Ticket): Fact[] | null {
  const { state, agent } = request;
  if (agent.purpose !== "verdict" || agent.attempt === null) return null;
  const parsed = parseVerdict(request.input);
  if (!parsed.isValid) return [...refused(request, parsed.faults), ...lastVerdictTry(request, ticket, parsed.faults)];
  const verdict = parsed.value;
  const ended: Fact = { type: "agent.ended", agentId: agent.agentId, text: `${verdict.verdict}: ${verdict.diagnosis}` };
  if (ticket.stage.name !== "judging") return [ended];
  const reported: Fact = {
    type: "verdict.reported",
    ticketId: ticket.ticketId,
    trackId: ticket.trackId,
    attempt: agent.attempt,
    agentId: agent.agentId,
    verdict,
  };
  const failed =
    verdict.verdict === "fail"
      ? failedAttempt(state, ticket, {
          cause: "verdict",
          reason: `Tier 4 says that the acceptance criteria are not met: ${verdict.diagnosis}`,
        })
      : [];
  return [ended, reported, ...failed];
}

function lastVerdictTry({ state, agent }: Request, ticket: Ticket, faults: string[]): Fact[] {
  if (agent.refusedCount + 1 < maxProposalTries) return [];
  return failedAttempt(state, ticket, {
    cause: "agent",
    reason: `Tier 4 gave no valid verdict: ${faults.join("; ")}`,
    isFinal: true,
  });
}

export function acceptTicket({ agent }: Request, ticket: Ticket): Fact[] | null {
  if (agent.purpose !== "review") return null;
  const ended: Fact = { type: "agent.ended", agentId: agent.agentId, text: `Accepted ${ticket.ticketId}.` };
  if (!isReviewed(agent, ticket)) return [ended];
  return [ended, { type: "review.accepted", ...attemptRef(ticket), agentId: agent.agentId }];
}

/** Whether the word is about the diff that waits for it, and not about that of an attempt before. */
function isReviewed(agent: Agent, ticket: Ticket): boolean {
  return ticket.stage.name === "reviewing" && agent.attempt === ticket.attempts.length;
}

export function requestRework(request: Request, ticket: Ticket): Fact[] | null {
  const { state, agent } = request;
  const input = ReasonInput.safeParse(request.input);
  if (agent.purpose !== "review" || !input.success) return null;
  const { reason } = input.data;
  const ended: Fact = {
    type: "agent.ended",
    agentId: agent.agentId,
    text: `Asked for rework of ${ticket.ticketId}: ${reason}`,
  };
  if (!isReviewed(agent, ticket)) return [ended];
  const rework: Fact = { type: "review.rework_requested", ...attemptRef(ticket), agentId: agent.agentId, reason };
  return [
    ended,
    rework,
    ...failedAttempt(state, ticket, { cause: "rework", reason: `The tech lead asks for rework: ${reason}` }),
  ];
}

export function reportBlocked(request: Request, ticket: Ticket): Fact[] | null {
  const { state, agent } = request;
  const input = ReasonInput.safeParse(request.input);
  if (agent.purpose !== "work" || !input.success) return null;
  const { reason } = input.data;
  const ended: Fact = { type: "agent.ended", agentId: agent.agentId, text: `Blocked: ${reason}` };
  return [ended, ...failedAttempt(state, ticket, { cause: "blocked", reason: `The worker is blocked: ${reason}` })];
}

function attemptRef(ticket: Ticket) {
  return { ticketId: ticket.ticketId, trackId: ticket.trackId, attempt: ticket.attempts.length };
}
