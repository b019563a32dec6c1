/** The live text of every agent by stream id: Manual Slop's `mma_streams`. */

import type { LiveStream } from "../domain/live-stream.ts";
import type { State } from "../domain/state.ts";
import { type Role, roleTier, type Tier } from "../domain/stream-id.ts";
import { type AgentActivity, agentActivity } from "./agent-activity.ts";

interface ApiStream {
  readonly status: LiveStream["status"];
  /** The bounded tail of its text; it ends at `endOffset`. */
  readonly text: string;
  readonly endOffset: number;
  readonly role: Role;
  readonly tier: Tier;
  readonly agentId: string;
  readonly epicId?: string;
  readonly trackId?: string;
  readonly ticketId?: string;
  readonly reason?: string;
  /** What it does now, or why it does not move. */
  readonly activity: ApiActivity;
  readonly startedAt: string;
  readonly endedAt?: string;
}

interface ApiActivity {
  readonly kind: AgentActivity["kind"];
  readonly words: string;
  readonly sentence: string;
  readonly since?: string;
  readonly gateId?: string;
}

/** Every stream by its id, as it is at a time (milliseconds since 1970). */
export function apiStreams(
  state: State,
  streams: ReadonlyMap<string, LiveStream>,
  nowMs: number,
): Record<string, ApiStream> {
  return Object.fromEntries(
    [...streams].map(([streamId, stream]) => [streamId, apiStream(stream, agentActivity(state, stream, nowMs))]),
  );
}

function apiStream(stream: LiveStream, activity: AgentActivity): ApiStream {
  const { kind, words, sentence, since, gateId } = activity;
  return {
    status: stream.status,
    text: stream.text,
    endOffset: stream.endOffset,
    role: stream.role,
    tier: roleTier(stream.role),
    agentId: stream.agentId,
    ...(stream.epicId !== null && { epicId: stream.epicId }),
    ...(stream.trackId !== null && { trackId: stream.trackId }),
    ...(stream.ticketId !== null && { ticketId: stream.ticketId }),
    ...(stream.reason !== null && { reason: stream.reason }),
    activity: { kind, words, sentence, ...(since !== null && { since }), ...(gateId !== null && { gateId }) },
    startedAt: stream.startedAt,
    ...(stream.endedAt !== null && { endedAt: stream.endedAt }),
  };
}
