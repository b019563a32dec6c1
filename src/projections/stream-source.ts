/** What the projections of streams are made from: one live stream, as whoever listens to it keeps it. */
import type { Role } from "../domain/stream-id.ts";

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
  /** The latest of what it did (milliseconds since 1970), oldest first; absent where nobody listened. */
  readonly spans?: readonly SourceSpan[];
}

export interface SourceSpan {
  readonly kind: "call" | "tool" | "gate" | "wait";
  readonly fromMs: number;
  readonly toMs: number | null;
}
