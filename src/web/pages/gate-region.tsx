/** @jsxImportSource hono/jsx */
/** The region of the gates that wait within a track or a ticket. */
import { GateList } from "../../../views/gate-card.tsx";
import type { EngineApi } from "../../engine/engine-api.ts";
import { decidedGates, gateCards } from "../../projections/view-gates.ts";
import { region } from "./page.ts";

type Scope = { readonly trackId?: string; readonly ticketId?: string };

/** One region, in a list to be spread. */
export function gateRegion(engine: EngineApi, scope: Scope) {
  const state = engine.state();
  const [cards, decided] = [gateCards(state, scope), decidedGates(state, scope)];
  const list = <GateList cards={cards} decided={decided} emptyWords="Nothing waits for you here." />;
  return [region("gates", "Waiting for you", list)];
}
