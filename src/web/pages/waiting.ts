/**
 * What waits, for a page that nobody sees: its live connection rests, and this thin one says what its title and a desktop
 * notification tell. One message whenever that has changed; a message that is late is folded into the next.
 */
import type { Hono } from "hono";
import { visible } from "../../../views/format.ts";
import type { EngineApi } from "../../engine/engine-api.ts";
import { elementId } from "../../projections/view-element-id.ts";
import { waitSentence } from "../../projections/view-waits.ts";
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

/** As many ids as a page needs to tell what it has told of from what is new. */
const idLimit = 100;

/** How many gates are open, the ids of the newest of them, and what the newest asks. */
export function waitingNow(engine: EngineApi) {
  const state = engine.state();
  const open = [...state.gates.values()].filter((gate) => gate.status === "open");
  const newest = open.at(-1);
  return {
    count: open.length,
    gateIds: open.slice(-idLimit).map((gate) => gate.gateId),
    ...(newest && {
      newest: {
        elementId: elementId("gate", newest.gateId),
        sentence: visible(waitSentence(state, newest)),
      },
    }),
  };
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
