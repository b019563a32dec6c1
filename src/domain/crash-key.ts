/** The name under which the deaths of threads are counted. */
import type { Agent } from "./state.ts";

/** What was asked of an agent, as one name: the same is asked again when its thread dies. */
export function crashKey({ streamId, purpose, ticketId, attempt }: Agent): string {
  return [streamId, purpose, ticketId, attempt].join("|");
}
