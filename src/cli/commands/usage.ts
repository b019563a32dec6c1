/** `signalbox usage`: tokens and money by tier, model, track, ticket, attempt, day, and by what they were for. */
import { z } from "zod";
import { digitsOf } from "../../projections/view-usage.ts";
import type { RunCommand } from "../command-table.ts";
import { painter } from "../paint.ts";
import { openAccess } from "../project-access.ts";
import { textTable } from "../text-table.ts";

const row = {
  inputTokens: z.number(),
  outputTokens: z.number(),
  cacheReadTokens: z.number(),
  cacheWriteTokens: z.number(),
  costUsd: z.number().nullable(),
  callCount: z.number(),
  unpricedTokens: z.number().optional(),
  estimatedCallCount: z.number().optional(),
};
const owner = { trackId: z.string().nullable() };
const UsageView = z.object({
  total: z.object(row),
  byTier: z.array(z.object({ tier: z.number(), ...row })),
  byModel: z.array(z.object({ model: z.string(), ...row })),
  byTrack: z.array(z.object({ ...owner, ...row })),
  byTicket: z.array(z.object({ ticketId: z.string().nullable(), ...row })),
  byAttempt: z.array(z.object({ ticketId: z.string().nullable(), attempt: z.number().nullable(), ...row })),
  byDay: z.array(z.object({ day: z.string(), ...row })),
  byClass: z.array(z.object({ name: z.string(), isOverhead: z.boolean(), ...row })),
});
type UsageView = z.infer<typeof UsageView>;

/** Prints the tables; with `--json` exactly what `GET /api/usage` gives. */
export const usage: RunCommand = async (invocation, world) => {
  const access = await openAccess(invocation, world);
  const json = await access.look({ what: "usage" });
  if (invocation.options.json) world.out(`${JSON.stringify(json)}\n`);
  else world.out(usageText(UsageView.parse(json), world.hasColour));
  return 0;
};

function usageText(view: UsageView, hasColour: boolean): string {
  const paint = painter(hasColour);
  const parts = [
    view.byTier,
    view.byModel,
    view.byTrack,
    view.byTicket,
    view.byAttempt,
    view.byDay,
    view.byClass,
  ].flat();
  const digits = digitsOf(parts.map((part) => part.costUsd ?? 0));
  const cells = (name: string, part: UsageView["total"]) => cellsOf(name, part, digits);
  const sections: [string, string[][]][] = [
    ["tier", view.byTier.map((part) => cells(`tier ${part.tier}`, part))],
    ["model", view.byModel.map((part) => cells(part.model, part))],
    ["track", view.byTrack.map((part) => cells(part.trackId ?? "(no track)", part))],
    ["ticket", view.byTicket.map((part) => cells(part.ticketId ?? "(no ticket)", part))],
    ["attempt", view.byAttempt.map((part) => cells(`${part.ticketId ?? "(no ticket)"} #${part.attempt ?? "-"}`, part))],
    ["day", view.byDay.map((part) => cells(part.day, part))],
    ["what it was for", view.byClass.map((part) => cells(className(part), part))],
  ];
  const head = ["", "CALLS", "IN", "OUT", "READ", "WRITTEN", "COST"];
  const rows = sections.flatMap(([name, parts]) => [[paint.dim(`by ${name}`)], ...parts]);
  return `${textTable([head, ...rows, cells(paint.bold("total"), view.total)], [1, 2, 3, 4, 5, 6])}\n`;
}

/** Money has as many digits as make the parts add up to the total. */
function cellsOf(name: string, part: UsageView["total"], digits: number): string[] {
  const counts = [part.callCount, part.inputTokens, part.outputTokens, part.cacheReadTokens, part.cacheWriteTokens];
  return [name, ...counts.map(String), costText(part, digits)];
}

function className({ name, isOverhead }: UsageView["byClass"][number]): string {
  return `${isOverhead ? "overhead" : "work"}: ${name.replaceAll("_", " ")}`;
}

/** What is not known is said beside what is. */
function costText({ costUsd, unpricedTokens = 0, estimatedCallCount = 0 }: UsageView["total"], digits: number): string {
  const unpriced = costUsd === null || unpricedTokens === 0 ? "" : ` + unpriced ${unpricedTokens} tokens`;
  const estimated = estimatedCallCount === 0 ? "" : ` (${estimatedCallCount} calls estimated)`;
  const money = costUsd === null ? "unpriced" : `$${costUsd.toFixed(digits)}`;
  return `${money}${unpriced}${estimated}`;
}
