/** Streams as panes in four lanes, one for each tier: what moves comes first, then what ended last. */

import type { LiveStream, StreamSpan } from "../domain/live-stream.ts";
import type { State } from "../domain/state.ts";
import { type Role, roleTier, roleTitle, type Tier } from "../domain/stream-id.ts";
import { type AgentActivity, agentActivity } from "./agent-activity.ts";
import { elementId } from "./view-element-id.ts";

/** The part of a live stream that a pane is made of. */
type PaneSource = Omit<LiveStream, "epicId">;

export interface StreamPane {
  readonly streamId: string;
  readonly elementId: string;
  /** The title of what it works on; empty when that is not known. */
  readonly subject: string;
  readonly tier: Tier;
  readonly status: PaneSource["status"] | "gated";
  /** What it does now, or why it does not move. */
  readonly activity: AgentActivity;
  readonly model: string;
  readonly trackId: string | null;
  readonly ticketId: string | null;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly spans: readonly StreamSpan[];
  /** Its last characters, up to this offset of the stream; empty where only the rest of the pane is drawn. */
  readonly text: string;
  readonly endOffset: number;
  /** Whether the stream has said more than the pane shows. */
  readonly hasEarlierText: boolean;
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

/** Which streams are meant; what is absent is not asked for. */
export interface StreamScope {
  readonly trackId?: string;
  readonly ticketId?: string;
  readonly tier?: Tier;
}

/** How streams are drawn: at which time (milliseconds since 1970), how many in a lane, with or without their text. */
export interface LaneOptions {
  readonly nowMs: number;
  readonly paneLimit: number;
  readonly hasText: boolean;
}

/** All streams, or those of one track, tier or ticket, as lanes of a few panes each. */
export function streamLanes(
  state: State,
  sources: Iterable<PaneSource>,
  options: LaneOptions,
  scope: StreamScope = {},
): readonly Lane[] {
  const { paneLimit } = options;
  const inScope = [...sources].filter((source) => isInScope(source, scope));
  return laneRoles
    .filter((role) => scope.tier === undefined || roleTier(role) === scope.tier)
    .map((role) => {
      const ofRole = inScope.filter((source) => source.role === role).sort(byLiveness);
      return {
        tier: roleTier(role),
        title: roleTitle(role),
        panes: ofRole.slice(0, paneLimit).map((source) => streamPane(state, source, options)),
        hiddenCount: Math.max(0, ofRole.length - paneLimit),
      };
    });
}

function isInScope({ trackId, ticketId }: PaneSource, scope: StreamScope): boolean {
  return (
    (scope.trackId === undefined || trackId === scope.trackId) &&
    (scope.ticketId === undefined || ticketId === scope.ticketId)
  );
}

/** The last characters of a stream's text, never starting in the middle of a surrogate pair. */
export function paneTail(text: string): string {
  if (text.length <= paneCharacters) return text;
  const tail = text.slice(-paneCharacters);
  const first = tail.charCodeAt(0);
  return first >= 0xdc00 && first <= 0xdfff ? tail.slice(1) : tail;
}

function streamPane(state: State, source: PaneSource, { nowMs, hasText }: LaneOptions): StreamPane {
  const activity = agentActivity(state, source, nowMs);
  return {
    streamId: source.streamId,
    elementId: elementId("stream", source.streamId),
    subject: subjectOf(state, source),
    tier: roleTier(source.role),
    status: activity.kind === "gate" ? "gated" : source.status,
    activity,
    model: state.agents.get(source.agentId)?.model ?? "",
    trackId: source.trackId,
    ticketId: source.ticketId,
    startedAt: source.startedAt,
    endedAt: source.endedAt,
    spans: source.spans ?? [],
    text: hasText ? paneTail(source.text) : "",
    endOffset: source.endOffset,
    hasEarlierText: source.endOffset > paneCharacters,
  };
}

function subjectOf(state: State, { role, ticketId, trackId, agentId }: PaneSource): string {
  // A tech lead's stream is its whole track's, also while it reviews one ticket.
  if (ticketId !== null && role !== "tech_lead") return state.tickets.get(ticketId)?.title ?? "";
  if (trackId !== null) return state.tracks.get(trackId)?.title ?? "";
  return state.epics.get(state.agents.get(agentId)?.epicId ?? "")?.goal ?? "";
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
