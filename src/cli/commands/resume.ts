/** `signalbox resume`: goes on with what an interrupt, a gate or a crash left unfinished. */
import { carryOut } from "../carry-out.ts";
import type { RunCommand } from "../command-table.ts";
import { composeEngine } from "../compose.ts";
import { openSession } from "../session.ts";
import { wake } from "../start-work.ts";

/** The engine derives what is missing from the log by itself; here it is only woken. */
export const resume: RunCommand = async (invocation, world) => {
  const session = await openSession(invocation, world);
  const engine = await composeEngine({ ...session, world });
  return await carryOut(engine, session, invocation, world, async () => {
    wake(engine);
    return null;
  });
};
