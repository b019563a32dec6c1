/** `signalbox skip TICKET`. */
import type { RunCommand } from "../command-table.ts";
import { pull } from "../lever.ts";

/** Carries the lever out and says so. */
export const skip: RunCommand = (invocation, world) => {
  const ticketId = invocation.positionals[0] ?? "";
  const reason = invocation.options.reason ?? "skipped from the command line";
  return pull(invocation, world, { type: "skip_ticket", ticketId, reason }, `${ticketId} is skipped.`);
};
