/** The end of a run for people: tracks, tickets, spend. Pure. */
import type { Summary } from "../projections/summary.ts";
import type { Paint } from "./paint.ts";
import { oneLine } from "./progress.ts";
import { moneyText, textTable } from "./text-table.ts";

/** The summary as text, with a line break at its end. */
export function summaryText(result: Summary, paint: Paint): string {
  const done = result.tickets.filter((ticket) => ticket.status === "completed" || ticket.status === "skipped").length;
  const { total, byTier } = result.usage;
  const parts = [
    "",
    `${paint.bold(outcomeWord(result, paint))}  ${result.tracks.length} tracks, ${done} of ${result.tickets.length} tickets done`,
    "",
    ...result.tracks.flatMap((track) => trackLines(result, track)),
    `Spend: ${moneyText(total.costUsd)} in ${total.callCount} calls${unpriced(total.unpricedCallCount)}`,
    textTable(
      byTier.map((row) => [
        `tier ${row.tier}`,
        `${row.inputTokens} in`,
        `${row.outputTokens} out`,
        `${row.cacheReadTokens} read`,
        `${row.cacheWriteTokens} written`,
        moneyText(row.costUsd),
      ]),
      [1, 2, 3, 4, 5],
    ),
  ];
  return `${parts.join("\n")}\n`;
}

function trackLines(result: Summary, track: Summary["tracks"][number]): string[] {
  const tickets = result.tickets.filter((ticket) => ticket.trackId === track.trackId);
  const rows = tickets.map((ticket) => {
    const attempts = ticket.attemptCount === 1 ? "1 attempt" : `${ticket.attemptCount} attempts`;
    return [ticket.ticketId, ticket.status, attempts, oneLine(ticket.title, 60), oneLine(ticket.reason ?? "", 80)];
  });
  const head = `${track.trackId}  ${track.status}  ${oneLine(track.title, 70)}`;
  return rows.length === 0 ? [head, ""] : [head, textTable(rows), ""];
}

function outcomeWord(result: Summary, paint: Paint): string {
  return result.outcome === "done" ? paint.green("Done.") : paint.yellow(`Ended: ${result.outcome}.`);
}

function unpriced(count: number): string {
  return count === 0 ? "" : ` (${count} of them unpriced: no price is known for their model)`;
}
