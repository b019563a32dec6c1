/** Tool calls that the main loop decides: commands, writes outside the target files, proposals, reports. */
import { z } from "zod";
import type { AgentCommand, Decision } from "./command.ts";
import { requestCommand, unknownOutcome } from "./decide-command.ts";
import { ticketKeys } from "./decide-gate.ts";
import { plannedTickets, plannedTracks } from "./decide-plan.ts";
import { acceptTicket, reportBlocked, reportVerdict, requestRework } from "./decide-report.ts";
import { accept, openGate, plainJson, reject } from "./decision.ts";
import type { Fact } from "./event.ts";
import { planNeedsGate, writeAllowedBy } from "./gate-rules.ts";
import { idSource } from "./ids.ts";
import { parseTickets, parseTracks } from "./proposal.ts";
import type { State, Ticket } from "./state.ts";
import { type Request, refs, refused } from "./tool-request.ts";

type RequestTool = Extract<AgentCommand, { type: "request_tool" }>;

const WriteInput = z.object({ path: z.string().min(1), content: z.string() });

export function requestTool(state: State, command: RequestTool, at: string): Decision {
  const agent = state.agents.get(command.agentId);
  if (!agent) return reject("not_found", `There is no agent ${command.agentId}.`);
  if (agent.status !== "running") return reject("conflict", `The agent ${agent.agentId} is no longer running.`);
  const request: Request = { state, agent, toolCallId: command.toolCallId, input: command.input, at };
  const known = state.toolCalls.get(command.toolCallId);
  if (known) return known.status === "unknown" ? accept(...unknownOutcome(request, known)) : accept();
  const facts = toolFacts(request, command.name);
  return facts
    ? accept(...facts)
    : reject(
        "invalid",
        `The tool ${command.name} is not one that a ${agent.role} has, or its input has the wrong shape.`,
      );
}

function toolFacts(request: Request, name: string): Fact[] | null {
  switch (name) {
    case "bash":
      return withTicket(request, requestCommand);
    case "write":
      return withTicket(request, requestWrite);
    case "propose_tracks":
      return proposeTracks(request);
    case "propose_tickets":
      return proposeTickets(request);
    case "report_verdict":
      return withTicket(request, reportVerdict);
    case "accept_ticket":
      return withTicket(request, acceptTicket);
    case "request_rework":
      return withTicket(request, requestRework);
    case "report_blocked":
      return withTicket(request, reportBlocked);
    default:
      return null;
  }
}

function withTicket(request: Request, decide: (request: Request, ticket: Ticket) => Fact[] | null): Fact[] | null {
  const ticket = request.state.tickets.get(request.agent.ticketId ?? "");
  return ticket ? decide(request, ticket) : null;
}

function requestWrite(request: Request, ticket: Ticket): Fact[] | null {
  const { state, agent, toolCallId } = request;
  const input = WriteInput.safeParse(request.input);
  if (!input.success || agent.purpose !== "work") return null;
  const { path, content } = input.data;
  const allowedBy = writeAllowedBy(state);
  if (allowedBy !== null) {
    return [
      {
        type: "write.allowed",
        toolCallId,
        agentId: agent.agentId,
        ticketId: ticket.ticketId,
        path,
        allowedBy,
        isEdited: false,
      },
    ];
  }
  const reason = `The worker of ${ticket.ticketId} wants to write ${path}, which is not among the ticket's target files.`;
  return [openGate(idSource(state), { ...refs(request, ticket), kind: "write", reason, payload: { path, content } })];
}

function proposeTracks(request: Request): Fact[] | null {
  const { state, agent, toolCallId, at } = request;
  if (agent.purpose !== "tracks" || !agent.epicId) return null;
  const parsed = parseTracks(request.input);
  if (!parsed.isValid) return refused(request, parsed.faults);
  const { tracks, rationale } = parsed.value;
  const proposed: Fact = {
    type: "tracks.proposed",
    epicId: agent.epicId,
    agentId: agent.agentId,
    toolCallId,
    tracks,
    ...(rationale === undefined ? {} : { rationale }),
  };
  if (!planNeedsGate(state)) return [proposed, ...plannedTracks(state, agent, tracks, at)];
  const reason = `Tier 1 proposes ${tracks.length} track${tracks.length === 1 ? "" : "s"} for the goal.`;
  return [
    proposed,
    openGate(idSource(state), { ...refs(request), kind: "tracks", reason, payload: plainJson(parsed.value) }),
  ];
}

function proposeTickets(request: Request): Fact[] | null {
  const { state, agent, toolCallId } = request;
  if (agent.purpose !== "tickets" || !agent.trackId) return null;
  const parsed = parseTickets(request.input, ticketKeys(state, agent.trackId));
  if (!parsed.isValid) return refused(request, parsed.faults);
  const { tickets } = parsed.value;
  const proposed: Fact = {
    type: "tickets.proposed",
    trackId: agent.trackId,
    agentId: agent.agentId,
    toolCallId,
    tickets,
  };
  if (!planNeedsGate(state)) return [proposed, ...plannedTickets(state, idSource(state), agent, tickets)];
  const reason = `Tier 2 proposes ${tickets.length} ticket${tickets.length === 1 ? "" : "s"} for the track ${agent.trackId}.`;
  return [
    proposed,
    openGate(idSource(state), { ...refs(request), kind: "tickets", reason, payload: plainJson(parsed.value) }),
  ];
}
