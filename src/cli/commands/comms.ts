/** `signalbox comms`: the provider traffic, one call a line; `--full` adds the bodies. */
import { z } from "zod";
import type { RunCommand } from "../command-table.ts";
import { openAccess } from "../project-access.ts";
import { moneyText, textTable } from "../text-table.ts";

const CallView = z.looseObject({
  callId: z.string(),
  streamId: z.string(),
  model: z.string(),
  status: z.string(),
  usage: z.object({
    inputTokens: z.number(),
    outputTokens: z.number(),
    cacheReadTokens: z.number(),
    cacheWriteTokens: z.number(),
  }),
  costUsd: z.number().nullable(),
});

/** Prints the calls, oldest first. */
export const comms: RunCommand = async (invocation, world) => {
  const { stream, full = false, json = false } = invocation.options;
  const access = await openAccess(invocation, world);
  const calls = await access.look({ what: "comms", isFull: full, ...(stream !== undefined && { streamId: stream }) });
  if (json) world.out(`${JSON.stringify(calls)}\n`);
  else if (full) world.out(`${JSON.stringify(calls, null, 2)}\n`);
  else world.out(callTable(z.array(CallView).parse(calls)));
  return 0;
};

function callTable(calls: readonly z.infer<typeof CallView>[]): string {
  if (calls.length === 0) return "No call yet.\n";
  const head = ["CALL", "STREAM", "MODEL", "STATUS", "IN", "OUT", "READ", "WRITTEN", "COST"];
  const rows = calls.map(({ callId, streamId, model, status, usage, costUsd }) => {
    const counts = [usage.inputTokens, usage.outputTokens, usage.cacheReadTokens, usage.cacheWriteTokens].map(String);
    return [callId, streamId, model, status, ...counts, moneyText(costUsd)];
  });
  return `${textTable([head, ...rows], [4, 5, 6, 7, 8])}\n`;
}
