/** @jsxImportSource hono/jsx */
/** The event log as a page. */

import { EventList, FilterForm } from "../../../views/log-view.tsx";
import type { EngineApi } from "../../engine/engine-api.ts";
import { eventRows } from "../../projections/view-events.ts";
import { eventWindow } from "./event-window.ts";
import { type OpenPage, region } from "./page.ts";

/** Rows of a page, and how far it looks when a filter leaves most events out. */
const pageSize = 100;
const filteredWindow = 2_000;

export function eventsPage(engine: EngineApi, query: URLSearchParams): OpenPage {
  const type = query.get("type") ?? "";
  return {
    title: "Events",
    draw() {
      const window = type === "" ? pageSize : filteredWindow;
      const { events, links } = eventWindow(engine, "/events", query, window, type);
      return {
        panes: [],
        regions: [
          region(
            "event-filter",
            "Filter",
            <FilterForm action="/events" name="type" label="Type" value={type} hint="ticket.*" />,
            { isHeadingShown: false },
          ),
          region("events", "Events", <EventList rows={eventRows(events)} links={links} />, { isHeadingShown: false }),
        ],
      };
    },
  };
}
