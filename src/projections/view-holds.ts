/** Models that take no calls now, with the reason: a rate limit, a provider that fails. */
import type { Hold } from "../domain/model-health.ts";
import { holdOfAgent } from "../domain/model-hold.ts";
import type { State } from "../domain/state.ts";
import { holdReason } from "../domain/ticket-status.ts";

export interface ModelHold {
  readonly provider: string;
  readonly model: string;
  readonly kind: Hold["kind"];
  /** ISO 8601 UTC; null where it is not known. */
  readonly until: string | null;
  readonly reason: string;
}

/** One line for each model that is held at a time (milliseconds since 1970). */
export function modelHolds(state: State, nowMs: number): ModelHold[] {
  return [...state.modelHealth.values()].flatMap(({ provider, model }) => {
    const hold = holdOfAgent(state, { provider, model }, nowMs);
    if (!hold) return [];
    const until = hold.untilMs === null ? null : new Date(hold.untilMs).toISOString();
    return [{ provider, model, kind: hold.kind, until, reason: holdReason(state, { provider, model }, hold) }];
  });
}
