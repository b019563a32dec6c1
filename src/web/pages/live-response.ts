/**
 * The live connection of one page as an SSE response. State goes out at most every 50 ms and at once when it was quiet;
 * streamed text in the feed's batches; a comment after some silence tells both sides that the other is there.
 */
import type { EngineApi } from "../../engine/engine-api.ts";
import { type HeldText, LiveSession } from "./live-session.ts";
import type { OpenPage } from "./page.ts";
import { StreamFeed } from "./stream-feed.ts";

const stateGapMs = 50;
const leastRedrawGapMs = 1_000;

/** Where a live connection gets its frames, and how long it may be silent, in milliseconds. */
interface LiveSource {
  readonly engine: EngineApi;
  readonly heartbeatMs: number;
}

/** What a browser says of itself when it connects: its page's nonce, and the text that it has. */
interface Visitor {
  readonly nonce: string;
  readonly held: HeldText | null;
}

/** Streams frames until the browser goes away or the signal says so. */
export function liveResponse(source: LiveSource, page: OpenPage, signal: AbortSignal, visitor: Visitor): Response {
  return new Response(frames(source, page, signal, visitor), {
    headers: { "content-type": "text/event-stream", "cache-control": "no-store" },
  });
}

/** Frames as the reader pulls them: nothing is drawn for a reader that does not read. */
export async function* frames(
  source: LiveSource,
  page: OpenPage,
  signal: AbortSignal,
  { nonce, held }: Visitor,
): AsyncGenerator<string> {
  const { engine, heartbeatMs } = source;
  const session = new LiveSession(engine, page, nonce, held);
  const pulse = new Pulse(heartbeatMs);
  const stops = [
    engine.onPosition(() => pulse.noteState()),
    StreamFeed.of(engine).listen((streamIds) => {
      if (session.shows(streamIds)) pulse.noteDelta();
    }),
  ];
  const abort = (): void => pulse.wake();
  signal.addEventListener("abort", abort);
  try {
    yield `retry: 500\n${session.stateFrame() ?? ": here\n\n"}`;
    pulse.noteRedraw(session.redrawAtMs);
    while (!signal.aborted) {
      const due = await pulse.next();
      if (signal.aborted) return;
      const frame =
        due === "state" ? session.stateFrame() : due === "delta" ? session.deltaFrame() : ": still here\n\n";
      if (due === "state") pulse.noteRedraw(session.redrawAtMs);
      if (frame !== null) yield frame;
    }
  } finally {
    for (const stop of stops) stop();
    signal.removeEventListener("abort", abort);
  }
}

/** When the next frame is due, and of which kind. */
class Pulse {
  #stateDue = Number.POSITIVE_INFINITY;
  #deltaDue = Number.POSITIVE_INFINITY;
  /** When time alone changes what the page says. */
  #redrawDue = Number.POSITIVE_INFINITY;
  #lastStateAt = 0;
  #lastFrameAt = performance.now();
  #wake: () => void = () => undefined;
  readonly #heartbeatMs: number;

  constructor(heartbeatMs: number) {
    this.#heartbeatMs = heartbeatMs;
  }

  noteState(): void {
    if (this.#stateDue !== Number.POSITIVE_INFINITY) return;
    this.#stateDue = Math.max(performance.now(), this.#lastStateAt + stateGapMs);
    this.wake();
  }

  noteDelta(): void {
    if (this.#deltaDue !== Number.POSITIVE_INFINITY) return;
    this.#deltaDue = performance.now();
    this.wake();
  }

  /** At the earliest a second from now: a page that time changes often is not drawn all the time. */
  noteRedraw(atMs: number | null): void {
    this.#redrawDue =
      atMs === null ? Number.POSITIVE_INFINITY : performance.now() + Math.max(leastRedrawGapMs, atMs - Date.now());
  }

  wake(): void {
    this.#wake();
  }

  /** Waits until something is due; a wake-up without anything due answers with a heartbeat. */
  async next(): Promise<"state" | "delta" | "heartbeat"> {
    for (;;) {
      const now = performance.now();
      if (now >= Math.min(this.#stateDue, this.#redrawDue)) return this.#take("state", now);
      if (now >= this.#deltaDue) return this.#take("delta", now);
      const until = Math.min(this.#stateDue, this.#redrawDue, this.#deltaDue, this.#lastFrameAt + this.#heartbeatMs);
      if (now >= until) return this.#take("heartbeat", now);
      const isWoken = await this.#waitMs(until - now);
      if (isWoken && this.#stateDue === Number.POSITIVE_INFINITY && this.#deltaDue === Number.POSITIVE_INFINITY) {
        return "heartbeat";
      }
    }
  }

  #take(kind: "state" | "delta" | "heartbeat", now: number): "state" | "delta" | "heartbeat" {
    this.#lastFrameAt = now;
    if (kind === "state") {
      this.#stateDue = Number.POSITIVE_INFINITY;
      this.#redrawDue = Number.POSITIVE_INFINITY;
      this.#lastStateAt = now;
    }
    if (kind === "delta") this.#deltaDue = Number.POSITIVE_INFINITY;
    return kind;
  }

  #waitMs(ms: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), Math.ceil(ms));
      this.#wake = () => {
        clearTimeout(timer);
        resolve(true);
      };
    });
  }
}
