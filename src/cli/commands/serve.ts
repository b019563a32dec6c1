/** `signalbox serve`, and `signalbox` alone: the page of the project, and the engine behind it, until Ctrl-C. */
import type { RunCommand } from "../command-table.ts";
import { openEngine } from "../open-engine.ts";
import { checkHost, servePage } from "../serve-page.ts";
import { serveUntilInterrupt } from "../serve-until.ts";
import { openSession } from "../session.ts";

/** Serves until it is interrupted. What a crash left is continued by the engine as it opens. */
export const serve: RunCommand = async (invocation, world) => {
  checkHost(invocation.options);
  const session = await openSession(invocation, world, true);
  const engine = await openEngine(session, invocation, world);
  const { project, config } = session;
  return await serveUntilInterrupt(engine, world, () =>
    servePage(engine, { project, options: invocation.options, config }, world),
  );
};
