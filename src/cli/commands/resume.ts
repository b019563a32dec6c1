/** `signalbox resume`: goes on with what an interrupt, a gate or a crash left unfinished. */

import { carryOut } from "../carry-out.ts";
import { isOwnFile, openRecording, recorded } from "../cassette/recording.ts";
import type { RunCommand } from "../command-table.ts";
import { openEngine } from "../open-engine.ts";
import { openSession } from "../session.ts";
import { wake } from "../start-work.ts";

/** The engine derives what is missing from the log by itself; here it is only woken. */
export const resume: RunCommand = async (invocation, world) => {
  const session = await openSession(invocation, world, invocation.options.serve);
  const engine = await openEngine(session, invocation, world);
  const run = () =>
    carryOut(engine, session, invocation, world, async () => {
      wake(engine);
      return null;
    });
  const recording = openRecording(session.project);
  if (!recording) return await run();
  if (isOwnFile(recording)) return await recorded(run, engine, session, recording, world);
  world.note(`${recording.path} is no longer the cassette that was being recorded: it is left alone.\n`);
  return await run();
};
