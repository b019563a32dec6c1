/** Folds rules: written, revoked, and how often each let a command run without a person. */
import type { Event } from "./event.ts";
import type { State } from "./state.ts";

export function evolveRule(state: State, event: Event): void {
  switch (event.type) {
    case "rule.added": {
      const { ruleId, pattern, at: addedAt, by: addedBy, gateId = null } = event;
      state.counts.rule += 1;
      state.rules.set(ruleId, { ruleId, pattern, addedAt, addedBy, gateId, revokedAt: null, revokedBy: null });
      return;
    }
    case "rule.revoked": {
      const rule = state.rules.get(event.ruleId);
      if (rule) state.rules.set(event.ruleId, { ...rule, revokedAt: event.at, revokedBy: event.by });
      return;
    }
    case "gate.approved":
      return countUse(state, event.by);
    case "command.started":
      return countUse(state, event.allowedBy);
    default:
      return;
  }
}

/** A command that a gate let run names the gate, so that it is counted once. */
function countUse(state: State, by: string): void {
  if (by.startsWith("rule")) state.ruleUses.set(by, (state.ruleUses.get(by) ?? 0) + 1);
}
