/** `signalbox replay CASSETTE`: the recorded run again, from the file alone; or, where asked, on from there at a real endpoint. */

import { loadTape } from "../cassette/load-tape.ts";
import { playTape } from "../cassette/play-tape.ts";
import type { RunCommand } from "../command-table.ts";

/** Plays the whole of it. */
export const replay: RunCommand = async (invocation, world) => {
  const file = invocation.positionals[0] ?? "";
  return await playTape(await loadTape(file, world), file, invocation, world);
};
