/** Folds tool calls that the main loop decides: asked for, shown, allowed or declined, run, answered. */
import { plainJson } from "./decision.ts";
import type { Event, EventOf } from "./event.ts";
import { gatePayloads, type Json } from "./gate.ts";
import type { State, ToolCall } from "./state.ts";

export function evolveToolCall(state: State, event: Event): void {
  switch (event.type) {
    case "gate.opened":
      return gateToolCall(state, event);
    case "gate.approved":
      return decideToolCall(state, event.gateId, (call) => ({
        ...call,
        status: "allowed",
        payload: approvedPayload(event, call),
        // What a person once changed stays changed, however often it has to be shown again.
        isEdited: call.isEdited || event.isEdited,
      }));
    case "gate.declined": {
      const text = event.kind === "unknown" ? hiddenText(event.reason) : declinedText(event.reason);
      return decideToolCall(state, event.gateId, (call) => ({
        ...call,
        status: "declined",
        answer: { text, isError: true },
      }));
    }
    case "gate.withdrawn":
      return decideToolCall(state, event.gateId, (call) => ({
        ...call,
        status: "declined",
        answer: { text: declinedText(event.reason), isError: true },
      }));
    case "proposal.refused":
      return putToolCall(state, event, {
        kind: "proposal",
        status: "done",
        answer: { text: refusedText(event.faults), isError: true },
      });
    case "tracks.proposed":
    case "tickets.proposed":
      return putToolCall(state, event, { kind: "proposal", status: "gated" });
    case "gate.superseded":
      return decideToolCall(state, event.gateId, (call) => ({ ...call, status: "requested" }));
    case "command.requested": {
      const payload = { command: event.command, cwd: event.cwd };
      return putToolCall(state, event, { kind: "command", status: "requested", payload, timeoutMs: event.timeoutMs });
    }
    case "command.started": {
      const payload = { command: event.command, cwd: event.cwd };
      return putToolCall(state, event, {
        kind: "command",
        status: "running",
        payload,
        isEdited: event.isEdited,
        timeoutMs: event.timeoutMs,
        startedAt: event.at,
      });
    }
    case "command.completed":
      return putToolCall(state, event, {
        status: "done",
        answer: { text: commandText(state, event), isError: event.exitCode !== 0 },
      });
    default:
      return;
  }
}

/** What a restart forgot of a command is asked again with the same payload shape as the command itself. */
function approvedPayload(event: EventOf<"gate.approved">, call: ToolCall): Json {
  if (event.kind !== "unknown") return event.payload;
  const { startedAt: _startedAt, ...payload } = gatePayloads.unknown.parse(event.payload);
  return call.kind === "command" ? plainJson(payload) : event.payload;
}

function gateToolCall(state: State, event: EventOf<"gate.opened">): void {
  if (!event.toolCallId || !event.agentId) return;
  const kind =
    event.kind === "write" ? "write" : event.kind === "command" || event.kind === "unknown" ? "command" : "proposal";
  const known = state.toolCalls.get(event.toolCallId);
  putToolCall(
    state,
    { toolCallId: event.toolCallId, agentId: event.agentId },
    {
      kind,
      status: "gated",
      gateId: event.gateId,
      payload: event.kind === "unknown" && known ? known.payload : event.payload,
      timeoutMs: event.timeoutMs ?? known?.timeoutMs ?? 0,
    },
  );
}

function putToolCall(state: State, ref: { toolCallId: string; agentId: string }, change: Partial<ToolCall>): void {
  const known = state.toolCalls.get(ref.toolCallId);
  const fresh: ToolCall = {
    toolCallId: ref.toolCallId,
    agentId: ref.agentId,
    kind: "command",
    status: "gated",
    gateId: null,
    payload: null,
    isEdited: false,
    timeoutMs: 0,
    startedAt: null,
    answer: null,
  };
  state.toolCalls.set(ref.toolCallId, { ...fresh, ...known, ...change });
}

function decideToolCall(state: State, gateId: string, change: (call: ToolCall) => ToolCall): void {
  for (const call of state.toolCalls.values()) {
    if (call.gateId === gateId) state.toolCalls.set(call.toolCallId, change(call));
  }
}

function declinedText(reason: string): string {
  return `A person declined this: ${reason || "no reason was given"}. It was not done.`;
}

/** The command may have run, in part or whole, before the crash: only the person can know. */
function hiddenText(words: string): string {
  return `The program ended while this command ran; it is not known what the command did, and it was not run again. A person says: ${words || "nothing more"}.`;
}

function refusedText(faults: readonly string[]): string {
  return `The proposal was refused. Mend every fault and call the tool again:\n${faults.map((fault) => `- ${fault}`).join("\n")}`;
}

function commandText(state: State, event: EventOf<"command.completed">): string {
  const call = state.toolCalls.get(event.toolCallId);
  const payload = gatePayloads.command.safeParse(call?.payload);
  const edited =
    call?.isEdited && payload.success ? `A person changed the command. What ran:\n${payload.data.command}\n\n` : "";
  const ended = event.isTimedOut
    ? `It was stopped after ${Math.round(event.durationMs / 1000)} s.`
    : `Exit code ${event.exitCode}.`;
  return `${edited}${ended}\n${event.output}`;
}
