/** Facts and settings for tests of the rules: each maker gives a valid whole, and a test names only what it is about. */
import type { EventOf, Fact, FactType } from "../../src/domain/event.ts";
import { type GateKind, type Json, payloadHash } from "../../src/domain/gate.ts";
import type { TicketProposal, TrackProposal } from "../../src/domain/proposal.ts";
import { defaultSettings, type Settings } from "../../src/domain/settings.ts";

export const epicId = "E-001";
export const trackId = "greet_20260101";

type Body<T extends FactType> = Omit<EventOf<T>, "position" | "at" | "type">;
type Changes = { readonly [Section in keyof Settings]?: Partial<Settings[Section]> };

/** The default settings with some fields of some sections changed. */
export function settingsWith(changes: Changes = {}): Settings {
  const { isLanding, ...sections } = changes;
  const merged: Record<string, unknown> = { ...defaultSettings };
  for (const [name, section] of Object.entries(sections)) {
    merged[name] = { ...Object(merged[name]), ...Object(section) };
  }
  // Each section keeps its own shape: only fields of that section's type were laid over it.
  return { ...(merged as Settings), ...(typeof isLanding === "boolean" ? { isLanding } : {}) };
}

/** The fact that settings hold from now on. */
export function applied(changes: Changes = {}): Fact {
  return { type: "settings.applied", settings: settingsWith(changes) };
}

/** Settings in which nothing asks, nothing judges: the shortest way from a ticket to its merge. */
export function bare(changes: Changes = {}): Fact {
  return applied({ gates: { level: "all", allow: [] }, review: { qa: false, techLead: false }, ...changes });
}

/** Settings in which plans ask, and nothing judges. */
export function guarded(changes: Changes = {}): Fact {
  return applied({ gates: { level: "guarded", allow: [] }, review: { qa: false, techLead: false }, ...changes });
}

export function epic(changes: Partial<Body<"epic.created">> = {}): Fact {
  return { type: "epic.created", epicId, goal: "A greeting for everyone.", isStarting: true, ...changes };
}

export function track(changes: Partial<Body<"track.created">> = {}): Fact {
  return {
    type: "track.created",
    trackId,
    key: changes.trackId ?? "greet",
    title: "Greet",
    goal: "It greets.",
    acceptanceCriteria: ["It says hello."],
    modules: [],
    dependsOn: [],
    kind: "feature",
    ...changes,
  };
}

/** A track whose branch exists and whose tier 2 may begin. */
export function preparedTrack(changes: Partial<Body<"track.created">> = {}): Fact[] {
  const id = changes.trackId ?? trackId;
  return [
    track(changes),
    { type: "track.started", trackId: id },
    { type: "track.prepared", trackId: id, branch: `signalbox/${id}/track`, baseCommit: "base" },
  ];
}

export function ticket(ticketId: string, changes: Partial<Body<"ticket.created">> = {}): Fact {
  return {
    type: "ticket.created",
    ticketId,
    trackId,
    key: ticketId.toLowerCase(),
    title: `Title of ${ticketId}`,
    description: `Description of ${ticketId}.`,
    targetFiles: [`src/${ticketId.toLowerCase()}.ts`],
    contextFiles: [],
    dependsOn: [],
    acceptanceCriteria: ["It works."],
    phase: "Phase",
    priority: "medium",
    isStepMode: false,
    ...changes,
  };
}

export function trackProposal(key: string, changes: Partial<TrackProposal> = {}): TrackProposal {
  return { key, title: `Title ${key}`, goal: `Goal ${key}.`, acceptance_criteria: ["It works."], ...changes };
}

export function ticketProposal(key: string, changes: Partial<TicketProposal> = {}): TicketProposal {
  const paths = { target_files: [`src/${key}.ts`] };
  return {
    key,
    title: `Title ${key}`,
    description: `Do ${key}.`,
    acceptance_criteria: ["It works."],
    ...paths,
    ...changes,
  };
}

/** A gate that is open, with the hash of its payload. */
export function gate(
  gateId: string,
  kind: GateKind,
  payload: Json,
  owner: Partial<Body<"gate.opened">> = {},
): EventOf<"gate.opened"> | Fact {
  return {
    type: "gate.opened",
    gateId,
    kind,
    reason: "A test asks.",
    payload,
    payloadHash: payloadHash(payload),
    ...owner,
  };
}
