/** Streams as panes in four lanes, one for each tier: what moves comes first, then what ended last. */
import type { State } from "../domain/state.ts";
import { type Role, roleTier, roleTitle, type Tier } from "../domain/stream-id.ts";
import type { StreamSource } from "./api-streams.ts";
import { elementId } from "./view-element-id.ts";

/** The part of a live stream that a pane is made of. */
type PaneSource = Omit<StreamSource, "epicId" | "endOffset">;

export interface StreamPane {
  readonly streamId: string;
  readonly elementId: string;
  /** The title of what it works on; empty when that is not known. */
  readonly subject: string;
  readonly tier: Tier;
  readonly status: PaneSource["status"] | "gated";
  /** What it does now, in words: never told by colour alone. */
  readonly words: string;
  readonly model: string;
  readonly trackId: string | null;
  readonly ticketId: string | null;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly text: string;
}

export interface Lane {
  readonly tier: Tier;
  readonly title: string;
  readonly panes: readonly StreamPane[];
  readonly hiddenCount: number;
}

/** How much of a stream a pane shows, in characters. */
export const paneCharacters = 10_240;

const laneRoles: readonly Role[] = ["orchestrator", "tech_lead", "worker", "qa"];

/** All streams, or those of one track or ticket, as lanes of at most `paneLimit` panes each. */
export function streamLanes(
  state: State,
  sources: Iterable<PaneSource>,
  paneLimit: number,
  scope: { readonly trackId?: string; readonly ticketId?: string } = {},
): readonly Lane[] {
  const gated = gatedStreams(state);
  const inScope = [...sources].filter(
    (source) =>
      (scope.trackId === undefined || source.trackId === scope.trackId) &&
      (scope.ticketId === undefined || source.ticketId === scope.ticketId),
  );
  return laneRoles.map((role) => {
    const ofRole = inScope.filter((source) => source.role === role).sort(byLiveness);
    return {
      tier: roleTier(role),
      title: roleTitle(role),
      panes: ofRole.slice(0, paneLimit).map((source) => streamPane(state, source, gated)),
      hiddenCount: Math.max(0, ofRole.length - paneLimit),
    };
  });
}

/** The last characters of a stream's text, never starting in the middle of a surrogate pair. */
export function paneTail(text: string): string {
  if (text.length <= paneCharacters) return text;
  const tail = text.slice(-paneCharacters);
  const first = tail.charCodeAt(0);
  return first >= 0xdc00 && first <= 0xdfff ? tail.slice(1) : tail;
}

function streamPane(state: State, source: PaneSource, gated: ReadonlySet<string>): StreamPane {
  const isGated = gated.has(source.streamId) && source.status !== "done" && source.status !== "failed";
  return {
    streamId: source.streamId,
    elementId: elementId("stream", source.streamId),
    subject: subjectOf(state, source),
    tier: roleTier(source.role),
    status: isGated ? "gated" : source.status,
    words: paneWords(source, isGated),
    model: state.agents.get(source.agentId)?.model ?? "",
    trackId: source.trackId,
    ticketId: source.ticketId,
    startedAt: source.startedAt,
    endedAt: source.endedAt,
    text: paneTail(source.text),
  };
}

function subjectOf(state: State, { role, ticketId, trackId, agentId }: PaneSource): string {
  // A tech lead's stream is its whole track's, also while it reviews one ticket.
  if (ticketId !== null && role !== "tech_lead") return state.tickets.get(ticketId)?.title ?? "";
  if (trackId !== null) return state.tracks.get(trackId)?.title ?? "";
  return state.epics.get(state.agents.get(agentId)?.epicId ?? "")?.goal ?? "";
}

function paneWords(source: PaneSource, isGated: boolean): string {
  const reason = source.reason ? `: ${source.reason}` : "";
  if (isGated) return `waiting for you${reason}`;
  switch (source.status) {
    case "running":
      return source.reason ?? "thinking";
    case "waiting":
      return `waiting${reason}`;
    case "done":
      return "done";
    case "failed":
      return `failed${reason}`;
    default:
      return source.status satisfies never;
  }
}

function gatedStreams(state: State): ReadonlySet<string> {
  const gated = new Set<string>();
  for (const gate of state.gates.values()) {
    if (gate.status === "open" && gate.streamId !== undefined) gated.add(gate.streamId);
  }
  return gated;
}

/** Panes that live keep the order in which they started, so that a lane does not shuffle while it is read. */
function byLiveness(a: PaneSource, b: PaneSource): number {
  const aEnded = a.endedAt !== null;
  const bEnded = b.endedAt !== null;
  if (aEnded !== bEnded) return aEnded ? 1 : -1;
  return aEnded ? compare(b.endedAt ?? "", a.endedAt ?? "") : compare(a.startedAt, b.startedAt);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
