/**
 * The page bench's Messages API: plans one track of as many tickets as there are streams, then lets every worker say a given
 * number of pieces a second until it is told to end. Some pieces carry the time at which they were sent.
 */
import { ending, opening } from "../../support/scripted-provider.ts";
import { answer, BenchRequest, eventStream, frame, planBlock, workerTurn } from "../messages-api.ts";

export interface StreamProvider {
  readonly baseUrl: string;
  /** Pieces sent so far, over all streams. */
  sentCount(): number;
  /** Resolves when as many streams as were asked for are being said. */
  readonly allActive: Promise<void>;
  /** Resolves when that many pieces more have been sent. */
  sentMore(count: number): Promise<void>;
  /** Lets every stream end well. */
  end(): void;
  stop(): Promise<void>;
}

/** Every tenth piece of a stream carries `⟨ms⟩`, the time since 1970 with its fractions. */
const stampEvery = 10;
const tickMs = 10;

/** One open response: what it has said, and how to say more. */
interface Speaker {
  readonly startedAt: number;
  pieceCount: number;
  say(text: string): void;
  end(): void;
}

export function startStreamProvider(streamCount: number, piecesPerSecond: number): StreamProvider {
  const speakers = new Set<Speaker>();
  const allActive = Promise.withResolvers<void>();
  let sentCount = 0;
  let waiting: { readonly until: number; readonly resolve: () => void }[] = [];
  const timer = setInterval(() => {
    const now = performance.now();
    for (const speaker of speakers) {
      const due = Math.floor(((now - speaker.startedAt) / 1000) * piecesPerSecond);
      while (speaker.pieceCount < due) {
        speaker.say(piece(speaker.pieceCount));
        speaker.pieceCount += 1;
        sentCount += 1;
      }
    }
    for (const waiter of waiting) if (sentCount >= waiter.until) waiter.resolve();
    waiting = waiting.filter((waiter) => sentCount < waiter.until);
  }, tickMs);
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    development: false,
    idleTimeout: 0,
    async fetch(raw) {
      const request = BenchRequest.parse(await raw.json());
      const turn = workerTurn(request);
      if (turn === null) return answer(planBlock(request, streamCount));
      if (turn > 0) return answer({ type: "text", text: "Done." });
      return spoken(
        (speaker) => {
          speakers.add(speaker);
          if (speakers.size === streamCount) allActive.resolve();
        },
        (speaker) => speakers.delete(speaker),
      );
    },
  });
  return {
    baseUrl: `http://127.0.0.1:${server.port}`,
    sentCount: () => sentCount,
    allActive: allActive.promise,
    sentMore: (count) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.push({ until: sentCount + count, resolve });
      return promise;
    },
    end: () => {
      for (const speaker of speakers) speaker.end();
      speakers.clear();
    },
    stop: async () => {
      clearInterval(timer);
      await server.stop(true);
    },
  };
}

/** About what a model says in one delta, with a line end now and then. */
function piece(index: number): string {
  if (index % stampEvery === 0) return ` ⟨${(performance.timeOrigin + performance.now()).toFixed(2)}⟩`;
  return index % 12 === 11 ? " and so on.\n" : " the next words";
}

/** A response that is said piece by piece, for as long as its speaker likes. */
function spoken(onStart: (speaker: Speaker) => void, onGone: (speaker: Speaker) => void): Response {
  const start = { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } };
  let speaker: Speaker | null = null;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const event of [...opening(), start]) controller.enqueue(frame(event));
      speaker = {
        startedAt: performance.now(),
        pieceCount: 0,
        say: (text) =>
          controller.enqueue(frame({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text } })),
        end: () => {
          for (const event of [{ type: "content_block_stop", index: 0 }, ...ending("end_turn")])
            controller.enqueue(frame(event));
          controller.close();
        },
      };
      onStart(speaker);
    },
    cancel: () => {
      if (speaker) onGone(speaker);
    },
  });
  return eventStream(body);
}
