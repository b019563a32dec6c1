/** Spend over time as points to draw: a step line in a box, the limits that it must not pass, and the same as a table. */
import { limitInForce } from "../domain/budget.ts";
import type { SpendPoint, SpendSeries } from "../domain/spend-state.ts";
import type { State } from "../domain/state.ts";

export interface UsagePlot {
  readonly id: string;
  readonly title: string;
  /** One sentence for whoever cannot see the line. */
  readonly words: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** The amount at the top of the box. */
  readonly topUsd: number;
  /** The path of the line, as SVG has it, in a box of `width` by `height`. */
  readonly path: string;
  readonly limits: readonly { readonly label: string; readonly usd: number; readonly y: number | null }[];
  readonly rows: readonly SpendPoint[];
}

export const plotBox = { width: 640, height: 160 } as const;

/** A limit so far above the line that both would not be seen in one box is said, and not drawn. */
const mostRoom = 8;
const tableRows = 24;

interface Limit {
  readonly label: string;
  readonly usd: number;
}

/** The plots of the whole: the present run against its limits, and all time where that is more. */
export function usagePlots(state: State): readonly UsagePlot[] {
  const day = state.lastAt.slice(0, 10);
  const limitOf = (label: string, usd: number | undefined) => (usd === undefined ? [] : [{ label, usd }]);
  const limits = [
    ...limitOf("the run's limit", limitInForce(state, "runUsd", "run")),
    ...limitOf("the day's limit", limitInForce(state, "dayUsd", day)),
  ];
  const { all, run } = state.series;
  const plots = [usagePlot("plot-run", "Spend of this run", run, limits)];
  if (all.points[0]?.atMs !== run.points[0]?.atMs) plots.push(usagePlot("plot-all", "Spend of all time", all));
  return plots.flatMap((plot) => plot ?? []);
}

/** The plot of a series against limits; null where there is nothing to draw. `limitUsd` counts what limits count. */
export function usagePlot(
  id: string,
  title: string,
  series: SpendSeries,
  limits: readonly Limit[] = [],
): UsagePlot | null {
  const { points } = series;
  const first = points[0];
  const last = points.at(-1);
  if (!first || !last || last.limitUsd === 0) return null;
  const isDrawn = (limit: Limit) => limit.usd <= last.limitUsd * mostRoom;
  const topUsd = niceTop(Math.max(last.limitUsd, ...limits.filter(isDrawn).map((limit) => limit.usd)));
  const y = (usd: number) => round(plotBox.height * (1 - usd / topUsd));
  const spanMs = Math.max(1, last.atMs - first.atMs);
  const x = (atMs: number) => round((plotBox.width * (atMs - first.atMs)) / spanMs);
  const steps = points.map((point) => `H${x(point.atMs)}V${y(point.limitUsd)}`);
  return {
    id,
    title,
    words: wordsOf(last, limits),
    fromMs: first.atMs,
    toMs: last.atMs,
    topUsd,
    path: `M0 ${plotBox.height}${steps.join("")}H${plotBox.width}`,
    limits: limits.map((limit) => ({ ...limit, y: isDrawn(limit) ? y(limit.usd) : null })),
    rows: sampled(points),
  };
}

function wordsOf(last: SpendPoint, limits: readonly Limit[]): string {
  const spent = `$${last.limitUsd.toFixed(4)} in all`;
  const shares = limits.map(({ label, usd }) => `${percent(last.limitUsd, usd)} of ${label}, $${usd}`);
  return [spent, ...shares].join("; ");
}

function percent(part: number, whole: number): string {
  return whole === 0 ? "all" : `${Math.round((100 * part) / whole)} %`;
}

/** The next of 1, 2, 5, 10, ... at or above an amount. */
function niceTop(usd: number): number {
  const power = 10 ** Math.floor(Math.log10(usd));
  const step = [1, 2, 5, 10].find((each) => each * power >= usd) ?? 10;
  return Number((step * power).toPrecision(1));
}

/** Points spread evenly, the last one among them. */
function sampled(points: readonly SpendPoint[]): readonly SpendPoint[] {
  const every = Math.ceil(points.length / tableRows);
  return points.filter((_point, index) => (points.length - 1 - index) % every === 0);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
