/**
 * What one open page still has to be sent. It keeps no queue: frames are drawn from the present when the reader is ready,
 * so a slow reader costs nothing and what it missed is folded. It knows no time; `live-response.ts` paces it.
 */
import type { EngineApi } from "../../engine/engine-api.ts";
import type { StreamPane } from "../../projections/view-streams.ts";
import type { OpenPage } from "./page.ts";
import { morphPartial, regionHtml, sseMessage } from "./partials.tsx";
import { type Piece, panesMessage, StreamFeed } from "./stream-feed.ts";

/** What a browser has already when it connects: up to which offset it holds the text of each pane, by its element id. */
export interface HeldText {
  readonly feedId: string;
  readonly offsets: ReadonlyMap<string, number>;
}

export class LiveSession {
  readonly #engine: EngineApi;
  readonly #page: OpenPage;
  readonly #nonce: string;
  readonly #feed: StreamFeed;
  readonly #held: HeldText | null;
  /** What the browser has of each region, and up to which offset it has the text of each pane. */
  readonly #sentHtml = new Map<string, string>();
  readonly #sentOffsets = new Map<string, number>();
  #panes: readonly StreamPane[] = [];
  #redrawAtMs: number | null = null;

  /** `nonce` is the page's own: a connection outlives the answer that it is. */
  constructor(engine: EngineApi, page: OpenPage, nonce: string, held: HeldText | null = null) {
    this.#engine = engine;
    this.#page = page;
    this.#nonce = nonce;
    this.#feed = StreamFeed.of(engine);
    this.#held = held?.feedId === this.#feed.id ? held : null;
  }

  /** When the page is to be drawn again although nothing has happened (milliseconds since 1970). */
  get redrawAtMs(): number | null {
    return this.#redrawAtMs;
  }

  /** The regions whose HTML has changed since the last frame, with the log's position as id; null when none has. */
  stateFrame(): string | null {
    const { position } = this.#engine.state();
    const drawing = this.#page.draw(false);
    const isFirst = this.#sentHtml.size === 0;
    this.#panes = drawing.panes;
    this.#redrawAtMs = drawing.redrawAtMs ?? null;
    const changed = [...regionHtml(this.#engine, drawing, this.#nonce)].filter(
      ([id, html]) => this.#sentHtml.get(id) !== html,
    );
    for (const [id, html] of changed) this.#sentHtml.set(id, html);
    const regions = changed.map(([id, html]) => morphPartial(id, html)).join("");
    // The text of a new pane comes in a message after the one that brings the pane.
    const texts = this.#newPaneTexts(isFirst);
    const messages = [regions === "" ? "" : sseMessage(regions, position), this.#message(texts) ?? ""];
    return messages.join("") || null;
  }

  /** What the panes' streams have said since the last frame; null when nothing. A pane that is too far behind is replaced. */
  deltaFrame(): string | null {
    return this.#message(this.#panes.flatMap(({ streamId }) => this.#news(streamId)));
  }

  /** Whether the page shows one of these streams: deltas of others wake nobody. */
  shows(streamIds: ReadonlySet<string>): boolean {
    return this.#panes.some(({ streamId }) => streamIds.has(streamId));
  }

  #newPaneTexts(isFirst: boolean): Piece[] {
    const shown = new Set(this.#panes.map((pane) => pane.streamId));
    for (const streamId of this.#sentOffsets.keys()) if (!shown.has(streamId)) this.#sentOffsets.delete(streamId);
    return this.#panes
      .filter((pane) => !this.#sentOffsets.has(pane.streamId))
      .flatMap((pane) => {
        const held = isFirst ? this.#held?.offsets.get(pane.elementId) : undefined;
        if (held !== undefined) this.#sentOffsets.set(pane.streamId, held);
        return this.#news(pane.streamId);
      });
  }

  #news(streamId: string): readonly Piece[] {
    const pieces = this.#feed.after(streamId, this.#sentOffsets.get(streamId) ?? null);
    const last = pieces.at(-1);
    if (last) this.#sentOffsets.set(streamId, last.to);
    return pieces;
  }

  #message(pieces: readonly Piece[]): string | null {
    return pieces.length === 0 ? null : panesMessage(this.#feed.id, pieces);
  }
}
