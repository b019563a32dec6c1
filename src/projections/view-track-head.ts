/** What the head of a track's page says besides its progress: money against limits, phases with checkpoints, what is next. */
import { limitInForce } from "../domain/budget.ts";
import { gatePayloads } from "../domain/gate.ts";
import type { State } from "../domain/state.ts";
import { spentOf } from "./usage.ts";
import type { TicketCard, TrackDetail } from "./view-tracks.ts";

export interface SpendLine {
  readonly name: string;
  readonly usedUsd: number;
  /** Held for calls that have not ended. */
  readonly heldUsd: number;
  readonly maxUsd: number;
}

export interface PhaseLine {
  readonly name: string;
  readonly doneCount: number;
  readonly ticketCount: number;
  readonly checkpoint: string | null;
  /** The gate at which a person tries the phase by hand. */
  readonly gateId: string | null;
}

export interface TrackOutlook {
  readonly limits: readonly SpendLine[];
  readonly phases: readonly PhaseLine[];
  /** Tickets that need nothing but a worker, in the order in which they start. */
  readonly next: readonly Pick<TicketCard, "ticketId" | "title">[];
}

const mostNext = 3;
const priorities = { high: 0, medium: 1, low: 2 } as const;

/** The outlook of a track. */
export function trackOutlook(state: State, track: TrackDetail): TrackOutlook {
  return {
    limits: spendLines(state, track.trackId),
    phases: phaseLines(state, track),
    next: nextTickets(state, track),
  };
}

function spendLines(state: State, trackId: string): readonly SpendLine[] {
  const held = [...state.reservations.values()];
  const sum = (all: typeof held) => all.reduce((usd, item) => usd + item.usd, 0);
  const ofTrack = held.filter((item) => item.trackId === trackId);
  return [
    {
      name: "this track",
      maxUsd: limitInForce(state, "trackUsd", trackId),
      usedUsd: spentOf(state, trackId) + (state.lostUsd.get(trackId) ?? 0),
      heldUsd: sum(ofTrack),
    },
    { name: "the run", maxUsd: limitInForce(state, "runUsd", "run"), usedUsd: state.runSpend.usd, heldUsd: sum(held) },
  ].flatMap(({ maxUsd, ...line }) => (maxUsd === undefined ? [] : [{ ...line, maxUsd }]));
}

function phaseLines(state: State, { trackId, phases }: TrackDetail): readonly PhaseLine[] {
  const gates = [...state.work.openGates.values()].filter(
    (gate) => gate.kind === "checkpoint" && gate.trackId === trackId,
  );
  return phases.map(({ name, checkpoint, tickets }) => ({
    name,
    checkpoint,
    ticketCount: tickets.length,
    doneCount: tickets.filter(({ status }) => status === "completed" || status === "skipped").length,
    gateId: gates.find((gate) => gatePayloads.checkpoint.safeParse(gate.payload).data?.phase === name)?.gateId ?? null,
  }));
}

function nextTickets(state: State, { cards }: TrackDetail): TrackOutlook["next"] {
  const done = new Set(cards.filter(({ status }) => status === "completed" || status === "skipped").map(idOf));
  return cards
    .filter((card) => state.tickets.get(card.ticketId)?.stage.name === "todo")
    .filter((card) => card.dependsOn.every((ticketId) => done.has(ticketId)))
    .toSorted(
      (a, b) =>
        Number(b.attemptCount > 0) - Number(a.attemptCount > 0) || priorities[a.priority] - priorities[b.priority],
    )
    .slice(0, mostNext);
}

function idOf({ ticketId }: TicketCard): string {
  return ticketId;
}
