/** Watches for a running engine what it cannot see itself: log files that were taken away, exceptions that nobody caught. */
import type { Engine } from "../engine/engine.ts";
import type { EventLog } from "../log/event-log.ts";
import type { World } from "./world.ts";

const lookMs = 1_000;

/** The engine, which now fails when its files are gone or an exception has reached nobody. */
export function guarded(engine: Engine, log: EventLog, world: World): Engine {
  world.onFault((error) => engine.fail(error));
  // Also while nothing happens: work that will not be kept must not be begun. The files of a closed log end it too.
  const timer = setInterval(() => {
    try {
      log.checkPlace();
    } catch (error) {
      clearInterval(timer);
      engine.fail(error instanceof Error ? error : new Error(String(error)));
    }
  }, lookMs);
  timer.unref();
  return engine;
}
