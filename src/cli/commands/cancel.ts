/** `signalbox cancel TICKET`. */
import type { RunCommand } from "../command-table.ts";
import { pull } from "../lever.ts";

/** Carries the lever out and says so. */
export const cancel: RunCommand = (invocation, world) => {
  const ticketId = invocation.positionals[0] ?? "";
  const reason = invocation.options.reason ?? "cancelled from the command line";
  return pull(invocation, world, { type: "cancel_ticket", ticketId, reason }, `${ticketId} is cancelled.`);
};
