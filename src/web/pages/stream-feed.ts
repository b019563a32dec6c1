/**
 * Streamed text on its way to the open pages of an engine: gathered for 100 ms, made into a message once, and shared by all
 * of them. Delivery: by offset, in order, each character once; a page that is too far behind gets a pane's end as a whole.
 */
import { randomUUID } from "node:crypto";
import { visible } from "../../../views/format.ts";
import type { LiveStream } from "../../domain/live-stream.ts";
import type { EngineApi } from "../../engine/engine-api.ts";
import { elementId } from "../../projections/view-element-id.ts";
import { paneCharacters, paneTail } from "../../projections/view-streams.ts";

const gapMs = 100;
/** Pieces kept of a stream for pages that do not read at once: some seconds of it. */
const keptPieces = 40;

/** Text from one offset of a stream to another, as it goes to the browser: `[element id, from, to, text, replaces all]`. */
export interface Piece {
  readonly from: number;
  readonly to: number;
  readonly json: string;
}

const feeds = new WeakMap<EngineApi, StreamFeed>();

export class StreamFeed {
  /** Offsets mean something within one feed only: a server that was restarted counts anew. */
  readonly id = randomUUID().slice(0, 8);
  readonly #engine: EngineApi;
  readonly #listeners = new Set<(streamIds: ReadonlySet<string>) => void>();
  readonly #pieces = new Map<string, Piece[]>();
  readonly #pending = new Map<string, { readonly from: number; readonly texts: string[] }>();
  #stop: (() => void) | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #sealedAt = 0;

  /** The one feed of an engine. */
  static of(engine: EngineApi): StreamFeed {
    const feed = feeds.get(engine) ?? new StreamFeed(engine);
    feeds.set(engine, feed);
    return feed;
  }

  private constructor(engine: EngineApi) {
    this.#engine = engine;
  }

  /** Tells which streams have new pieces, at most every 100 ms; returns the way to stop. Without listeners it does nothing. */
  listen(listener: (streamIds: ReadonlySet<string>) => void): () => void {
    this.#listeners.add(listener);
    this.#stop ??= this.#engine.onDelta(({ streamId, offset, text }) => this.#take(streamId, offset, text));
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#rest();
    };
  }

  /** What a stream has said since an offset; with null, or where that is too long ago, its end as a whole. */
  after(streamId: string, from: number | null): readonly Piece[] {
    const pieces = this.#pieces.get(streamId) ?? [];
    const index = pieces.findLastIndex((piece) => piece.to === from || piece.from === from);
    const found = pieces[index];
    if (found) return pieces.slice(found.to === from ? index + 1 : index);
    const stream = this.#engine.streams().get(streamId);
    return stream ? this.#cut(stream, from) : [];
  }

  #cut(stream: LiveStream, from: number | null): readonly Piece[] {
    const { streamId, text, endOffset } = stream;
    const start = endOffset - text.length;
    // Half of a surrogate pair waits for its other half.
    const to = this.#pending.get(streamId)?.from ?? (endsInHalf(text) ? endOffset - 1 : endOffset);
    const isKnown = from !== null && from >= start && from <= endOffset;
    if (isKnown && to - from <= paneCharacters)
      return from >= to ? [] : [piece(streamId, from, to, text.slice(from - start, to - start), false)];
    const tail = paneTail(text.slice(0, to - start));
    return [piece(streamId, to - tail.length, to, tail, true)];
  }

  #take(streamId: string, offset: number, text: string): void {
    const pending = this.#pending.get(streamId);
    if (pending) pending.texts.push(text);
    else this.#pending.set(streamId, { from: offset, texts: [text] });
    this.#timer ??= setTimeout(() => this.#seal(), Math.max(0, this.#sealedAt + gapMs - performance.now()));
  }

  #seal(): void {
    this.#timer = null;
    this.#sealedAt = performance.now();
    const streamIds = new Set<string>();
    for (const [streamId, { from, texts }] of this.#pending) {
      const said = texts.join("");
      const isSplit = endsInHalf(said);
      const text = isSplit ? said.slice(0, -1) : said;
      const to = from + text.length;
      if (isSplit) this.#pending.set(streamId, { from: to, texts: [said.slice(-1)] });
      else this.#pending.delete(streamId);
      if (text === "") continue;
      this.#keep(
        streamId,
        text.length > paneCharacters ? ending(streamId, to, text) : piece(streamId, from, to, text, false),
      );
      streamIds.add(streamId);
    }
    for (const listener of this.#listeners) listener(streamIds);
  }

  #keep(streamId: string, made: Piece): void {
    const pieces = this.#pieces.get(streamId) ?? [];
    pieces.push(made);
    if (pieces.length > keptPieces) pieces.splice(0, pieces.length - keptPieces);
    this.#pieces.set(streamId, pieces);
  }

  #rest(): void {
    this.#stop?.();
    this.#stop = null;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#pending.clear();
    this.#pieces.clear();
  }
}

/** The message that brings pieces to a page. */
export function panesMessage(feedId: string, pieces: readonly Piece[]): string {
  return `event: panes\ndata: {"feed":"${feedId}","panes":[${pieces.map(({ json }) => json).join(",")}]}\n\n`;
}

function ending(streamId: string, to: number, text: string): Piece {
  const tail = paneTail(text);
  return piece(streamId, to - tail.length, to, tail, true);
}

function piece(streamId: string, from: number, to: number, text: string, isWhole: boolean): Piece {
  const entry = [`${elementId("stream", streamId)}-text`, from, to, visible(text), isWhole];
  return { from, to, json: JSON.stringify(entry) };
}

/** Whether a text ends in the first half of a surrogate pair. By its number: a pattern would look at every character. */
function endsInHalf(text: string): boolean {
  const last = text.charCodeAt(text.length - 1);
  return last >= 0xd800 && last <= 0xdbff;
}
