/**
 * Ends what the commands of a killed Signalbox left running where no process namespace ended it, and removes their scratch
 * folders. A folder that is still there is the sign: whoever ends in order takes it along.
 */
import { lstatSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { observeLimits } from "./limits.ts";
import { isLeftBehind } from "./owner.ts";
import { sweepProcesses } from "./process-group.ts";

/** Costs one look at the temporary folder when nothing was left. Gives the number of commands. */
export function sweepLeftovers(folder = tmpdir()): number {
  const left = readdirSync(folder)
    .filter((name) => isLeftBehind(name))
    .map((name) => join(folder, name))
    // Another Signalbox that starts at this moment takes away the same folders.
    .filter((path) => lstatSync(path, { throwIfNoEntry: false })?.uid === process.getuid?.());
  if (left.length === 0) return 0;
  // Looking for control groups ends those of killed ones.
  observeLimits();
  sweepProcesses(isLeftBehind);
  for (const path of left) rmSync(path, { recursive: true, force: true });
  return left.length;
}
