/** What waits for a person, oldest first: one sentence each, from the payload that is asked about. */
import { type GateKind, type GatePayload, gatePayloads } from "../domain/gate.ts";
import type { Gate, State } from "../domain/state.ts";
import { oneLine } from "./one-line.ts";
import { elementId } from "./view-element-id.ts";

export interface Wait {
  readonly gateId: string;
  readonly elementId: string;
  readonly openedAt: string;
  readonly sentence: string;
}

/** Every open gate, oldest first. */
export function* openWaits(state: State): Generator<Wait> {
  for (const gate of state.work.openGates.values()) {
    const { gateId, openedAt } = gate;
    yield { gateId, elementId: elementId("gate", gateId), openedAt, sentence: waitSentence(state, gate) };
  }
}

/** The oldest `limit` of them: no sentence is made for those that nobody sees. */
export function oldestWaits(state: State, limit: number): readonly Wait[] {
  const waits: Wait[] = [];
  for (const wait of openWaits(state)) {
    if (waits.push(wait) === limit) break;
  }
  return waits;
}

/** What it asks, in one sentence. */
export function waitSentence(state: State, gate: Gate): string {
  return oneLine(sentences[gate.kind](gate, subjectOf(state, gate)), 400);
}

/** The ticket, track or goal that it is about; `this project` where it is about none. */
function subjectOf(state: State, gate: Gate): string {
  const ticket = gate.ticketId === undefined ? undefined : state.tickets.get(gate.ticketId);
  if (ticket) return `${ticket.ticketId} ${ticket.title}`;
  if (gate.trackId !== undefined) return state.tracks.get(gate.trackId)?.title ?? gate.trackId;
  const goal = gate.epicId === undefined ? undefined : state.epics.get(gate.epicId)?.goal;
  return oneLine(goal ?? "this project", 80);
}

const sentences: Record<GateKind, (gate: Gate, subject: string) => string> = {
  tracks: (gate, subject) =>
    `Tier 1 proposes ${counted(payloadOf(gate, "tracks")?.tracks.length, "track")}: ${subject}`,
  tickets: (gate, subject) =>
    `Tier 2 proposes ${counted(payloadOf(gate, "tickets")?.tickets.length, "ticket")} for ${subject}`,
  spawn: (_gate, subject) => `A worker is ready to start on ${subject}`,
  command: (gate, subject) => `Run ${oneLine(payloadOf(gate, "command")?.command ?? "a command", 80)} for ${subject}`,
  write: (gate, subject) =>
    `Write ${payloadOf(gate, "write")?.path ?? "a file"}, outside the target files of ${subject}`,
  merge: (_gate, subject) => `Merge ${subject} into its track`,
  checkpoint: (gate, subject) => `Try ${payloadOf(gate, "checkpoint")?.phase ?? "a phase"} of ${subject} by hand`,
  land: (gate, subject) => `Land ${subject} in ${payloadOf(gate, "land")?.branch ?? "your branch"}`,
  budget: () => "A budget is reached: raise it, or stop",
  unknown: (gate, subject) =>
    `A crash hid what came of ${oneLine(payloadOf(gate, "unknown")?.command ?? "a command", 60)} for ${subject}`,
  conflict: (_gate, subject) => `The merge of ${subject} has a conflict`,
};

/** The payload when it has the shape of its kind. */
function payloadOf<K extends GateKind>(gate: Gate, kind: K): GatePayload<K> | null {
  const parsed = gatePayloads[kind].safeParse(gate.payload);
  // The schema was looked up by the kind, so its output is the payload of that kind.
  return parsed.success ? (parsed.data as GatePayload<K>) : null;
}

function counted(count: number | undefined, noun: string): string {
  if (count === undefined) return `${noun}s`;
  return count === 1 ? `1 ${noun}` : `${count} ${noun}s`;
}
