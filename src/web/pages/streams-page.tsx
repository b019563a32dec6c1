/** @jsxImportSource hono/jsx */
/** All streams as a page. */
import { LanesView } from "../../../views/stream-pane.tsx";
import type { EngineApi } from "../../engine/engine-api.ts";
import { drawLanes } from "./lanes.ts";
import { type OpenPage, region } from "./page.ts";

/** All streams in four lanes. */
export function streamsPage(engine: EngineApi): OpenPage {
  return {
    title: "Streams",
    draw(hasStreamText) {
      const { lanes, panes, redrawAtMs } = drawLanes(engine, hasStreamText, 16);
      return {
        panes,
        redrawAtMs,
        regions: [region("lanes", "Streams", <LanesView lanes={lanes} size="large" />, { isHeadingShown: false })],
      };
    },
  };
}
