/**
 * The live text of every agent, one entry for each stream id. Keeps a bounded tail; the whole is in the log. Delivery: in
 * order, never dropped for the hub itself; listeners get each piece once, with its offset. What may be the beginning of a
 * secret waits for the piece after it, at most until the agent's next event.
 */
import type { Event } from "../domain/event.ts";
import type { Json } from "../domain/gate.ts";
import type { LiveStream, StreamSpan } from "../domain/live-stream.ts";
import { makeRedactor, type RedactingStream, type Redactor } from "../domain/redactor.ts";
import type { State } from "../domain/state.ts";
import type { Delta } from "./engine-api.ts";
import { spanAfter, withSpan } from "./stream-spans.ts";

/** What is kept of a stream is cut back to this once it is twice as long: each character is copied once, not once a delta. */
const keptLength = 65_536;
/** Of streams that have ended, so many keep that much; what a pane shows is kept of the older ones. */
const wholeEndedCount = 64;
const endedLength = 10_240;
const endedSpanCount = 24;

export class StreamHub {
  readonly #streams = new Map<string, StreamRecord>();
  /** Streams that have ended and are still kept whole, oldest first. */
  readonly #ended = new Set<StreamRecord>();
  readonly #nowMs: () => number;
  readonly #listeners = new Set<(delta: Delta) => void>();
  readonly #redactor: Redactor;
  readonly #redacting = new Map<string, RedactingStream>();

  /** `nowMs` tells when a piece has come, in milliseconds since 1970. */
  constructor(redactor: Redactor = makeRedactor([]), nowMs: () => number = () => 0) {
    this.#redactor = redactor;
    this.#nowMs = nowMs;
  }

  get streams(): ReadonlyMap<string, LiveStream> {
    return this.#streams;
  }

  onDelta(listener: (delta: Delta) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Appends text to a stream that has begun; text of an unknown stream is a fault of ours and throws. */
  append(streamId: string, text: string, atMs = this.#nowMs()): void {
    const stream = this.#streams.get(streamId);
    if (!stream) throw new Error(`Text arrived for the stream "${streamId}", which no agent has begun.`);
    stream.lastByteMs = atMs;
    const redacting = this.#redacting.get(streamId) ?? this.#redactor.redactingStream();
    this.#redacting.set(streamId, redacting);
    this.#add(stream, redacting.push(text));
  }

  #add(stream: StreamRecord, text: string): void {
    // A line that begins with its own line end would leave an empty one where a line has just ended.
    const piece = stream.isAtLineStart && /^\n[→✗]/.test(text) ? text.slice(1) : text;
    if (piece === "") return;
    const { streamId, endOffset: offset } = stream;
    stream.add(piece);
    for (const listener of this.#listeners) listener({ streamId, offset, text: piece });
  }

  /** Takes in an event that has happened: a stream begins, goes on, or ends. */
  follow(state: State, event: Event): void {
    if ("agentId" in event && event.agentId !== undefined) this.#flush(state, event.agentId);
    this.#mark(state, event);
    switch (event.type) {
      case "agent.started":
        return this.#begin(state, event.agentId, event.at, event.attempt);
      case "agent.prompted":
        return this.#begin(state, event.agentId, event.at, undefined);
      case "agent.ended":
        return this.#update(state, event.agentId, { status: "done", reason: null, endedAt: event.at });
      case "agent.failed":
        this.#append(state, event, `\n✗ ${event.reason}\n`);
        return this.#update(state, event.agentId, { status: "failed", reason: event.reason, endedAt: event.at });
      case "gate.opened":
        if (event.agentId) this.#update(state, event.agentId, { status: "waiting", reason: event.reason });
        return;
      case "call.started":
        return this.#update(state, event.agentId, { ...moving, lastByteMs: Date.parse(event.at), tools: null });
      case "command.started":
      case "write.allowed":
        return this.#update(state, event.agentId, moving);
      case "call.settled":
        return this.#update(state, event.agentId, { tools: toolsOf(event.content, event.at) });
      case "call.failed":
        if (event.retryInMs === undefined) return;
        return this.#update(state, event.agentId, {
          status: "waiting",
          reason: retryReason(event.reason, event.retryInMs),
        });
      default:
        return;
    }
  }

  /** Like `follow`, for an event of the past: what was streamed then is told from what the log kept of it. */
  replay(state: State, event: Event): void {
    this.follow(state, event);
    if (event.type === "call.settled") this.#append(state, event, event.content.map(blockText).join(""));
    if (event.type === "call.failed") this.#append(state, event, event.text);
  }

  /** All that it holds, as plain data of its own. */
  kept(): KeptStreams {
    const streams = [...this.#streams.values()].map((stream) => {
      const held = this.#redacting.get(stream.streamId)?.held() ?? "";
      return { fields: { ...stream }, text: stream.text, held };
    });
    return { streams, endedIds: [...this.#ended].map(({ streamId }) => streamId) };
  }

  /** Takes what another kept, into an empty hub. Refuses, and stays empty, where a secret of today stands in it. */
  restore({ streams, endedIds }: KeptStreams): boolean {
    if (this.#redactor.json(streams) !== streams) return false;
    for (const { fields, text, held } of streams) {
      const { streamId, role, startedAt } = fields;
      const stream = new StreamRecord(streamId, role, startedAt);
      stream.add(text);
      this.#streams.set(streamId, Object.assign(stream, fields));
      if (held !== "") this.append(streamId, held, fields.lastByteMs);
    }
    for (const streamId of endedIds) {
      const stream = this.#streams.get(streamId);
      if (stream) this.#ended.add(stream);
    }
    return true;
  }

  #begin(state: State, agentId: string, at: string, attempt: number | undefined): void {
    const agent = state.agents.get(agentId);
    if (!agent) return;
    const { streamId, role, epicId, trackId, ticketId } = agent;
    const stream = this.#streams.get(streamId) ?? new StreamRecord(streamId, role, at);
    this.#streams.set(streamId, stream);
    this.#ended.delete(stream);
    const fresh = { endedAt: null, lastByteMs: Date.parse(at), tools: null };
    Object.assign(stream, { agentId, epicId, trackId, ticketId, ...moving, ...fresh });
    if (stream.endOffset === 0) return;
    const purpose = attempt === undefined ? agent.purpose : `attempt ${attempt}`;
    this.append(streamId, `\n── ${purpose} · ${agent.model} ──\n`, Date.parse(at));
  }

  /** Before what the event changes: an agent that ends closes its last span while the stream is still its own. */
  #mark(state: State, event: Event): void {
    const after = spanAfter(state, event);
    const stream = after && this.#streams.get(state.agents.get(after.agentId)?.streamId ?? "");
    if (!after || stream?.agentId !== after.agentId || stream.endedAt !== null) return;
    stream.spans = withSpan(stream.spans, after.kind, Date.parse(event.at));
  }

  #flush(state: State, agentId: string): void {
    const stream = this.#streams.get(state.agents.get(agentId)?.streamId ?? "");
    if (stream) this.#add(stream, this.#redacting.get(stream.streamId)?.flush() ?? "");
  }

  /** Text that the log tells of comes at its event's time, so that a log always makes the same streams. */
  #append(state: State, { agentId, at }: { agentId: string; at: string }, text: string): void {
    const agent = state.agents.get(agentId);
    if (agent && this.#streams.has(agent.streamId)) this.append(agent.streamId, text, Date.parse(at));
  }

  #update(state: State, agentId: string, change: Partial<StreamChange>): void {
    const stream = this.#streams.get(state.agents.get(agentId)?.streamId ?? "");
    if (stream?.agentId !== agentId) return;
    Object.assign(stream, change);
    if (stream.endedAt === null) return;
    this.#add(stream, this.#redacting.get(stream.streamId)?.flush() ?? "");
    this.#redacting.delete(stream.streamId);
    this.#ended.add(stream);
    for (const oldest of this.#ended) {
      if (this.#ended.size <= wholeEndedCount) return;
      oldest.keep(endedLength);
      oldest.spans = oldest.spans.slice(-endedSpanCount);
      this.#ended.delete(oldest);
    }
  }
}

/** A stream as plain data; `held` is what may be the beginning of a secret and was not shown. */
export interface KeptStream {
  readonly fields: Omit<StreamRecord, "text" | "add" | "keep">;
  readonly text: string;
  readonly held: string;
}

export interface KeptStreams {
  readonly streams: readonly KeptStream[];
  /** Of those that are kept whole though they have ended, the one that ended first is first. */
  readonly endedIds: readonly string[];
}

type StreamChange = Pick<LiveStream, "status" | "reason" | "endedAt"> & {
  readonly lastByteMs: number;
  readonly tools: NonNullable<LiveStream["tools"]> | null;
};

const moving = { status: "running", reason: null } as const;

/** One stream as it grows. Its text is a rope: whoever reads it pays for putting it together, whoever adds to it does not. */
class StreamRecord implements LiveStream {
  readonly streamId: string;
  readonly role: LiveStream["role"];
  readonly startedAt: string;
  agentId = "";
  epicId: string | null = null;
  trackId: string | null = null;
  ticketId: string | null = null;
  status: LiveStream["status"] = "running";
  reason: string | null = null;
  endedAt: string | null = null;
  endOffset = 0;
  lastByteMs = 0;
  tools: NonNullable<LiveStream["tools"]> | null = null;
  spans: readonly StreamSpan[] = [];
  isAtLineStart = true;
  #text = "";

  constructor(streamId: string, role: LiveStream["role"], startedAt: string) {
    this.streamId = streamId;
    this.role = role;
    this.startedAt = startedAt;
  }

  get text(): string {
    return this.#text;
  }

  add(piece: string): void {
    this.#text += piece;
    this.endOffset += piece.length;
    this.isAtLineStart = piece.endsWith("\n");
    if (this.#text.length > 2 * keptLength) this.keep(keptLength);
  }

  /** Drops all but the last characters. */
  keep(length: number): void {
    if (this.#text.length > length) this.#text = this.#text.slice(-length);
  }
}

function toolsOf(content: readonly Json[], since: string): StreamRecord["tools"] {
  const names = content.flatMap((block) => toolName(block) ?? []);
  return names.length === 0 ? null : { names, since };
}

function toolName(block: Json): string | null {
  if (typeof block !== "object" || block === null || Array.isArray(block)) return null;
  return block.type === "tool_use" && typeof block.name === "string" ? block.name : null;
}

function retryReason(reason: string, retryInMs: number): string {
  return `${reason} It is tried again in ${Math.max(1, Math.round(retryInMs / 1000))} s.`;
}

function blockText(block: Json): string {
  if (typeof block !== "object" || block === null || Array.isArray(block)) return "";
  if (block.type === "text" && typeof block.text === "string") return block.text;
  const name = toolName(block);
  return name === null ? "" : `\n→ ${name}\n`;
}
