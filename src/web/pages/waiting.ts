/**
 * What waits, for a page that nobody sees: its live connection rests, and this thin one says what its title and a desktop
 * notification tell. One message whenever that has changed; a message that is late is folded into the next.
 */
import type { Hono } from "hono";
import { visible } from "../../../views/format.ts";
import type { EngineApi } from "../../engine/engine-api.ts";
import { openWaits } from "../../projections/view-waits.ts";
import type { PageServices } from "./page-services.ts";

const gapMs = 500;

/** Adds `/waiting`. */
export function registerWaiting(app: Hono, { engine, heartbeatMs, closing }: PageServices): void {
  app.get("/waiting", (c) => {
    const signal = AbortSignal.any([c.req.raw.signal, closing]);
    return new Response(waitingMessages(engine, heartbeatMs, signal), {
      headers: { "content-type": "text/event-stream", "cache-control": "no-store" },
    });
  });
}

/** How many gates are open, and the newest of them. */
export function waitingNow(engine: EngineApi) {
  let count = 0;
  let newest = null;
  for (const wait of openWaits(engine.state())) {
    count += 1;
    newest = wait;
  }
  if (newest === null) return { count };
  const { gateId, elementId, openedAt, sentence } = newest;
  return { count, newest: { gateId, elementId, openedAt, sentence: visible(sentence) } };
}

/** Messages as the reader takes them, until it goes away or the signal says so. */
export async function* waitingMessages(
  engine: EngineApi,
  heartbeatMs: number,
  signal: AbortSignal,
): AsyncGenerator<string> {
  let isMoved = false;
  let wake: () => void = () => undefined;
  const stop = engine.onPosition(() => {
    isMoved = true;
    wake();
  });
  const abort = (): void => wake();
  signal.addEventListener("abort", abort);
  let told = "";
  try {
    while (!signal.aborted) {
      const now = JSON.stringify(waitingNow(engine));
      isMoved = false;
      yield now === told ? ": still here\n\n" : `data: ${now}\n\n`;
      told = now;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, heartbeatMs);
        wake = () => {
          clearTimeout(timer);
          setTimeout(resolve, signal.aborted ? 0 : gapMs);
        };
        // What happened while the message was on its way woke nobody.
        if (isMoved || signal.aborted) wake();
      });
    }
  } finally {
    stop();
    signal.removeEventListener("abort", abort);
  }
}
