/** A project that has something for every page to show, with a gate of every kind, and the addresses of those pages. */
import { type GateKind, type Json, payloadHash } from "../../src/domain/gate.ts";
import type { FakeEngine } from "./fake-engine.ts";
import { sampleEngine } from "./sample-state.ts";

const trackId = "duration_parsing_20261123";

/** Payloads of the kinds that the sample project has no gate of. */
const payloads: Partial<Record<GateKind, Json>> = {
  tracks: {
    tracks: [
      {
        key: "start",
        title: "Start faster",
        goal: "The start takes half as long.",
        acceptance_criteria: ["Below 100 ms"],
      },
    ],
    rationale: "One track is enough.",
  },
  checkpoint: { trackId, phase: "Phase 1: Reading", tickets: ["T-001"], commit: "c0ffee1".padEnd(40, "0") },
  budget: { limit: "runUsd", scopeId: "run", current: 5, spent: 4.9, needed: 0.2, raiseTo: 10 },
  unknown: { command: "bun run publish", cwd: ".", startedAt: "2026-01-02T03:04:05.000Z" },
  conflict: { ticketId: "T-003", files: ["src/parse-duration.ts"], resolution: "rework" },
};

/** The sample project with a gate of every kind. */
export function fullEngine(): FakeEngine {
  const engine = sampleEngine();
  Object.entries(payloads).forEach(([kind, payload], index) => {
    const gateId = `G-${String(index + 101)}`;
    const hash = payloadHash(payload);
    // The keys are those of the record above.
    engine.add({
      type: "gate.opened",
      gateId,
      kind: kind as GateKind,
      trackId,
      reason: "The level is manual.",
      payload,
      payloadHash: hash,
    });
  });
  return engine;
}

/** Every page that a person can open in it. */
export function everyPage(engine: FakeEngine): readonly string[] {
  const [agent] = engine.state().agents.keys();
  const last = engine.log.length;
  return [
    "/",
    "/streams",
    "/gates",
    "/usage",
    "/context",
    `/context?agent=${agent}`,
    "/comms",
    "/events",
    "/settings",
    `/tracks/${trackId}`,
    `/tracks/${trackId}?change=edit&ticket=T-002`,
    `/tracks/${trackId}?change=split&ticket=T-004`,
    "/tickets/T-001",
    "/tickets/T-002",
    `/gates?at=${last - 5}`,
    `/tickets/T-001?at=${last - 5}`,
    `/timeline?view=track:${trackId}&scope=track:${trackId}`,
    "/timeline?view=streams&at=30",
    "/nothing-is-here",
  ];
}
