/**
 * Events over SSE. A client has a place in the log and pulls from it when it has taken what it got, so a slow client
 * costs no memory and misses no event: events come in order, each once, and again after a resume. Text deltas may be
 * joined, and may lose their oldest part when the client is slow; their offsets say so.
 */
import type { EventQuery } from "../../engine/engine-api.ts";
import type { WebServices } from "../web-services.ts";
import { DeltaQueue } from "./delta-queue.ts";

const maxOpenStreams = 64;
const batchSize = 200;

/** Which events a client wants; absent: all. */
export type EventFilter = Omit<EventQuery, "after" | "limit">;

interface StreamRequest {
  readonly after: number;
  readonly filter: EventFilter;
  readonly signal: AbortSignal;
}

/** The endless answer; it ends when the client goes or the server stops. */
export function eventStream(services: WebServices, request: StreamRequest): Response {
  if (services.openStreams.size >= maxOpenStreams) {
    const message = `There are ${maxOpenStreams} event streams open already. Close some, or read /api/events without SSE.`;
    return Response.json({ error: { code: "too_many_streams", message } }, { status: 503 });
  }
  const frames = new EventFrames(services, request);
  const body = new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        const text = await frames.next();
        if (text === null) controller.close();
        else controller.enqueue(new TextEncoder().encode(text));
      },
      cancel: () => frames.close(),
    },
    // Nothing is prepared before the client wants it; a HEAD request never does.
    { highWaterMark: 0 },
  );
  return new Response(body, { headers: { "content-type": "text/event-stream; charset=utf-8" } });
}

class EventFrames {
  readonly #services: WebServices;
  readonly #filter: StreamRequest["filter"];
  readonly #signal: AbortSignal;
  readonly #deltas = new DeltaQueue();
  #position: number;
  #state: "new" | "open" | "closed" = "new";
  #isHeartbeatDue = false;
  #stopListening: (() => void)[] = [];
  #wake: () => void = () => undefined;

  constructor(services: WebServices, request: StreamRequest) {
    this.#services = services;
    this.#filter = request.filter;
    this.#signal = request.signal;
    this.#position = request.after;
  }

  /** The next frames, as soon as there are any; null at the end. */
  async next(): Promise<string | null> {
    if (this.#state === "new") {
      this.#open();
      return `: signalbox\nretry: 1000\n\n${this.#take()}`;
    }
    while (this.#state === "open") {
      const text = this.#take();
      if (text !== "") return text;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return null;
  }

  close(): void {
    this.#state = "closed";
    for (const stop of this.#stopListening.splice(0)) stop();
    this.#services.openStreams.delete(this);
    this.#wake();
  }

  #open(): void {
    const { engine, closing, heartbeatMs, openStreams } = this.#services;
    this.#state = "open";
    openStreams.add(this);
    const heartbeat = setInterval(() => {
      this.#isHeartbeatDue = true;
      this.#wake();
    }, heartbeatMs);
    const close = () => this.close();
    const signals = [closing, this.#signal];
    for (const signal of signals) signal.addEventListener("abort", close, { once: true });
    this.#stopListening = [
      () => clearInterval(heartbeat),
      () => {
        for (const signal of signals) signal.removeEventListener("abort", close);
      },
      engine.onPosition(() => this.#wake()),
      engine.onDelta((delta) => {
        this.#deltas.push(delta);
        this.#wake();
      }),
    ];
    if (signals.some((signal) => signal.aborted)) this.close();
  }

  #take(): string {
    const frames = [...this.#takeEvents(), ...this.#deltas.takeAll().map(deltaFrame)];
    if (this.#isHeartbeatDue) frames.push(": hb\n\n");
    this.#isHeartbeatDue = false;
    return frames.join("");
  }

  #takeEvents(): string[] {
    const { engine } = this.#services;
    const endPosition = engine.state().position;
    // Most wake-ups are for streamed text: those must not cost a query each.
    if (this.#position >= endPosition) return [];
    const events = engine.events({ after: this.#position, limit: batchSize, ...this.#filter });
    const last = events.at(-1)?.position ?? this.#position;
    // With a filter, what did not match need not be looked at again.
    this.#position = events.length < batchSize ? Math.max(last, endPosition) : last;
    return events.map((event) => `id: ${event.position}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
  }
}

function deltaFrame({ streamId, offset, text }: { streamId: string; offset: number; text: string }): string {
  return `event: delta\ndata: ${JSON.stringify({ streamId, offset, text })}\n\n`;
}
