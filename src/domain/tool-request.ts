/** A tool call that the main loop must decide, and the facts that refuse what it proposes. */
import type { Fact } from "./event.ts";
import type { Agent, State, Ticket } from "./state.ts";

/** One tool call, with the agent that makes it. */
export interface Request {
  readonly state: State;
  readonly agent: Agent;
  readonly toolCallId: string;
  readonly input: unknown;
  readonly at: string;
}

/** How often a proposal may break a rule before what it was for is blocked. */
export const maxProposalTries = 3;

/** Whose call it is, as a gate names it. */
export function refs({ agent, toolCallId }: Request, ticket?: Ticket) {
  return {
    toolCallId,
    agentId: agent.agentId,
    streamId: agent.streamId,
    epicId: agent.epicId ?? undefined,
    trackId: agent.trackId ?? undefined,
    ticketId: ticket?.ticketId,
  };
}

/** Every fault goes back to the model; the last try blocks what it was asked for. */
export function refused({ agent, toolCallId }: Request, faults: string[]): Fact[] {
  const tries = agent.refusedCount + 1;
  const { agentId, epicId, trackId } = agent;
  const facts: Fact[] = [
    {
      type: "proposal.refused",
      agentId,
      toolCallId,
      faults,
      tries,
      ...(epicId === null ? {} : { epicId }),
      ...(trackId === null ? {} : { trackId }),
    },
  ];
  if (tries < maxProposalTries) return facts;
  const reason = `The proposal broke a rule ${tries} times; the last faults: ${faults.join("; ")}.`;
  facts.push({ type: "agent.failed", agentId, code: "proposal", reason, isRetryable: false });
  if (agent.purpose === "tracks" && epicId) facts.push({ type: "epic.blocked", epicId, reason });
  if (agent.purpose === "tickets" && trackId) facts.push({ type: "track.blocked", trackId, reason });
  return facts;
}
