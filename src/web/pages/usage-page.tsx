/** @jsxImportSource hono/jsx */
/** The usage page: where tokens and money went. */
import { BudgetView, TierTable, UsageTableView } from "../../../views/usage-table.tsx";
import type { EngineApi } from "../../engine/engine-api.ts";
import { apiUsage } from "../../projections/usage.ts";
import { budgetRows, usageTables } from "../../projections/view-usage.ts";
import { type OpenPage, region } from "./page.ts";

export function usagePage(engine: EngineApi): OpenPage {
  return {
    title: "Usage",
    draw() {
      const state = engine.state();
      const tables = usageTables(state).map((table) =>
        region(
          `usage-${table.title.toLowerCase().replaceAll(" ", "-")}`,
          table.title,
          <UsageTableView table={table} />,
          { span: table.title === "By ticket" || table.title === "By attempt" ? "side" : "main" },
        ),
      );
      return {
        panes: [],
        regions: [
          region("budget", "Budget", <BudgetView rows={budgetRows(state)} />),
          region("usage-tiers", "By tier", <TierTable usage={apiUsage(state)} />, { span: "main" }),
          ...tables,
        ],
      };
    },
  };
}
