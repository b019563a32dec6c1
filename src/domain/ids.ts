/** Makes ids from the state's counts, so that the same log always gives the same ids. */
import type { State } from "./state.ts";

export interface IdSource {
  epic(): string;
  ticket(): string;
  gate(): string;
  agent(): string;
  call(): string;
}

/** Ids for one decision: each call gives the next one, counted on from the state. */
export function idSource(state: State): IdSource {
  const counts = { ...state.counts };
  const next = (kind: keyof typeof counts, prefix: string, width: number): string => {
    counts[kind] += 1;
    return `${prefix}-${String(counts[kind]).padStart(width, "0")}`;
  };
  return {
    epic: () => next("epic", "E", 3),
    ticket: () => next("ticket", "T", 3),
    gate: () => next("gate", "G", 4),
    agent: () => next("agent", "A", 4),
    call: () => next("call", "C", 5),
  };
}

/** A track id: `short_name_YYYYMMDD`, made unique among `taken`. */
export function trackIdFor(title: string, at: string, taken: ReadonlySet<string>): string {
  const words = title
    .normalize("NFKD")
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== "");
  const name = words.slice(0, 4).join("_").slice(0, 40).replace(/_+$/, "") || "track";
  const date = at.slice(0, 10).replaceAll("-", "");
  for (let suffix = 1; ; suffix += 1) {
    const trackId = suffix === 1 ? `${name}_${date}` : `${name}_${suffix}_${date}`;
    if (!taken.has(trackId)) return trackId;
  }
}
