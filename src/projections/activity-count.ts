/** What all agents do now, counted by kind: for places that have no room for each. */
import type { State } from "../domain/state.ts";
import { type ActivityKind, type ActivitySource, agentActivity } from "./agent-activity.ts";

export interface ActivityCount {
  readonly kind: ActivityKind;
  readonly words: string;
  readonly count: number;
}

/** In the order in which people want to know of it; what is over is not told. */
const words: readonly (readonly [ActivityKind, string])[] = [
  ["thinking", "thinking"],
  ["tool", "running a tool"],
  ["gate", "waiting for you"],
  ["slot", "waiting for a slot"],
  ["held", "held by a provider"],
  ["budget", "held by a budget"],
  ["paused", "paused"],
  ["stalled", "stalled"],
];

/** The kinds that an agent is in at a time (milliseconds since 1970), each with its count. */
export function activityCounts(
  state: State,
  streams: Iterable<ActivitySource>,
  nowMs: number,
): readonly ActivityCount[] {
  const counts = new Map<ActivityKind, number>();
  for (const stream of streams) {
    const { kind } = agentActivity(state, stream, nowMs);
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return words.flatMap(([kind, text]) => {
    const count = counts.get(kind);
    return count === undefined ? [] : [{ kind, words: text, count }];
  });
}
