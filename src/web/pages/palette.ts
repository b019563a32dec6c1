/** What the palette finds, as JSON for its script: bounded, and every text with its invisible parts made visible. */
import type { Hono } from "hono";
import { visible } from "../../../views/format.ts";
import { pageLinks, timeLineLink } from "../../../views/page-links.ts";
import type { EngineApi } from "../../engine/engine-api.ts";
import { type PaletteEntry, paletteEntries } from "../../projections/view-palette.ts";
import { refusal } from "../answer.ts";
import { askedPosition, hasPast } from "../past/asked-position.ts";
import { LogHistory } from "../past/log-history.ts";
import { atPosition } from "../past/past-links.ts";
import type { PageServices } from "./page-services.ts";

const places = [...pageLinks, timeLineLink];
const longestQuery = 200;

/** Adds `/palette?q=`, and with `at=` what it finds from a page of the past. */
export function registerPalette(app: Hono, { engine }: PageServices): void {
  app.get("/palette", async (c) => {
    const query = (c.req.query("q") ?? "").slice(0, longestQuery);
    const asked = askedPosition(new URL(c.req.url).searchParams, engine.state().position);
    if (asked !== null && typeof asked !== "number") return refusal(c, asked.status, asked.code, asked.message);
    const found =
      asked === null ? paletteEntries(engine.state(), places, query) : await pastEntries(engine, asked, query);
    return c.json({
      entries: found.map((entry) => ({ ...entry, label: visible(entry.label), hint: visible(entry.hint) })),
    });
  });
}

/** What there was then: places alone, and as they were. */
async function pastEntries(engine: EngineApi, position: number, query: string): Promise<readonly PaletteEntry[]> {
  const past = await LogHistory.of(engine).at(position);
  const address = atPosition(position);
  return paletteEntries(past.state(), places, query).flatMap((entry) => {
    if (entry.kind === "action" || !("href" in entry.target)) return [];
    const url = new URL(entry.target.href, "http://page.invalid");
    return [hasPast(url.pathname) ? { ...entry, target: { href: address(url) } } : entry];
  });
}
