/** @jsxImportSource hono/jsx */
/** Everything that waits, as a page. */
import { GateList } from "../../../views/gate-card.tsx";
import type { EngineApi } from "../../engine/engine-api.ts";
import { decidedGates, gateCards } from "../../projections/view-gates.ts";
import { type Drawing, type OpenPage, region } from "./page.ts";

/** Everything that waits for a person, oldest first. */
export function gatesPage(engine: EngineApi): OpenPage {
  return {
    title: "Gates",
    draw(): Drawing {
      const state = engine.state();
      const list = (
        <GateList
          cards={gateCards(state)}
          decided={decidedGates(state)}
          emptyWords="Nothing waits for you. New gates appear here, oldest first."
        />
      );
      return { panes: [], regions: [region("gates", "Waiting for you", list, { isHeadingShown: false })] };
    },
  };
}
