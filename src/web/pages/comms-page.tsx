/** @jsxImportSource hono/jsx */
/** Provider traffic as a page. */

import { raw } from "hono/html";
import { CallList, FilterForm } from "../../../views/log-view.tsx";
import type { EngineApi } from "../../engine/engine-api.ts";
import { callRows } from "../../projections/view-events.ts";
import { eventWindow } from "./event-window.ts";
import { type OpenPage, region } from "./page.ts";
import { redrawnOn } from "./redrawn-on.ts";

/** Rows of a page: a call's bodies are large. */
const callPageSize = 50;
const filteredWindow = 2_000;

export function commsPage(engine: EngineApi, query: URLSearchParams): OpenPage {
  const stream = query.get("stream") ?? "";
  return {
    title: "Comms",
    draw: redrawnOn(engine, "call.*", () => {
      const { events, links } = eventWindow(engine, "/comms", query, filteredWindow, "call.*");
      const rows = callRows(events, stream, callPageSize);
      return {
        panes: [],
        regions: [
          region(
            "comms-filter",
            "Filter",
            <FilterForm action="/comms" name="stream" label="Stream" value={stream} hint="T-001" />,
            { isHeadingShown: false },
          ),
          // As a string, so that only a new call costs the escaping of all bodies.
          region("comms", "Provider traffic", raw((<CallList rows={rows} links={links} />).toString()), {
            isHeadingShown: false,
          }),
        ],
      };
    }),
  };
}
