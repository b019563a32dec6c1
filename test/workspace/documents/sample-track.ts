/** A track and tickets as the state holds them, for tests of the documents. */
import type { Stage, Ticket, Track } from "../../../src/domain/state.ts";

export function sampleTrack(changes: Partial<Track> = {}): Track {
  return {
    trackId: "dates_20260105",
    epicId: "E-1",
    key: "dates",
    title: "Parse dates",
    goal: "People can type dates.",
    acceptanceCriteria: ["ISO dates parse", "Wrong dates are refused"],
    modules: ["src/date.ts"],
    dependsOn: [],
    kind: "feature",
    createdAt: "2026-01-05T10:00:00.000Z",
    updatedAt: "2026-01-05T10:00:00.000Z",
    status: "in_progress",
    reason: null,
    branch: null,
    baseCommit: null,
    tipCommit: null,
    ticketIds: [],
    checkpoints: {},
    landing: { name: "none" },
    ...changes,
  };
}

export function sampleTicket(ticketId: string, title: string, stage: Stage, changes: Partial<Ticket> = {}): Ticket {
  return {
    ticketId,
    trackId: "dates_20260105",
    key: ticketId,
    title,
    description: "",
    targetFiles: [],
    contextFiles: [],
    dependsOn: [],
    acceptanceCriteria: [],
    verify: null,
    phase: "Core",
    priority: "medium",
    isStepMode: false,
    model: null,
    stage,
    attempts: [],
    failedCount: 0,
    ...changes,
  };
}
