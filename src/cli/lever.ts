/** One lever pulled from the command line: the command goes to the server or the log, and a sentence says that it did. */
import type { PersonCommand } from "../domain/command.ts";
import type { Invocation } from "./command-table.ts";
import { openAccess } from "./project-access.ts";
import type { World } from "./world.ts";

/** Carries out a lever; a refusal is thrown with its reason. */
export async function pull(invocation: Invocation, world: World, command: PersonCommand, said: string): Promise<0> {
  const access = await openAccess(invocation, world);
  await access.change(command);
  if (invocation.options.json) world.out(`${JSON.stringify({ type: command.type, isAccepted: true })}\n`);
  else world.out(`${said}\n`);
  return 0;
}
