/** `signalbox unpause`. */
import type { RunCommand } from "../command-table.ts";
import { pull } from "../lever.ts";

/** Carries the lever out and says so. */
export const unpause: RunCommand = (invocation, world) =>
  pull(invocation, world, { type: "unpause_engine", by: "command line" }, "Goes on.");
