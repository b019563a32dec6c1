/**
 * Folds events into the state. `evolve` takes the state over: maps change in place, records are replaced, and the same
 * state comes back, so that folding an event costs the same with ten tickets and with ten thousand.
 */
import type { Event } from "./event.ts";
import { evolveAgent } from "./evolve-agent.ts";
import { evolveAttempt } from "./evolve-attempt.ts";
import { evolveContext } from "./evolve-context.ts";
import { evolveDocument } from "./evolve-document.ts";
import { evolveGate } from "./evolve-gate.ts";
import { forgetOutages } from "./evolve-health.ts";
import { evolvePlan, putTrack } from "./evolve-plan.ts";
import { evolveRule } from "./evolve-rule.ts";
import { evolveSpend } from "./evolve-spend.ts";
import { evolveToolCall } from "./evolve-tool.ts";
import { isSameBudget } from "./settings.ts";
import { emptyState, type State } from "./state.ts";

/** Applies one event. The caller gives the state away. */
export function evolve(state: State, event: Event): State {
  state.position = event.position;
  state.lastAt = event.at;
  evolveEngine(state, event);
  evolvePlan(state, event);
  evolveAttempt(state, event);
  evolveGate(state, event);
  evolveRule(state, event);
  evolveAgent(state, event);
  evolveSpend(state, event);
  evolveToolCall(state, event);
  evolveContext(state, event);
  evolveDocument(state, event);
  return state;
}

/** The state that a whole log folds to. */
export function fold(events: Iterable<Event>): State {
  let state = emptyState();
  for (const event of events) state = evolve(state, event);
  return state;
}

/** Enough to see who changed what lately; the log has them all. */
const keptChanges = 30;

function evolveEngine(state: State, event: Event): void {
  switch (event.type) {
    case "engine.started":
      markLostCommands(state);
      forgetRefusedLandings(state);
      return;
    case "engine.paused":
      state.isPaused = true;
      return;
    case "engine.unpaused":
      state.isPaused = false;
      return;
    case "settings.applied":
      // What a person raised a limit to holds until the limit itself is set to something else.
      if (!isSameBudget(state.settings.budget, event.settings.budget)) state.raisedLimits.clear();
      state.settings = event.settings;
      if (event.changes) state.settingChanges = [...state.settingChanges, event].slice(-keptChanges);
      forgetOutages(state);
      state.reachedLimits.clear();
      return;
    case "run.started":
      state.run = { startedAt: event.at, epicId: event.epicId ?? null, trackIds: event.trackIds };
      forgetOutages(state);
      state.reachedLimits.clear();
      state.raisedLimits.clear();
      forgetRefusedLandings(state);
      return;
    case "budget.raised":
      state.raisedLimits.set(`${event.limit}:${event.scopeId}`, event.to);
      state.reachedLimits.delete(`${event.limit}:${event.scopeId}`);
      return;
    case "budget.reached":
      state.reachedLimits.set(`${event.limit}:${event.scopeId}`, event);
      return;
    default:
      return;
  }
}

/** A command that ran when the process ended has an outcome that nobody knows. */
function markLostCommands(state: State): void {
  for (const call of state.toolCalls.values()) {
    if (call.status === "running") state.toolCalls.set(call.toolCallId, { ...call, status: "unknown" });
  }
}

/** A landing that was refused (a dirty tree, say) is tried again at the next start. */
function forgetRefusedLandings(state: State): void {
  for (const track of state.tracks.values()) {
    if (track.landing.name === "refused") putTrack(state, { ...track, landing: { name: "none" } });
  }
}
