/** `signalbox pause`. */
import type { RunCommand } from "../command-table.ts";
import { pull } from "../lever.ts";

/** Carries the lever out and says so. */
export const pause: RunCommand = (invocation, world) =>
  pull(
    invocation,
    world,
    { type: "pause_engine", by: "command line" },
    'Paused. Calls in flight end; nothing new starts until "signalbox unpause".',
  );
