/** @jsxImportSource hono/jsx */
/** Spend over time as a drawing of the server's, with the same in words and as a table. */
import type { UsagePlot } from "../src/projections/usage-plot.ts";
import { clock, count, usd } from "./format.ts";
import { TableHead } from "./table-head.tsx";

interface PlotProps {
  readonly plot: UsagePlot;
  readonly id: string;
  readonly box: { readonly width: number; readonly height: number };
}

/** As wide as the labels are on a phone, where they are drawn larger. */
const margin = { left: 84, right: 8, top: 18, bottom: 24 } as const;

export function PlotView({ plot, id, box }: PlotProps) {
  const { left, right, top, bottom } = margin;
  const size = `0 0 ${box.width + left + right} ${box.height + top + bottom}`;
  return (
    <figure class="plot">
      <figcaption>
        <strong>{plot.title}</strong> <span class="quiet">{plot.words}</span>
      </figcaption>
      <svg viewBox={size} role="img" aria-label={`${plot.title}: ${plot.words}`}>
        <g transform={`translate(${left} ${top})`}>
          {[1, 0.5, 0].map((share) => (
            <>
              <line
                class="plot-grid"
                x1="0"
                x2={box.width}
                y1={box.height * (1 - share)}
                y2={box.height * (1 - share)}
              />
              <text class="plot-text" x="-6" y={box.height * (1 - share) + 4} text-anchor="end">
                {usd(plot.topUsd * share)}
              </text>
            </>
          ))}
          <text class="plot-text" x="0" y={box.height + 16}>
            {moment(plot.fromMs, plot)}
          </text>
          <text class="plot-text" x={box.width} y={box.height + 16} text-anchor="end">
            {moment(plot.toMs, plot)}
          </text>
          <path class="plot-area" d={`${plot.path}V${box.height}Z`} />
          <path class="plot-line" d={plot.path} />
          {plot.limits.map(({ label, usd: amount, y }) =>
            y === null ? null : (
              <>
                <line class="plot-limit" x1="0" x2={box.width} y1={y} y2={y} />
                <text class="plot-text plot-limit-text" x="4" y={y < 14 ? y + 12 : y - 4}>
                  {`${label} ${usd(amount)}`}
                </text>
              </>
            ),
          )}
        </g>
      </svg>
      <details id={`${id}-table`}>
        <summary>The same as a table</summary>
        <table class="figures">
          <TableHead names={["Until", "Tokens", "Spent", "As limits count it"]} />
          <tbody>
            {plot.rows.map((point) => (
              <tr>
                <th scope="row">{moment(point.atMs, plot)}</th>
                <td>{count(point.tokens)}</td>
                <td>{usd(point.usd)}</td>
                <td>{usd(point.limitUsd)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </figure>
  );
}

/** A time of day; with its date where the plot spans more than one. */
function moment(atMs: number, { fromMs, toMs }: Pick<UsagePlot, "fromMs" | "toMs">): string {
  const at = new Date(atMs).toISOString();
  const isOneDay = dayOf(fromMs) === dayOf(toMs);
  return isOneDay ? clock(at) : `${dayOf(atMs)} ${clock(at).slice(0, 5)}`;
}

/** The server's own day, like its clock: it is the same machine as the browser's. */
function dayOf(atMs: number): string {
  const date = new Date(atMs);
  return `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, "0")}-${String(date.getDate()).padStart(2, "0")}`;
}
