/** What the palette finds, as JSON for its script: bounded, and every text with its invisible parts made visible. */
import type { Hono } from "hono";
import { visible } from "../../../views/format.ts";
import { pageLinks } from "../../../views/page-links.ts";
import { paletteEntries } from "../../projections/view-palette.ts";
import type { PageServices } from "./page-services.ts";

const longestQuery = 200;

/** Adds `/palette?q=`. */
export function registerPalette(app: Hono, { engine }: PageServices): void {
  app.get("/palette", (c) => {
    const query = (c.req.query("q") ?? "").slice(0, longestQuery);
    const entries = paletteEntries(engine.state(), pageLinks, query);
    return c.json({
      entries: entries.map((entry) => ({ ...entry, label: visible(entry.label), hint: visible(entry.hint) })),
    });
  });
}
