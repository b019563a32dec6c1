/** @jsxImportSource hono/jsx */
/** Everything that waits, as a page. */
import { GateList } from "../../../views/gate-card.tsx";
import { RuleList } from "../../../views/rule-list.tsx";
import type { EngineApi } from "../../engine/engine-api.ts";
import { decidedGates, gateCards } from "../../projections/view-gates.ts";
import { ruleRows } from "../../projections/view-rules.ts";
import { sourceOf } from "../../projections/view-settings.ts";
import { wouldAllowOf } from "../asked-commands.ts";
import { type Drawing, type OpenPage, region } from "./page.ts";

/** Everything that waits for a person, oldest first. */
export function gatesPage(engine: EngineApi, sources: ReadonlyMap<string, string> = new Map()): OpenPage {
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
      const rules = (
        <RuleList
          rows={ruleRows(state, wouldAllowOf(engine))}
          source={sourceOf(sources, "gates.allow")}
          level={state.settings.gates.level}
        />
      );
      const regions = [
        region("gates", "Waiting for you", list, { isHeadingShown: false }),
        region("rules", "Commands that run without asking", rules),
      ];
      return { panes: [], regions };
    },
  };
}
