/**
 * What of the state is still at work, found without a walk over what has ended: a rule costs the same with ten tickets and with
 * ten thousand. All of it follows from the state's records; `index-work.ts` keeps it in step with them.
 */
import type { Agent, Gate } from "./state.ts";

export interface WorkIndex {
  /** Agents that run, and gates that are open, by id, in the order in which that began. */
  readonly running: Map<string, Agent>;
  readonly openGates: Map<string, Gate>;
  readonly tracks: Map<string, TrackWork>;
  /** Tracks that are planned, worked on or blocked, and finished ones that may still be landed: in the order of the tracks. */
  readonly activeTracks: string[];
  readonly unlandedTracks: string[];
  /** The tickets that name a ticket as needed, by its id. */
  readonly dependents: Map<string, readonly string[]>;
  /** How many of a ticket's dependencies are not met, and how many of those never will be by themselves; absent: none. */
  readonly unmetCounts: Map<string, number>;
  readonly doomedCounts: Map<string, number>;
  /** Tickets that hold a worker's slot. */
  slotCount: number;
}

/** Where a ticket stands, as far as rules look for it. */
export type Standing = "ready" | "doomed" | "begun" | "unsettled";

/** The work on one track. */
export interface TrackWork {
  /** Which track of all it is. */
  readonly ordinal: number;
  /** Each ticket's place in the track's order. */
  readonly places: Map<string, number>;
  /** Ready: to do, with every dependency met, in the order in which they start. The others are in the order of the plan:
   * doomed, to do with a dependency that is blocked or cancelled; begun and not ended; ended with a merge that nobody knows the end of. */
  readonly standing: Readonly<Record<Standing, string[]>>;
  /** How many begun tickets name a target file, by its plain path; globs are among them, and counted apart. */
  readonly heldFiles: Map<string, number>;
  heldGlobCount: number;
  readonly phases: Map<string, PhaseCount>;
  /** Tickets that have not ended, and those that ended otherwise than well. */
  openCount: number;
  badCount: number;
}

/** The tickets of a phase, and how many of them are neither completed nor skipped. */
export interface PhaseCount {
  readonly ticketCount: number;
  readonly unsatisfiedCount: number;
}

export function emptyWork(): WorkIndex {
  return {
    running: new Map(),
    openGates: new Map(),
    tracks: new Map(),
    activeTracks: [],
    unlandedTracks: [],
    dependents: new Map(),
    unmetCounts: new Map(),
    doomedCounts: new Map(),
    slotCount: 0,
  };
}

export function emptyTrackWork(ordinal: number): TrackWork {
  return {
    ordinal,
    places: new Map(),
    standing: { ready: [], doomed: [], begun: [], unsettled: [] },
    heldFiles: new Map(),
    heldGlobCount: 0,
    phases: new Map(),
    openCount: 0,
    badCount: 0,
  };
}

/** A copy that can be kept in step with another state. */
export function copyWork(work: WorkIndex): WorkIndex {
  return {
    ...work,
    running: new Map(work.running),
    openGates: new Map(work.openGates),
    tracks: new Map([...work.tracks].map(([trackId, track]) => [trackId, copyTrackWork(track)])),
    activeTracks: [...work.activeTracks],
    unlandedTracks: [...work.unlandedTracks],
    dependents: new Map(work.dependents),
    unmetCounts: new Map(work.unmetCounts),
    doomedCounts: new Map(work.doomedCounts),
  };
}

function copyTrackWork(track: TrackWork): TrackWork {
  const { ready, doomed, begun, unsettled } = track.standing;
  return {
    ...track,
    places: new Map(track.places),
    standing: { ready: [...ready], doomed: [...doomed], begun: [...begun], unsettled: [...unsettled] },
    heldFiles: new Map(track.heldFiles),
    phases: new Map(track.phases),
  };
}
