/** What a person gave a run to do, and decided in it, as lines of a cassette. */
import type { Event, EventOf } from "../../domain/event.ts";
import type { CassetteLine } from "../../simulator/cassette.ts";

/** The lines of an event that a person brought about; none for what rules and agents did. */
export function personLines(event: Event, gates: ReadonlyMap<string, EventOf<"gate.opened">>): CassetteLine[] {
  switch (event.type) {
    case "epic.created":
      return [{ type: "work", kind: "epic", goal: event.goal, isStarting: event.isStarting }];
    case "gate.approved":
    case "gate.declined":
      return isPerson(event.by) ? decisionLines(event, gates.get(event.gateId)) : [];
    default:
      return [];
  }
}

function decisionLines(
  event: EventOf<"gate.approved"> | EventOf<"gate.declined">,
  gate: EventOf<"gate.opened"> | undefined,
): CassetteLine[] {
  if (!gate) return [];
  const { kind, payload } = gate;
  const told = { type: "decision" as const, kind, subject: subjectOf(gate), payload, by: event.by };
  if (event.type === "gate.declined") return [{ ...told, decision: "decline", reason: event.reason }];
  return [{ ...told, decision: "approve", ...(event.isEdited ? { edited: event.payload } : {}) }];
}

/** The ticket, track or epic that a gate is about. */
export function subjectOf(gate: {
  readonly ticketId?: string | null | undefined;
  readonly trackId?: string | null | undefined;
  readonly epicId?: string | null | undefined;
}): string {
  return gate.ticketId ?? gate.trackId ?? gate.epicId ?? "";
}

/** Whether a decision is a person's, as opposed to one that a rule or the level of gates has made. */
export function isPerson(by: string): boolean {
  return !/^(?:rule|level)\b/.test(by);
}
