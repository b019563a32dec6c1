/** `signalbox retry TICKET`. */
import type { RunCommand } from "../command-table.ts";
import { pull } from "../lever.ts";

/** Carries the lever out and says so. */
export const retry: RunCommand = (invocation, world) => {
  const ticketId = invocation.positionals[0] ?? "";
  const said = `${ticketId} is tried again as soon as the engine runs ("signalbox resume", or the running server).`;
  return pull(invocation, world, { type: "retry_ticket", ticketId, by: "command line" }, said);
};
