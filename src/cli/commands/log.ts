/** `signalbox log`: the event log, one event a line, then with `--json` the summary; `--follow` goes on until it is interrupted. */
import { z } from "zod";
import type { RunCommand } from "../command-table.ts";
import { painter } from "../paint.ts";
import { eventJson, oneLine } from "../progress.ts";
import { openAccess, type ProjectAccess } from "../project-access.ts";
import type { World } from "../world.ts";

const batchSize = 500;
const followMs = 300;

const LogEvent = z.looseObject({ position: z.number(), at: z.string(), type: z.string() });
type LogEvent = z.infer<typeof LogEvent>;

/** Prints the events after `--since`. Reading in batches keeps a long log out of memory. */
export const log: RunCommand = async (invocation, world) => {
  const { since = 0, type, follow = false, json = false } = invocation.options;
  const access = await openAccess(invocation, world);
  const interrupted = Promise.withResolvers<"interrupted">();
  const stopListening = follow ? world.onInterrupt(() => interrupted.resolve("interrupted")) : () => undefined;
  let after = since;
  try {
    for (;;) {
      after = await printFrom(access, after, type, json, world);
      if (!follow) return await finish(access, json, world);
      if ((await Promise.race([Bun.sleep(followMs), interrupted.promise])) === "interrupted") return 130;
    }
  } finally {
    stopListening();
  }
};

/** With `--json` the last line says how the run stands, as after a run. */
async function finish(access: ProjectAccess, isJson: boolean, world: World): Promise<number> {
  if (isJson) world.out(`${JSON.stringify(await access.look({ what: "summary" }))}\n`);
  return 0;
}

async function printFrom(access: ProjectAccess, from: number, type: string | undefined, isJson: boolean, world: World) {
  let after = from;
  for (;;) {
    const look = { what: "events", after, limit: batchSize, ...(type !== undefined && { type }) } as const;
    const events = z.array(LogEvent).parse(await access.look(look));
    for (const event of events) world.out(`${isJson ? eventJson(event) : eventLine(event, world.hasColour)}\n`);
    after = events.at(-1)?.position ?? after;
    if (events.length < batchSize) return after;
  }
}

function eventLine({ position, at, type, ...rest }: LogEvent, hasColour: boolean): string {
  const paint = painter(hasColour);
  return `${String(position).padStart(6)}  ${paint.dim(at.slice(0, 19))}  ${paint.bold(type.padEnd(22))}  ${oneLine(JSON.stringify(rest), 160)}`;
}
