/** Keeps a page and its engine up until a signal, then ends both cleanly. */
import type { RunningServer } from "../web/server.ts";
import type { RunningEngine } from "./compose.ts";
import { failed } from "./run-to-end.ts";
import type { World } from "./world.ts";

/** Starts the server, waits for the first interrupt, stops server and engine. Gives 130. */
export async function serveUntilInterrupt(
  engine: RunningEngine,
  world: World,
  start: () => Promise<RunningServer>,
): Promise<130> {
  const interrupted = Promise.withResolvers<void>();
  const stopListening = world.onInterrupt(interrupted.resolve);
  let server: RunningServer | null = null;
  try {
    server = await start();
    // A config that is refused ends the page as it would have ended a run.
    const answered = engine.trust?.accepted.then(() => interrupted.promise) ?? interrupted.promise;
    await Promise.race([interrupted.promise, failed(engine), answered]);
    world.note("Stopping. Nothing is lost: the next start goes on from here.\n");
    return 130;
  } finally {
    await server?.stop();
    await engine.stop("interrupted");
    stopListening();
  }
}
