/** `signalbox run`: tracks, or a goal with `--epic`, to merged code. */

import { carryOut } from "../carry-out.ts";
import type { RunCommand } from "../command-table.ts";
import { goalOf } from "../goal.ts";
import { openEngine } from "../open-engine.ts";
import { openSession } from "../session.ts";
import { startEpic, startTracks } from "../start-work.ts";

/** Starts the work and carries it to its end. */
export const run: RunCommand = async (invocation, world) => {
  const goal = await goalOf(invocation.options.epic, invocation.positionals, world);
  const session = await openSession(invocation, world, invocation.options.serve);
  const engine = await openEngine(session, invocation, world);
  return await carryOut(engine, session, invocation, world, async () => {
    if (goal === null) return startTracks(engine, invocation.positionals);
    startEpic(engine, goal, true);
    return null;
  });
};
