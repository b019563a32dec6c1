/** The live text of every agent by stream id: Manual Slop's `mma_streams`. */
import { type Role, roleTier, type Tier } from "../domain/stream-id.ts";

/** What a live stream must have to be shown. */
export interface StreamSource {
  readonly streamId: string;
  readonly role: Role;
  readonly agentId: string;
  readonly epicId: string | null;
  readonly trackId: string | null;
  readonly ticketId: string | null;
  readonly status: "running" | "waiting" | "done" | "failed";
  readonly reason: string | null;
  readonly text: string;
  readonly endOffset: number;
  readonly startedAt: string;
  readonly endedAt: string | null;
  /** When its agent was last heard or last asked for something (milliseconds since 1970); absent where nobody listened. */
  readonly lastByteMs?: number;
  /** The tools of its last turn, until its next request. */
  readonly tools?: { readonly names: readonly string[]; readonly since: string } | null;
}

interface ApiStream {
  readonly status: StreamSource["status"];
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
  readonly startedAt: string;
  readonly endedAt?: string;
}

/** Every stream by its id. */
export function apiStreams(streams: ReadonlyMap<string, StreamSource>): Record<string, ApiStream> {
  return Object.fromEntries([...streams].map(([streamId, stream]) => [streamId, apiStream(stream)]));
}

function apiStream(stream: StreamSource): ApiStream {
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
    startedAt: stream.startedAt,
    ...(stream.endedAt !== null && { endedAt: stream.endedAt }),
  };
}
