/**
 * What one open page still has to be sent. It keeps no queue: frames are drawn from the present when the reader is ready,
 * so a slow reader costs nothing and what it missed is folded. It knows no time; `live-response.ts` paces it.
 */
import type { EngineApi, LiveStream } from "../../engine/engine-api.ts";
import { paneTail, type StreamPane } from "../../projections/view-streams.ts";
import type { OpenPage } from "./page.ts";
import { deltaPartial, morphPartial, regionHtml, sseMessage, textPartial } from "./partials.tsx";

export class LiveSession {
  readonly #engine: EngineApi;
  readonly #page: OpenPage;
  readonly #nonce: string;
  /** What the browser has of each region, and up to which offset it has the text of each pane. */
  readonly #sentHtml = new Map<string, string>();
  readonly #sentOffsets = new Map<string, number>();
  #panes: readonly StreamPane[] = [];
  #redrawAtMs: number | null = null;

  /** `nonce` is the page's own: a connection outlives the answer that it is. */
  constructor(engine: EngineApi, page: OpenPage, nonce: string) {
    this.#engine = engine;
    this.#page = page;
    this.#nonce = nonce;
  }

  /** When the page is to be drawn again although nothing has happened (milliseconds since 1970). */
  get redrawAtMs(): number | null {
    return this.#redrawAtMs;
  }

  /** The regions whose HTML has changed since the last frame, with the log's position as id; null when none has. */
  stateFrame(): string | null {
    const { position } = this.#engine.state();
    const drawing = this.#page.draw(false);
    this.#panes = drawing.panes;
    this.#redrawAtMs = drawing.redrawAtMs ?? null;
    const changed = [...regionHtml(this.#engine, drawing, this.#nonce)].filter(
      ([id, html]) => this.#sentHtml.get(id) !== html,
    );
    for (const [id, html] of changed) this.#sentHtml.set(id, html);
    const regions = changed.map(([id, html]) => morphPartial(id, html)).join("");
    const texts = this.#newPaneTexts().join("");
    // A message's targets are looked up before anything of it is swapped: texts for new panes come in a message after them.
    const messages = [regions === "" ? "" : sseMessage(regions, position), texts === "" ? "" : sseMessage(texts, null)];
    return messages.join("") || null;
  }

  /** What the panes' streams have said since the last frame; null when nothing. A pane that is too far behind is replaced. */
  deltaFrame(): string | null {
    const parts = this.#panes.flatMap((pane) => this.#deltaOf(pane) ?? []);
    return parts.length === 0 ? null : sseMessage(parts.join(""), null);
  }

  /** Whether the page shows this stream: deltas of others wake nobody. */
  shows(streamId: string): boolean {
    return this.#sentOffsets.has(streamId);
  }

  #newPaneTexts(): string[] {
    const shown = new Set(this.#panes.map((pane) => pane.streamId));
    for (const streamId of this.#sentOffsets.keys()) if (!shown.has(streamId)) this.#sentOffsets.delete(streamId);
    return this.#panes
      .filter((pane) => !this.#sentOffsets.has(pane.streamId))
      .map((pane) => this.#replaced(pane, this.#streamOf(pane)));
  }

  #deltaOf(pane: StreamPane): string | null {
    const stream = this.#streamOf(pane);
    const sent = this.#sentOffsets.get(pane.streamId);
    if (sent === undefined || stream.endOffset === sent) return null;
    const from = sent - (stream.endOffset - stream.text.length);
    // A stream that started again counts from 0, and one that ran ahead has dropped what the browser lacks.
    if (from < 0 || stream.endOffset < sent) return this.#replaced(pane, stream);
    this.#sentOffsets.set(pane.streamId, stream.endOffset);
    return deltaPartial(pane.elementId, stream.text.slice(from));
  }

  #replaced(pane: StreamPane, stream: Pick<LiveStream, "text" | "endOffset">): string {
    this.#sentOffsets.set(pane.streamId, stream.endOffset);
    return textPartial(`${pane.elementId}-text`, paneTail(stream.text));
  }

  /** What a pane's stream has said; half of a surrogate pair at its end waits for its other half. */
  #streamOf(pane: StreamPane): Pick<LiveStream, "text" | "endOffset"> {
    const { text, endOffset } = this.#engine.streams().get(pane.streamId) ?? { text: "", endOffset: 0 };
    // By its number: a pattern for the last character looks at all those before it, with each delta.
    const last = text.charCodeAt(text.length - 1);
    return last >= 0xd800 && last <= 0xdbff
      ? { text: text.slice(0, -1), endOffset: endOffset - 1 }
      : { text, endOffset };
  }
}
