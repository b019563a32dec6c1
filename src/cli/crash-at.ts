/**
 * For those who try what the README promises: `SIGNALBOX_CRASH_AT=before:17` ends the process as `kill -9` does right before
 * its 17th write to the log, `after:17` right after it; `throw:17` and `reject:17` leave an exception to nobody then. Without
 * the variable nothing of this is there.
 */
import { z } from "zod";
import type { CommitHook } from "../log/event-log.ts";
import { usageError } from "./cli-error.ts";
import type { World } from "./world.ts";

/** The hook that the environment asks for; undefined without it. Throws (exit 2) for a value that means nothing. */
export function crashHook({ env }: World): CommitHook | undefined {
  const asked = env.SIGNALBOX_CRASH_AT;
  if (asked === undefined || asked === "") return undefined;
  const parsed = crashAt().safeParse(asked);
  if (!parsed.success)
    throw usageError(
      `SIGNALBOX_CRASH_AT is "${asked}"; allowed is before:N, after:N, throw:N or reject:N with a whole number from 1. It crashes Signalbox on purpose: unset it for real work.`,
    );
  const { how, count } = parsed.data;
  let begun = 0;
  return (when) => {
    if (when === "before") begun += 1;
    if (begun !== count) return;
    if (how === when) process.kill(process.pid, "SIGKILL");
    if (when === "after" && how === "throw") setTimeout(() => fall(count), 0);
    if (when === "after" && how === "reject") void Promise.try(() => fall(count));
  };
}

/** Made only where it is asked for: a start has no time for it. */
function crashAt() {
  return z
    .templateLiteral([z.enum(["before", "after", "throw", "reject"]), ":", z.int().positive()])
    .transform((text) => {
      const [how = "", count] = text.split(":");
      return { how, count: Number(count) };
    });
}

function fall(count: number): never {
  throw new Error(`SIGNALBOX_CRASH_AT asked for this after write ${count}.`);
}
