/** @jsxImportSource hono/jsx */
/** The settings in force, where each comes from, and the way to change those that may be changed while the engine runs. */

import { ChangesView, PriceForm, PricesView, SettingsView } from "../../../views/settings-view.tsx";
import { changeRows, priceRows, settingRows } from "../../projections/view-settings.ts";
import { type OpenPage, region } from "./page.ts";
import type { PageServices } from "./page-services.ts";

export function settingsPage({ engine, settingSources = new Map(), settingsEditor }: PageServices): OpenPage {
  const canEdit = settingsEditor !== undefined;
  return {
    title: "Settings",
    draw() {
      const state = engine.state();
      const { settings } = state;
      const prices = (
        <>
          <PricesView rows={priceRows(settings, settingSources)} />
          {canEdit ? <PriceForm models={Object.keys(settings.prices)} /> : null}
        </>
      );
      return {
        panes: [],
        regions: [
          region(
            "settings",
            "Settings in force",
            <SettingsView rows={settingRows(settings, settingSources)} canEdit={canEdit} />,
            { span: "main" },
          ),
          region("prices", "Prices, US dollars a million tokens", prices, { span: "side" }),
          region("setting-changes", "Changed while it ran", <ChangesView rows={changeRows(state)} />, { span: "side" }),
        ],
      };
    },
  };
}
