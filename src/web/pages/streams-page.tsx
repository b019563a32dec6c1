/** @jsxImportSource hono/jsx */
/** All streams as a page, or those of a track, a tier, a ticket: the address says which. */
import { StreamFilter } from "../../../views/stream-filter.tsx";
import { LanesView } from "../../../views/stream-pane.tsx";
import type { EngineApi } from "../../engine/engine-api.ts";
import { streamFilter, streamScope } from "../../projections/view-stream-filter.ts";
import { drawLanes } from "./lanes.ts";
import { type OpenPage, region } from "./page.ts";
import { drawnClock } from "./stream-clock.tsx";

/** All streams in four lanes. */
export function streamsPage(engine: EngineApi, query = new URLSearchParams()): OpenPage {
  const scope = streamScope({ track: query.get("track"), tier: query.get("tier"), ticket: query.get("ticket") });
  return {
    title: "Streams",
    draw(hasStreamText) {
      const { lanes, panes, nowMs, redrawAtMs } = drawLanes(engine, hasStreamText, 16, scope);
      const clock = drawnClock(engine, { lanes, nowMs, scope: JSON.stringify(scope), isFresh: hasStreamText });
      const changes = [redrawAtMs, clock.changesAtMs].flatMap((at) => at ?? []);
      return {
        panes,
        redrawAtMs: changes.length === 0 ? null : Math.min(...changes),
        regions: [
          region("stream-filter", "Filter", <StreamFilter filter={streamFilter(engine.state(), scope)} />, {
            isHeadingShown: false,
          }),
          region("clock", "One clock", clock.content, { isHeadingShown: false }),
          region("lanes", "Streams", <LanesView lanes={lanes} size="large" />, { isHeadingShown: false }),
        ],
      };
    },
  };
}
