/** The goal of `--epic`: from the command line, or from stdin. */
import { usageError } from "./cli-error.ts";
import type { World } from "./world.ts";

/** The goal, read from stdin with `-`; null without one. Throws (exit 2) for an empty one, or one beside named tracks. */
export async function goalOf(
  epic: string | undefined,
  trackNames: readonly string[],
  world: World,
): Promise<string | null> {
  if (epic === undefined) return null;
  if (trackNames.length > 0) {
    throw usageError(`Give either tracks or --epic, not both: "${trackNames.join(" ")}" and a goal were given.`);
  }
  const goal = (epic === "-" ? await world.readInput() : epic).trim();
  if (goal !== "") return goal;
  throw usageError('The goal is empty. Say what should be built: signalbox run --epic "GOAL"');
}
