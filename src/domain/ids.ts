/** Makes ids from the state's counts, so that the same log always gives the same ids. */
import type { State } from "./state.ts";

export interface IdSource {
  epic(): string;
  ticket(): string;
  gate(): string;
  agent(): string;
  call(): string;
  rule(): string;
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
    rule: () => next("rule", "R", 3),
  };
}

/** A track id: `short_name_YYYYMMDD`, from the model's key where that says something, else from the title; unique among `taken`. */
export function trackIdFor(proposal: { key: string; title: string }, at: string, taken: ReadonlySet<string>): string {
  const key = shortName(proposal.key);
  const name = /[a-z]{3}/.test(key) ? key : shortName(proposal.title) || "track";
  const date = at.slice(0, 10).replaceAll("-", "");
  for (let suffix = 1; ; suffix += 1) {
    const trackId = suffix === 1 ? `${name}_${date}` : `${name}_${suffix}_${date}`;
    if (!taken.has(trackId)) return trackId;
  }
}

function shortName(words: string): string {
  const parts = words
    .normalize("NFKD")
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((part) => part !== "");
  return parts.slice(0, 4).join("_").slice(0, 40).replace(/_+$/, "");
}
