/** `signalbox context STREAM`: what that agent's next request holds, part by part, and what would be trimmed. */
import { z } from "zod";
import type { RunCommand } from "../command-table.ts";
import { openAccess } from "../project-access.ts";
import { textTable } from "../text-table.ts";

const ContextView = z.looseObject({
  parts: z.array(z.object({ name: z.string(), tokens: z.number(), share: z.number(), isEstimated: z.boolean() })),
  usedTokens: z.number(),
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

function contextText(view: z.infer<typeof ContextView>): string {
  const rows = view.parts.map((part) => {
    const tokens = `${part.isEstimated ? "~" : ""}${part.tokens}`;
    return [part.name, tokens, `${(part.share * 100).toFixed(1)} %`];
  });
  const trimmed = view.trimmedNext.map((item) => `${item.role} ${item.name} (${item.tokens})`).join(", ");
  const next = view.wouldTrim ? `Would be trimmed next: ${trimmed || "nothing more"}.` : "Nothing would be trimmed.";
  const sum = `${view.usedTokens} of ${view.windowTokens} tokens, room for ${view.headroomTokens} more before trimming. ${next}`;
  return `${textTable([["PART", "TOKENS", "SHARE"], ...rows], [1, 2])}\n\n${sum}\n`;
}
