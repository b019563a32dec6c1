/** `signalbox run`: tracks, or a goal with `--epic`, to merged code. */

import { carryOut } from "../carry-out.ts";
import { usageError } from "../cli-error.ts";
import type { Invocation, RunCommand } from "../command-table.ts";
import { openEngine } from "../open-engine.ts";
import { openSession } from "../session.ts";
import { startEpic, startTracks } from "../start-work.ts";
import type { World } from "../world.ts";

/** Starts the work and carries it to its end. */
export const run: RunCommand = async (invocation, world) => {
  const goal = await goalOf(invocation, world);
  const session = await openSession(invocation, world, invocation.options.serve);
  const engine = await openEngine(session, invocation, world);
  return await carryOut(engine, session, invocation, world, async () => {
    if (goal === null) return startTracks(engine, invocation.positionals);
    startEpic(engine, goal, true);
    return null;
  });
};

/** The goal of `--epic`, from stdin with `-`; null without one. */
async function goalOf({ options, positionals }: Invocation, world: World): Promise<string | null> {
  if (options.epic === undefined) return null;
  if (positionals.length > 0) {
    throw usageError(`Give either tracks or --epic, not both: "${positionals.join(" ")}" and a goal were given.`);
  }
  const goal = (options.epic === "-" ? await world.readInput() : options.epic).trim();
  if (goal !== "") return goal;
  throw usageError('The goal is empty. Say what should be built: signalbox run --epic "GOAL"');
}
