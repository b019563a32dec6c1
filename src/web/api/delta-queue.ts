/**
 * Streamed text that one client has not taken yet. Pieces of a stream are joined; when a client is slow, the oldest text
 * is dropped and the gap shows in the offsets. Never holds more than `maxStreams` times `maxChars` characters.
 */
import type { Delta } from "../../engine/engine-api.ts";

const maxChars = 64_000;
const maxStreams = 64;

export class DeltaQueue {
  readonly #pieces = new Map<string, Delta>();

  push(delta: Delta): void {
    const before = this.#pieces.get(delta.streamId);
    const isNext = before !== undefined && before.offset + before.text.length === delta.offset;
    this.#pieces.set(delta.streamId, tail(isNext ? { ...before, text: before.text + delta.text } : delta));
    if (this.#pieces.size <= maxStreams) return;
    const [oldest] = this.#pieces.keys();
    if (oldest !== undefined) this.#pieces.delete(oldest);
  }

  /** Everything that waits, one piece a stream; the queue is empty afterwards. */
  takeAll(): Delta[] {
    const pieces = [...this.#pieces.values()];
    this.#pieces.clear();
    return pieces;
  }
}

function tail(delta: Delta): Delta {
  const excess = delta.text.length - maxChars;
  if (excess <= 0) return delta;
  // Never begins in the middle of a surrogate pair.
  const code = delta.text.charCodeAt(excess);
  const dropped = code >= 0xdc00 && code <= 0xdfff ? excess + 1 : excess;
  return { streamId: delta.streamId, offset: delta.offset + dropped, text: delta.text.slice(dropped) };
}
