/** @jsxImportSource hono/jsx */
/** Estimates: what the next piece of work will probably take, and how good earlier estimates were. */
import type { EstimateRow, EstimatesView } from "../src/projections/view-estimates.ts";
import { visible } from "./format.ts";
import { GateFacts } from "./gate-facts.tsx";
import { TableHead } from "./table-head.tsx";

const verdicts = {
  inside: "✓ inside the range",
  below: "▽ below the range",
  above: "△ above the range",
} as const;

export function EstimatesRegion({ view }: { readonly view: EstimatesView }) {
  return (
    <>
      <GateFacts facts={view.next} />
      <p class="hint">{hitWords(view)}</p>
      {view.rows.length === 0 ? null : (
        <div class="scroll">
          <table class="estimates">
            <TableHead names={["Track", "Expected", "Took", "How good"]} />
            <tbody>
              {view.rows.map((row) => (
                <EstimateLine row={row} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}

function hitWords({ finishedCount, insideCount }: EstimatesView): string {
  if (finishedCount === 0) return "No track with an estimate has been finished yet. A good range holds 8 of 10.";
  const share = Math.round((100 * insideCount) / finishedCount);
  return `${insideCount} of ${finishedCount} finished tracks (${share} %) took what was estimated; a good range holds 8 of 10.`;
}

function EstimateLine({ row }: { readonly row: EstimateRow }) {
  const tickets = row.ticketCount === null ? "before its tickets were known" : `${row.ticketCount} tickets`;
  return (
    <tr>
      <th scope="row">
        <a href={`/usage?${new URLSearchParams({ track: row.trackId })}`}>{visible(row.title)}</a>
      </th>
      <td>
        {row.expected} <small class="quiet">{`${tickets}, from ${visible(row.basis)}`}</small>
      </td>
      <td>{row.actual}</td>
      <td class={row.verdict === "inside" ? "status-done" : row.verdict === null ? "quiet" : "status-waiting"}>
        {row.verdict === null ? "under way" : verdicts[row.verdict]}
      </td>
    </tr>
  );
}
