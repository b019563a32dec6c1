/** Makes the engine of a session: the real one, or one that waits until its project's config is accepted on the page. */
import type { Invocation } from "./command-table.ts";
import { composeEngine, type RunningEngine, takeLock } from "./compose.ts";
import { loadConfig } from "./config/load-config.ts";
import { PendingTrust } from "./pending-trust.ts";
import { failed } from "./run-to-end.ts";
import { checkSession, type Session } from "./session.ts";
import { WaitingEngine } from "./waiting-engine.ts";
import type { World } from "./world.ts";

/** The engine of a session; where it waits, it has `trust`. */
export async function openEngine(session: Session, invocation: Invocation, world: World): Promise<RunningEngine> {
  const { project, unaccepted } = session;
  if (unaccepted === null) return await composeEngine({ ...session, world, isBusy: invocation.command !== "serve" });
  const lock = await takeLock(project, world);
  try {
    const resting = await composeEngine({ ...session, world, lock, isResting: true });
    const engine = new WaitingEngine(resting, () => lock.release());
    const parts = {
      root: project.root,
      world,
      load: () => loadConfig(project.root, invocation.options, world),
      check: (config: Session["config"]) => checkSession(config, world),
      begin: async (config: Session["config"]) =>
        engine.goOnWith(await composeEngine({ project, config, world, lock })),
    };
    return engine.waitFor(new PendingTrust(parts, unaccepted));
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Waits until the engine may work: at once, or when its project's config is accepted. Gives whether it came to that before Ctrl-C. */
export async function mayWork(engine: RunningEngine, world: World): Promise<boolean> {
  if (!engine.trust) return true;
  const interrupted = Promise.withResolvers<false>();
  const stopListening = world.onInterrupt(() => interrupted.resolve(false));
  try {
    return await Promise.race([engine.trust.accepted.then(() => true), interrupted.promise, failed(engine)]);
  } finally {
    stopListening();
  }
}
