/** Gates that opened under stricter settings: a person who starts with milder ones has decided them. */
import { openedBy } from "../domain/gate-rules.ts";
import type { EngineApi } from "./engine-api.ts";

/** Approves every open gate that the settings in force decide. */
export function openByRule(engine: EngineApi): void {
  const state = engine.state();
  for (const gate of [...state.work.openGates.values()]) {
    const by = openedBy(state, gate);
    const { gateId, payloadHash } = gate;
    if (by !== null) engine.dispatch({ type: "approve_gate", gateId, payloadHash, by });
  }
}
