/**
 * The live text of every agent, one entry for each stream id. Keeps a bounded tail; the whole is in the log. Delivery: in
 * order, never dropped for the hub itself; listeners get each piece once, with its offset. What may be the beginning of a
 * secret waits for the piece after it, at most until the agent's next event.
 */
import type { Event } from "../domain/event.ts";
import type { Json } from "../domain/gate.ts";
import { makeRedactor, type RedactingStream, type Redactor } from "../domain/redactor.ts";
import type { State } from "../domain/state.ts";
import type { Delta, LiveStream } from "./engine-api.ts";

const keptLength = 65_536;

export class StreamHub {
  readonly #streams = new Map<string, LiveStream>();
  readonly #listeners = new Set<(delta: Delta) => void>();
  readonly #redactor: Redactor;
  readonly #redacting = new Map<string, RedactingStream>();

  constructor(redactor: Redactor = makeRedactor([])) {
    this.#redactor = redactor;
  }

  get streams(): ReadonlyMap<string, LiveStream> {
    return this.#streams;
  }

  onDelta(listener: (delta: Delta) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Appends text to a stream that has begun; text of an unknown stream is a fault of ours and throws. */
  append(streamId: string, text: string): void {
    const stream = this.#streams.get(streamId);
    if (!stream) throw new Error(`Text arrived for the stream "${streamId}", which no agent has begun.`);
    const redacting = this.#redacting.get(streamId) ?? this.#redactor.redactingStream();
    this.#redacting.set(streamId, redacting);
    this.#add(stream, redacting.push(text));
  }

  #add(stream: LiveStream, text: string): void {
    const { streamId } = stream;
    // A line that begins with its own line end would leave an empty one where a line has just ended.
    const isAtLineStart = stream.text === "" || stream.text.endsWith("\n");
    const piece = isAtLineStart && /^\n[→✗]/.test(text) ? text.slice(1) : text;
    if (piece === "") return;
    const offset = stream.endOffset;
    this.#streams.set(streamId, {
      ...stream,
      text: (stream.text + piece).slice(-keptLength),
      endOffset: offset + piece.length,
    });
    for (const listener of this.#listeners) listener({ streamId, offset, text: piece });
  }

  /** Takes in an event that has happened: a stream begins, goes on, or ends. */
  follow(state: State, event: Event): void {
    if ("agentId" in event && event.agentId !== undefined) this.#flush(state, event.agentId);
    switch (event.type) {
      case "agent.started":
        return this.#begin(state, event.agentId, event.at, event.attempt);
      case "agent.prompted":
        return this.#begin(state, event.agentId, event.at, undefined);
      case "agent.ended":
        return this.#update(state, event.agentId, { status: "done", reason: null, endedAt: event.at });
      case "agent.failed":
        this.#append(state, event.agentId, `\n✗ ${event.reason}\n`);
        return this.#update(state, event.agentId, { status: "failed", reason: event.reason, endedAt: event.at });
      case "gate.opened":
        if (event.agentId) this.#update(state, event.agentId, { status: "waiting", reason: event.reason });
        return;
      case "call.started":
      case "command.started":
      case "write.allowed":
        return this.#update(state, event.agentId, { status: "running", reason: null });
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
    if (event.type === "call.settled") this.#append(state, event.agentId, event.content.map(blockText).join(""));
    if (event.type === "call.failed") this.#append(state, event.agentId, event.text);
  }

  #begin(state: State, agentId: string, at: string, attempt: number | undefined): void {
    const agent = state.agents.get(agentId);
    if (!agent) return;
    const known = this.#streams.get(agent.streamId);
    this.#streams.set(agent.streamId, {
      streamId: agent.streamId,
      role: agent.role,
      agentId,
      epicId: agent.epicId,
      trackId: agent.trackId,
      ticketId: agent.ticketId,
      status: "running",
      reason: null,
      text: known?.text ?? "",
      endOffset: known?.endOffset ?? 0,
      startedAt: known?.startedAt ?? at,
      endedAt: null,
    });
    if (known && known.text !== "")
      this.append(
        agent.streamId,
        `\n── ${attempt === undefined ? agent.purpose : `attempt ${attempt}`} · ${agent.model} ──\n`,
      );
  }

  #flush(state: State, agentId: string): void {
    const stream = this.#streams.get(state.agents.get(agentId)?.streamId ?? "");
    if (stream) this.#add(stream, this.#redacting.get(stream.streamId)?.flush() ?? "");
  }

  #append(state: State, agentId: string, text: string): void {
    const agent = state.agents.get(agentId);
    if (agent && this.#streams.has(agent.streamId)) this.append(agent.streamId, text);
  }

  #update(state: State, agentId: string, change: Partial<LiveStream>): void {
    const stream = this.#streams.get(state.agents.get(agentId)?.streamId ?? "");
    if (stream?.agentId === agentId) this.#streams.set(stream.streamId, { ...stream, ...change });
  }
}

function retryReason(reason: string, retryInMs: number): string {
  return `${reason} It is tried again in ${Math.max(1, Math.round(retryInMs / 1000))} s.`;
}

function blockText(block: Json): string {
  if (typeof block !== "object" || block === null || Array.isArray(block)) return "";
  if (block.type === "text" && typeof block.text === "string") return block.text;
  if (block.type === "tool_use" && typeof block.name === "string") return `\n→ ${block.name}\n`;
  return "";
}
