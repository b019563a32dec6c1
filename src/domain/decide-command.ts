/** Shell commands: asked for, shown with all that they would meet, begun once as they were approved, and answered. */
import { z } from "zod";
import type { Decision, EngineCommand } from "./command.ts";
import { accept, hiddenOutcome, openGate, redoneAfresh, reject } from "./decision.ts";
import type { Fact } from "./event.ts";
import { gatePayloads, type Surroundings } from "./gate.ts";
import { commandAllowedBy, planNeedsGate } from "./gate-rules.ts";
import { idSource } from "./ids.ts";
import type { Agent, State, Ticket, ToolCall } from "./state.ts";
import { commandChange, supersedeGate } from "./supersede.ts";
import type { Request } from "./tool-request.ts";

type Of<T extends EngineCommand["type"]> = Extract<EngineCommand, { type: T }>;

const defaultCommandTimeoutMs = 120_000;
const maxCommandTimeoutMs = 600_000;
const BashInput = z.object({ command: z.string().min(1), timeout_ms: z.number().positive().optional() });
const Asked = z.object({ command: z.string(), cwd: z.string() });

/** A worker calls `bash`: the command starts where a rule allows it, and is shown to a person otherwise. */
export function requestCommand(request: Request, ticket: Ticket): Fact[] | null {
  const { state, agent, toolCallId } = request;
  const input = BashInput.safeParse(request.input);
  if (!input.success || agent.purpose !== "work") return null;
  const { command } = input.data;
  const cwd = ticket.attempts.at(-1)?.worktree ?? "";
  const timeoutMs = Math.round(Math.min(input.data.timeout_ms ?? defaultCommandTimeoutMs, maxCommandTimeoutMs));
  const { ticketId, trackId } = ticket;
  const asked = { toolCallId, agentId: agent.agentId, trackId, ticketId, command, cwd, timeoutMs };
  const allowedBy = commandAllowedBy(state, ticket, command);
  if (allowedBy === null) return [{ type: "command.requested", ...asked }];
  return [{ type: "command.started", ...asked, allowedBy, isEdited: false }];
}

/** After a crash nobody knows whether the command had its effect: a person decides, or the ticket starts afresh. */
export function unknownOutcome({ state, agent }: Request, call: ToolCall): Fact[] {
  const ticket = state.tickets.get(agent.ticketId ?? "");
  const asked = Asked.safeParse(call.payload);
  if (!ticket || !asked.success) return [];
  if (!planNeedsGate(state)) return redoneAfresh(state, ticket, agent.agentId, asked.data.command);
  const { toolCallId, timeoutMs } = call;
  const { ticketId, trackId } = ticket;
  return [
    { type: "command.requested", toolCallId, agentId: agent.agentId, trackId, ticketId, ...asked.data, timeoutMs },
  ];
}

/** Opens the gate of a command that was asked for, now that it is known what it would meet. */
export function offerCommand(state: State, command: Of<"offer_command">): Decision {
  const found = callOf(state, command.toolCallId);
  if (found?.call.status !== "requested") return reject("conflict", "The command is not one that waits to be shown.");
  const { call, agent, ticket, asked } = found;
  if (call.startedAt !== null && !planNeedsGate(state))
    return accept(...redoneAfresh(state, ticket, agent.agentId, asked.command));
  const allowedBy = call.startedAt === null ? commandAllowedBy(state, ticket, asked.command) : null;
  if (allowedBy !== null) return accept(startedFact(found, allowedBy));
  const { agentId, streamId } = agent;
  const { trackId, ticketId } = ticket;
  const { toolCallId, timeoutMs } = call;
  const owner = { toolCallId, agentId, streamId, trackId, ticketId };
  const shown = { ...shownPayload(call, asked, command.surroundings), ...owner, timeoutMs };
  return accept(openGate(idSource(state), { ...shown, reason: reasonToAsk(call, ticket, asked.command) }));
}

function reasonToAsk(call: ToolCall, ticket: Ticket, command: string): string {
  if (call.startedAt === null) return `The worker of ${ticket.ticketId} wants to run a command.`;
  return `${hiddenOutcome(command)}. Approve to run it (again); decline to tell the worker what happened.`;
}

/** A command that has been begun before is shown as one whose outcome nobody knows. */
function shownPayload(call: ToolCall, asked: z.infer<typeof Asked>, surroundings: Surroundings) {
  const payload = { ...asked, ...surroundings };
  if (call.startedAt === null) return { kind: "command" as const, payload };
  return { kind: "unknown" as const, payload: { ...payload, startedAt: call.startedAt } };
}

/**
 * The intent to run an approved command: the approval is consumed, so it runs once. What it meets must be what was shown, or
 * nothing runs and a person looks again; where a rule allows the command by now, nobody needs to.
 */
export function beginCommand(state: State, command: Of<"begin_command">): Decision {
  const found = callOf(state, command.toolCallId);
  const approved = gatePayloads.command.safeParse(found?.call.payload);
  if (found?.call.status !== "allowed" || !approved.success)
    return reject("conflict", "The command is not one that waits to be run.");
  const { call, ticket, asked } = found;
  const { surroundings, treeChange } = command;
  const change = commandChange(approved.data, { ...asked, ...surroundings }, treeChange);
  const gate = state.gates.get(call.gateId ?? "");
  if (change === null || !gate) return accept(startedFact(found, `gate ${call.gateId ?? ""}`));
  const allowedBy = commandAllowedBy(state, ticket, asked.command);
  if (allowedBy !== null) return accept(startedFact(found, allowedBy));
  return accept(...supersedeGate(state, gate, change, shownPayload(call, asked, surroundings).payload));
}

function startedFact({ call, agent, ticket, asked }: Found, allowedBy: string): Fact {
  const { toolCallId, timeoutMs, isEdited } = call;
  const { ticketId, trackId } = ticket;
  const { agentId } = agent;
  return { type: "command.started", toolCallId, agentId, trackId, ticketId, ...asked, timeoutMs, allowedBy, isEdited };
}

interface Found {
  readonly call: ToolCall;
  readonly agent: Agent;
  readonly ticket: Ticket;
  readonly asked: z.infer<typeof Asked>;
}

/** A command's call with all that belongs to it. */
function callOf(state: State, toolCallId: string): Found | null {
  const call = state.toolCalls.get(toolCallId);
  const agent = state.agents.get(call?.agentId ?? "");
  const ticket = state.tickets.get(agent?.ticketId ?? "");
  const asked = Asked.safeParse(call?.payload);
  return call && agent && ticket && asked.success ? { call, agent, ticket, asked: asked.data } : null;
}

export function recordCommand(state: State, command: Of<"record_command">): Decision {
  const call = state.toolCalls.get(command.toolCallId);
  const agent = state.agents.get(call?.agentId ?? "");
  if (call?.status !== "running" || !agent?.ticketId || !agent.trackId)
    return reject("conflict", "The command's agent has ended.");
  const { type: _type, ...fields } = command;
  const { agentId, ticketId, trackId } = agent;
  return accept({ type: "command.completed", ...fields, agentId, ticketId, trackId });
}
