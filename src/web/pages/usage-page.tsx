/** @jsxImportSource hono/jsx */
/** The usage page: where tokens and money went, as a whole or for one part of it, down to single calls. */
import { EstimatesRegion } from "../../../views/estimates-view.tsx";
import { UsageCalls } from "../../../views/usage-calls.tsx";
import { PlotView } from "../../../views/usage-plot.tsx";
import { BudgetView, TierTable, UsageCrumbs, UsageLegend, UsageTableView } from "../../../views/usage-table.tsx";
import type { State } from "../../domain/state.ts";
import type { EngineApi } from "../../engine/engine-api.ts";
import { plotBox, usagePlots } from "../../projections/usage-plot.ts";
import { scopeOf, type UsageScope } from "../../projections/usage-scope.ts";
import { estimatesView } from "../../projections/view-estimates.ts";
import { budgetRows, digitsOf, type UsageView, usageView } from "../../projections/view-usage.ts";
import { type OpenPage, region } from "./page.ts";
import { callsIn } from "./usage-calls.ts";

/** Drawn anew only after what usage shows has changed: most events leave it alone. */
export function usagePage(engine: EngineApi, query: URLSearchParams): OpenPage {
  const scope = scopeOf(query);
  const more = query.get("more");
  let drawn: { readonly version: number; readonly regions: ReturnType<typeof drawUsage> } | null = null;
  return {
    title: "Usage",
    draw() {
      const state = engine.state();
      const { usageVersion: version } = state;
      if (drawn?.version !== version) drawn = { version, regions: drawUsage(engine, state, scope, more) };
      return { panes: [], regions: drawn.regions };
    },
  };
}

function drawUsage(engine: EngineApi, state: State, scope: UsageScope, more: string | null) {
  const view = usageView(state, scope, more);
  const isWhole = view.crumbs.length === 0;
  const calls = isWhole ? null : callsIn(engine, scope);
  const listed = calls?.calls.map((call) => call.spend.costUsd ?? 0) ?? [];
  const digits = Math.max(view.digits, digitsOf(listed));
  const usage = { byTier: view.tiers, total: view.total };
  return [
    isWhole
      ? region("budget", "Budget", <BudgetHead state={state} />)
      : region("usage-part", "Part", <UsageCrumbs view={view} />, { isHeadingShown: false }),
    region(
      "usage-tiers",
      "By tier",
      <>
        <TierTable usage={usage} digits={digits} hrefs={view.tierHrefs} />
        <UsageLegend total={view.total} />
      </>,
    ),
    ...tableRegions(view, digits),
    ...(isWhole ? [region("usage-estimates", "Estimates", <EstimatesRegion view={estimatesView(state)} />)] : []),
    ...(isWhole ? [] : [region("usage-calls", "Single calls", <UsageCalls calls={calls} digits={digits} />)]),
  ];
}

/** Nothing where nothing was spent: a table of a total alone parts nothing. */
function tableRegions(view: UsageView, digits: number) {
  if (view.total.callCount === 0) return [];
  return view.tables.map((table) =>
    region(`usage-${table.part}`, table.title, <UsageTableView table={table} digits={digits} />),
  );
}

function BudgetHead({ state }: { readonly state: State }) {
  return (
    <>
      <BudgetView rows={budgetRows(state)} />
      <div class="plots">
        {usagePlots(state).map((plot) => (
          <PlotView id={plot.id} plot={plot} box={plotBox} />
        ))}
      </div>
    </>
  );
}
