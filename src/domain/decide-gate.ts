/** A person's decision on a gate: it must name the hash of what was shown; what is approved is exactly what will run. */
import type { Decision, PersonCommand, Rejection } from "./command.ts";
import { plannedTickets, plannedTracks } from "./decide-plan.ts";
import { accept, blockTrack, failedAttempt, plainJson, reject } from "./decision.ts";
import type { Fact } from "./event.ts";
import { canonicalJson, type GateKind, gatePayloads, type Json, payloadHash, Surroundings } from "./gate.ts";
import { closedWords } from "./gate-words.ts";
import { idSource } from "./ids.ts";
import { type Parsed, parseTickets, parseTracks } from "./proposal.ts";
import type { Gate, State } from "./state.ts";

type Of<T extends PersonCommand["type"]> = Extract<PersonCommand, { type: T }>;

export function approveGate(state: State, command: Of<"approve_gate">, at: string): Decision {
  const found = openGateFor(state, command);
  if ("code" in found) return reject(found.code, found.message);
  const { payload, isEdited, fault } = judgeEdit(state, found, command.payload ?? found.payload);
  if (fault !== null) return reject("invalid", fault);
  const { gateId, kind } = found;
  return accept(
    { type: "gate.approved", gateId, kind, payload, payloadHash: payloadHash(payload), isEdited, by: command.by },
    ...approvalFacts(state, { ...found, payload, isEdited }, command.by, at),
  );
}

/** What would be approved if a person gave this payload, whether that is another one than was shown, and why it cannot be. */
export function judgeEdit(
  state: State,
  gate: Gate,
  edited: Json,
): { readonly payload: Json; readonly isEdited: boolean; readonly fault: string | null } {
  const payload = completed(gate, plainJson(edited));
  const isEdited = canonicalJson(payload) !== canonicalJson(gate.payload);
  return { payload, isEdited, fault: isEdited ? editFault(state, gate, payload) : null };
}

export function declineGate(state: State, command: Of<"decline_gate">): Decision {
  const found = openGateFor(state, command);
  if ("code" in found) return reject(found.code, found.message);
  const { gateId, kind } = found;
  const { reason, by } = command;
  return accept({ type: "gate.declined", gateId, kind, reason, by }, ...declineFacts(state, found, reason));
}

function openGateFor(state: State, command: { gateId: string; payloadHash: string }): Gate | Rejection {
  const gate = state.gates.get(command.gateId);
  if (!gate) return { code: "not_found", message: `There is no gate ${command.gateId}.` };
  if (gate.status !== "open") return { code: "conflict", message: closedWords(gate, (id) => state.gates.get(id)) };
  if (gate.payloadHash === command.payloadHash) return gate;
  return {
    code: "stale",
    message: `The gate ${gate.gateId} does not show that payload: look at it again, then decide.`,
  };
}

/** An edit by someone who knows only the fields that can be edited: what says what is so is taken from what was shown. */
function completed(gate: Gate, payload: Json): Json {
  if (gate.kind === "tracks" || gate.kind === "tickets" || !isRecord(payload) || !isRecord(gate.payload))
    return payload;
  const { payload: shown } = gate;
  const missing = fixedFields[gate.kind].filter((field) => payload[field] === undefined && shown[field] !== undefined);
  return { ...payload, ...Object.fromEntries(missing.map((field) => [field, shown[field] ?? null])) };
}

function isRecord(value: Json): value is { [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function editFault(state: State, gate: Gate, payload: Json): string | null {
  const parsed = parsePayload(state, gate, payload);
  return parsed.isValid ? null : `The edited payload breaks a rule: ${parsed.faults.join("; ")}.`;
}

function parsePayload(state: State, gate: Gate, payload: Json): Parsed<unknown> {
  const parsed = gatePayloads[gate.kind].safeParse(payload);
  if (!parsed.success) {
    return {
      isValid: false,
      faults: parsed.error.issues.map((issue) => `${issue.path.join(".") || "payload"}: ${issue.message}`),
    };
  }
  if (gate.kind === "tracks") return parseTracks(payload);
  if (gate.kind === "tickets") return parseTickets(payload, ticketKeys(state, gate.trackId));
  const fixed = fixedFields[gate.kind].filter((field) => fieldJson(payload, field) !== fieldJson(gate.payload, field));
  if (fixed.length === 0) return { isValid: true, value: parsed.data };
  return {
    isValid: false,
    faults: [`${fixed.join(", ")} says what is so and cannot be edited; approve or decline it`],
  };
}

/** Fields that only show what is so: nothing would run differently if a person changed them. */
const fixedFields: Record<Exclude<GateKind, "tracks" | "tickets">, readonly string[]> = {
  spawn: ["budget"],
  command: Object.keys(Surroundings.shape),
  write: [],
  unknown: ["startedAt", ...Object.keys(Surroundings.shape)],
  merge: Object.keys(gatePayloads.merge.shape),
  checkpoint: Object.keys(gatePayloads.checkpoint.shape),
  land: Object.keys(gatePayloads.land.shape),
  conflict: Object.keys(gatePayloads.conflict.shape),
  budget: ["limit", "scopeId", "current", "spent", "needed"],
};

function fieldJson(payload: Json, field: string): string {
  return canonicalJson(isRecord(payload) ? (payload[field] ?? null) : null);
}

/** The keys of the tickets that a track already has: new ones may depend on them. */
export function ticketKeys(state: State, trackId: string | undefined | null): string[] {
  const ticketIds = state.tracks.get(trackId ?? "")?.ticketIds ?? [];
  return ticketIds.flatMap((ticketId) => state.tickets.get(ticketId)?.key ?? []);
}

function approvalFacts(state: State, gate: Gate, by: string, at: string): Fact[] {
  const agent = state.agents.get(gate.agentId ?? "");
  switch (gate.kind) {
    case "tracks":
      return agent ? plannedTracks(state, agent, gatePayloads.tracks.parse(gate.payload).tracks, at) : [];
    case "tickets":
      return agent
        ? plannedTickets(state, idSource(state), agent, gatePayloads.tickets.parse(gate.payload).tickets)
        : [];
    case "write": {
      const { path } = gatePayloads.write.parse(gate.payload);
      if (!agent || !gate.toolCallId || !gate.ticketId) return [];
      const { agentId } = agent;
      return [
        {
          type: "write.allowed",
          toolCallId: gate.toolCallId,
          agentId,
          ticketId: gate.ticketId,
          path,
          allowedBy: `gate ${gate.gateId}`,
          isEdited: gate.isEdited === true,
        },
      ];
    }
    case "checkpoint": {
      const { trackId, phase, commit } = gatePayloads.checkpoint.parse(gate.payload);
      return [{ type: "checkpoint.recorded", trackId, phase, commit, by }];
    }
    case "budget": {
      const { limit, scopeId, raiseTo } = gatePayloads.budget.parse(gate.payload);
      return [{ type: "budget.raised", limit, scopeId, to: raiseTo, gateId: gate.gateId }];
    }
    case "conflict": {
      const ticket = state.tickets.get(gate.ticketId ?? "");
      return ticket ? failedAttempt(state, ticket, { cause: "conflict", reason: gate.reason, isFresh: true }) : [];
    }
    case "command":
    case "unknown":
    case "spawn":
    case "merge":
    case "land":
      return [];
    default:
      return gate.kind satisfies never;
  }
}

function declineFacts(state: State, gate: Gate, words: string): Fact[] {
  const ticket = state.tickets.get(gate.ticketId ?? "");
  const said = words === "" ? "no reason was given" : words;
  switch (gate.kind) {
    case "spawn":
      return ticket
        ? failedAttempt(state, ticket, {
            cause: "declined",
            reason: `A person declined its start: ${said}`,
            isFinal: true,
          })
        : [];
    case "merge":
      return ticket
        ? failedAttempt(state, ticket, { cause: "declined", reason: `A person declined its merge: ${said}` })
        : [];
    case "conflict":
      return ticket
        ? failedAttempt(state, ticket, {
            cause: "conflict",
            reason: `${gate.reason} A person declined another attempt: ${said}`,
            isFinal: true,
          })
        : [];
    case "checkpoint":
      return blockTrack(
        state,
        gate.trackId ?? "",
        `A person declined the checkpoint: ${said}. Start the track again to be asked once more.`,
        gate.gateId,
      );
    case "land":
      return [{ type: "landing.declined", trackId: gate.trackId ?? "", reason: said }];
    case "budget": {
      const { limit, scopeId, current } = gatePayloads.budget.parse(gate.payload);
      const reason = `The limit ${limit} of ${current} is reached, and a person declined to raise it: ${said}`;
      return [{ type: "budget.reached", limit, scopeId, agentId: gate.agentId ?? "", reason }];
    }
    case "tracks":
    case "tickets":
    case "command":
    case "write":
    case "unknown":
      return [];
    default:
      return gate.kind satisfies never;
  }
}
