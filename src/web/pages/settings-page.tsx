/** @jsxImportSource hono/jsx */
/** The settings in force, and where each comes from. */

import { PricesView, SettingsView } from "../../../views/settings-view.tsx";
import type { EngineApi } from "../../engine/engine-api.ts";
import { priceRows, settingRows } from "../../projections/view-settings.ts";
import { type OpenPage, region } from "./page.ts";

export function settingsPage(engine: EngineApi, sources: ReadonlyMap<string, string> = new Map()): OpenPage {
  return {
    title: "Settings",
    draw() {
      const { settings } = engine.state();
      return {
        panes: [],
        regions: [
          region("settings", "Settings in force", <SettingsView rows={settingRows(settings, sources)} />, {
            span: "main",
          }),
          region("prices", "Prices, US dollars a million tokens", <PricesView rows={priceRows(settings, sources)} />, {
            span: "side",
          }),
        ],
      };
    },
  };
}
