/** `signalbox fork CASSETTE --from PLACE`: a recorded run up to a place, and another way from there, at the real endpoint. */
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { Json } from "../../domain/gate.ts";
import { ForkPoint } from "../cassette/fork-point.ts";
import { loadTape } from "../cassette/load-tape.ts";
import { playTape } from "../cassette/play-tape.ts";
import { usageError } from "../cli-error.ts";
import type { RunCommand } from "../command-table.ts";
import type { World } from "../world.ts";

/** Plays it in a clone, which stays: a fork is a project of its own from then on. */
export const fork: RunCommand = async (invocation, world) => {
  const { from, model, prompt, plan } = invocation.options;
  if (from === undefined)
    throw usageError('Say where the fork begins: --from T-001, --from a track, or --from "STREAM:TURN".');
  const file = invocation.positionals[0] ?? "";
  const tape = await loadTape(file, world);
  const point = new ForkPoint(tape, {
    from,
    model,
    prompt: prompt === "-" ? await world.readInput() : prompt,
    plan: plan === undefined ? undefined : await jsonOf(plan, world),
  });
  return await playTape(tape, file, invocation, world, point);
};

async function jsonOf(file: string, world: World): Promise<Json> {
  const text =
    file === "-" ? await world.readInput() : await readFile(resolve(world.cwd, file), "utf8").catch(() => null);
  if (text === null) throw usageError(`The plan ${file} cannot be read. Give --plan a JSON file, or - for stdin.`);
  try {
    return Json.parse(JSON.parse(text));
  } catch (error) {
    throw usageError(`The plan ${file} is not JSON: ${error instanceof Error ? error.message : String(error)}.`);
  }
}
