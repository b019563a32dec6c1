/** A state of its own out of a state: `evolve` changes maps and counters in place, so whoever keeps a moment needs a copy. */
import type { State } from "./state.ts";
import { copyWork } from "./work-index.ts";

/** A copy that can be folded on without the first one changing. Records are shared: they are replaced, never changed. */
export function copyState(state: State): State {
  const fields = Object.entries(state).map(([name, value]) => [name, copyOf(value)]);
  // The same names with values of the same shapes.
  return Object.assign(Object.fromEntries(fields) as State, { work: copyWork(state.work) });
}

/** How many entries the maps of a state have: what a copy of it costs, about 40 bytes each. */
export function entryCount(state: State): number {
  return Object.values(state).reduce((sum: number, value) => sum + (value instanceof Map ? value.size : 0), 0);
}

/** Maps, and records whose fields are maps or counters, as the context book is; whatever lies deeper is never changed. */
function copyOf(value: unknown): unknown {
  if (value instanceof Map) return new Map(value);
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const fields = Object.entries(value).map(([name, part]) => [name, part instanceof Map ? new Map(part) : part]);
  return Object.fromEntries(fields);
}
