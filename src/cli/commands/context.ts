/** `signalbox context STREAM`: what that agent's next request holds, part by part, and what would be trimmed. */
import { z } from "zod";
import type { RunCommand } from "../command-table.ts";
import { openAccess } from "../project-access.ts";
import { textTable } from "../text-table.ts";

const ContextView = z.looseObject({
  parts: z.array(z.object({ name: z.string(), tokens: z.number(), share: z.number(), isEstimated: z.boolean() })),
  usedTokens: z.number(),
  countedBy: z.enum(["count", "usage", "estimate"]),
  isNext: z.boolean(),
  fullness: z.string(),
  shareUsed: z.number(),
  windowSource: z.string(),
  lastCall: z
    .object({ callId: z.string(), reportedTokens: z.number(), estimatedTokens: z.number(), errorPercent: z.number() })
    .nullable(),
  windowTokens: z.number(),
  headroomTokens: z.number(),
  wouldTrim: z.boolean(),
  trimmedNext: z.array(z.object({ role: z.string(), name: z.string(), tokens: z.number() })),
});

/** Prints the parts; with `--json` exactly what the API gives. */
export const context: RunCommand = async (invocation, world) => {
  const access = await openAccess(invocation, world);
  const json = await access.look({ what: "context", streamId: invocation.positionals[0] ?? "" });
  if (invocation.options.json) world.out(`${JSON.stringify(json)}\n`);
  else world.out(contextText(ContextView.parse(json)));
  return 0;
};

type View = z.infer<typeof ContextView>;

function contextText(view: View): string {
  const rows = view.parts.map((part) => {
    const tokens = `${part.isEstimated ? "~" : ""}${part.tokens}`;
    return [part.name, tokens, `${(part.share * 100).toFixed(1)} %`];
  });
  const trimmed = view.trimmedNext.map((item) => `${item.role} ${item.name} (${item.tokens})`).join(", ");
  const next = view.wouldTrim
    ? `Without what was trimmed: ${trimmed}.`
    : `Nothing is trimmed; ${trimmed === "" ? "nothing could be" : `first to go: ${trimmed}`}.`;
  const request = view.isNext ? "The next request" : "The last request";
  const who = view.countedBy === "estimate" ? "estimated" : "as the endpoint says";
  const used = `${request} has ${view.usedTokens} of ${view.windowTokens} tokens, ${who}: ${(view.shareUsed * 100).toFixed(1)} %, ${view.fullness}.`;
  const room = `Room for ${view.headroomTokens} more before trimming; the limit is ${view.windowSource}.`;
  const lines = [used, room, next, ...(view.lastCall ? [lastCallWords(view.lastCall)] : [])];
  return `${textTable([["PART", "TOKENS", "SHARE"], ...rows], [1, 2])}\n\n${lines.join("\n")}\n`;
}

function lastCallWords({
  callId,
  reportedTokens,
  estimatedTokens,
  errorPercent,
}: NonNullable<View["lastCall"]>): string {
  const off = `${errorPercent > 0 ? "+" : ""}${errorPercent.toFixed(1)} %`;
  return `Of ${callId} the endpoint reported ${reportedTokens} tokens; our estimate was ${estimatedTokens} (${off}).`;
}
