/** From an open engine to an exit code: starts the page if asked, gives the engine its work, runs to the end, cleans up. */
import type { RunningServer } from "../web/server.ts";
import type { Invocation } from "./command-table.ts";
import type { RunningEngine } from "./compose.ts";
import { mayWork } from "./open-engine.ts";
import { runToEnd } from "./run-to-end.ts";
import type { Session } from "./session.ts";
import type { World } from "./world.ts";

/** Carries out what `start` starts; it gives the ids of the tracks that the run is about, or null for all. */
export async function carryOut(
  engine: RunningEngine,
  { project, config }: Session,
  { options }: Invocation,
  world: World,
  start: () => Promise<readonly string[] | null>,
  isHeadless = !options.serve,
): Promise<number> {
  let server: RunningServer | null = null;
  try {
    if (options.serve)
      server = await (await import("./serve-page.ts")).servePage(engine, { project, options, config }, world);
    if (!(await mayWork(engine, world))) return 130;
    const after = positionBeforeStart(engine);
    const trackIds = await start();
    const isJson = options.json ?? false;
    return await runToEnd(engine, { isJson, isHeadless, after, world, ...(trackIds && { trackIds }) });
  } finally {
    await server?.stop();
    await engine.stop("the command ended");
  }
}

/** Position of the log before the engine's last start, which belongs to the run: its facts are printed too. */
export function positionBeforeStart(engine: RunningEngine): number {
  const starts = engine.events({ after: 0, limit: Number.MAX_SAFE_INTEGER, type: "engine.started" });
  return (starts.at(-1)?.position ?? 1) - 1;
}
