/** Folds gates: opened, approved, declined, withdrawn, superseded, and what that releases or holds again. */
import type { Event, EventOf } from "./event.ts";
import { setStage, updateTicket, updateTrack } from "./evolve-plan.ts";
import { type GatePayload, gatePayloads } from "./gate.ts";
import { indexGate } from "./index-work.ts";
import type { Gate, State } from "./state.ts";

export function evolveGate(state: State, event: Event): void {
  switch (event.type) {
    case "gate.opened":
      return openGate(state, event);
    case "gate.approved":
      close(state, event, {
        status: "approved",
        decision: "approve",
        decidedBy: event.by,
        isEdited: event.isEdited,
        payload: event.payload,
        payloadHash: event.payloadHash,
      });
      return release(state, event);
    case "gate.declined":
      return close(state, event, {
        status: "declined",
        decision: "decline",
        decidedBy: event.by,
        words: event.reason,
      });
    case "gate.withdrawn":
      return close(state, event, { status: "withdrawn", words: event.reason });
    case "gate.superseded":
      supersede(state, event);
      return holdAgain(state, event);
    default:
      return;
  }
}

/** The approval stays on record with its time; that nothing ran by it is said beside it. */
function supersede(state: State, { gateId, reason, byGateId }: EventOf<"gate.superseded">): void {
  const gate = state.gates.get(gateId);
  const by = byGateId === undefined ? {} : { supersededBy: byGateId };
  if (gate) putGate(state, { ...gate, ...by, status: "superseded", words: reason });
}

/** What an approval released and did not carry out waits for a person again. */
function holdAgain(state: State, event: EventOf<"gate.superseded">): void {
  const gate = state.gates.get(event.gateId);
  const ticket = state.tickets.get(gate?.ticketId ?? "");
  const track = state.tracks.get(gate?.trackId ?? "");
  const stage = ticket?.stage;
  if (gate?.kind === "spawn" && stage?.name === "spawning")
    setStage(state, ticket?.ticketId ?? "", { ...stage, isAllowed: false });
  if (gate?.kind === "merge" && (stage?.name === "queued" || stage?.name === "merging"))
    setStage(state, ticket?.ticketId ?? "", { name: "queued", isAllowed: false });
  if (gate?.kind === "land" && track?.landing.name === "prepared")
    updateTrack(state, { trackId: track.trackId, at: event.at }, { landing: { ...track.landing, isAllowed: false } });
}

function openGate(state: State, event: EventOf<"gate.opened">): void {
  state.counts.gate += 1;
  const { type: _type, position: _position, at, ...fields } = event;
  const refs = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  // The event's fields are the gate's own, by the same names; only absent ones were left out.
  putGate(state, { ...(refs as typeof fields), openedAt: at, status: "open" } as Gate);
}

function putGate(state: State, gate: Gate): void {
  state.gates.set(gate.gateId, gate);
  indexGate(state, gate);
}

function close(state: State, event: { gateId: string; at: string }, change: Partial<Gate>): void {
  const gate = state.gates.get(event.gateId);
  if (gate) putGate(state, { ...gate, ...change, decidedAt: event.at });
}

/** What an approval changes in the thing that waited: the approved payload takes the place of the shown one. */
function release(state: State, event: EventOf<"gate.approved">): void {
  const gate = state.gates.get(event.gateId);
  if (!gate) return;
  switch (gate.kind) {
    case "spawn": {
      const { prompt, context, model } = gatePayloads.spawn.parse(event.payload);
      return releaseSpawn(state, gate, { prompt, context, model });
    }
    case "merge":
      return setStage(state, gate.ticketId ?? "", { name: "queued", isAllowed: true });
    case "land":
      return allowLanding(state, gate, event.at);
    default:
      return;
  }
}

function releaseSpawn(state: State, gate: Gate, payload: GatePayload<"spawn">): void {
  const ticket = state.tickets.get(gate.ticketId ?? "");
  if (!ticket) return;
  const attempts = ticket.attempts.map((attempt, index) =>
    index === ticket.attempts.length - 1 ? { ...attempt, model: payload.model } : attempt,
  );
  updateTicket(state, ticket.ticketId, { attempts, stage: { name: "spawning", ...payload, isAllowed: true } });
}

function allowLanding(state: State, gate: Gate, at: string): void {
  const track = state.tracks.get(gate.trackId ?? "");
  if (track?.landing.name !== "prepared") return;
  updateTrack(state, { trackId: track.trackId, at }, { landing: { ...track.landing, isAllowed: true } });
}
