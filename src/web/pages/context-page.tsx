/** @jsxImportSource hono/jsx */
/** What agents know, as pages. */

import { ContextList, ContextParts } from "../../../views/context-view.tsx";
import type { EngineApi } from "../../engine/engine-api.ts";
import { contextDetail, contextRows } from "../../projections/view-context.ts";
import { EventTail } from "./event-tail.ts";
import { type OpenPage, region } from "./page.ts";

/** How far back the list of agents looks for the newest request of each, in events. */
const recentCalls = 4_000;

/** Every agent's context, or one agent's part by part; null when there is no such agent. */
export function contextPage(engine: EngineApi, agentId: string | null): OpenPage | null {
  if (agentId === null) {
    const calls = new EventTail(engine, { type: "call.started" }, Math.max(0, engine.state().position - recentCalls));
    return {
      title: "Context",
      draw: () => ({
        panes: [],
        regions: [
          region("context", "Agents", <ContextList rows={contextRows(engine.state(), calls.read(), 60)} />, {
            isHeadingShown: false,
          }),
        ],
      }),
    };
  }
  const known = engine.state().agents.get(agentId);
  if (!known) return null;
  const events = new EventTail(engine, { agentId });
  return {
    title: "Context",
    draw() {
      const state = engine.state();
      const detail = contextDetail(state, state.agents.get(agentId) ?? known, events.read());
      return { panes: [], regions: [region("context", "Next request", <ContextParts detail={detail} />)] };
    },
  };
}
