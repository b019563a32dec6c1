/** The live text of an agent as whoever listens keeps it, and what it did when: what pages and API show of a stream. */
import type { Role } from "./stream-id.ts";

/** What a stream did for a while: its model answered, its tools ran, a person was asked, a failed call waited for its next try. */
export interface StreamSpan {
  readonly kind: "call" | "tool" | "gate" | "wait";
  /** Milliseconds since 1970. */
  readonly fromMs: number;
  /** Null while it lasts. */
  readonly toMs: number | null;
}

/** The live text of one stream. `text` is its bounded tail; `endOffset` counts all characters that it ever had. */
export interface LiveStream {
  readonly streamId: string;
  readonly role: Role;
  readonly agentId: string;
  readonly epicId: string | null;
  readonly trackId: string | null;
  readonly ticketId: string | null;
  readonly status: "running" | "waiting" | "done" | "failed";
  /** Why it does not move, in one sentence; null when it does. */
  readonly reason: string | null;
  readonly text: string;
  readonly endOffset: number;
  readonly startedAt: string;
  readonly endedAt: string | null;
  /** When its agent was last heard or last asked for something (milliseconds since 1970); absent where nobody listened. */
  readonly lastByteMs?: number;
  /** The tools of its last turn, until its next request. */
  readonly tools?: { readonly names: readonly string[]; readonly since: string } | null;
  /** The latest of what it did, oldest first, none over another; absent where nobody listened. */
  readonly spans?: readonly StreamSpan[];
}
