/** A gate as the API and the command line show it: contract section 5. */
import type { Json } from "../domain/gate.ts";
import type { Gate, State } from "../domain/state.ts";

export interface ApiGate {
  readonly gateId: string;
  readonly kind: Gate["kind"];
  readonly epicId?: string;
  readonly trackId?: string;
  readonly ticketId?: string;
  readonly streamId?: string;
  readonly openedAt: string;
  readonly reason: string;
  readonly payload: Json;
  readonly payloadHash: string;
  readonly status: Gate["status"];
  readonly decision?: "approve" | "decline";
  readonly decidedAt?: string;
  readonly isEdited?: boolean;
  /** What the person said when declining, or why the gate was withdrawn or superseded. */
  readonly words?: string;
  /** The gate that shows what is so now, where this one is superseded. */
  readonly supersededBy?: string;
}

/** One gate. What it does not have is absent, not null. */
export function apiGate(gate: Gate): ApiGate {
  return {
    gateId: gate.gateId,
    kind: gate.kind,
    ...(gate.epicId !== undefined && { epicId: gate.epicId }),
    ...(gate.trackId !== undefined && { trackId: gate.trackId }),
    ...(gate.ticketId !== undefined && { ticketId: gate.ticketId }),
    ...(gate.streamId !== undefined && { streamId: gate.streamId }),
    openedAt: gate.openedAt,
    reason: gate.reason,
    payload: gate.payload,
    payloadHash: gate.payloadHash,
    status: gate.status,
    ...(gate.decision !== undefined && { decision: gate.decision }),
    ...(gate.decidedAt !== undefined && { decidedAt: gate.decidedAt }),
    ...(gate.isEdited !== undefined && { isEdited: gate.isEdited }),
    ...(gate.words !== undefined && { words: gate.words }),
    ...(gate.supersededBy !== undefined && { supersededBy: gate.supersededBy }),
  };
}

/** Gates in the order in which they opened: those that wait for a person, or all of them. */
export function apiGates(state: State, which: "open" | "all"): ApiGate[] {
  const gates = [...state.gates.values()];
  return gates.filter((gate) => which === "all" || gate.status === "open").map(apiGate);
}
