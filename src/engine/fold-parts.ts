/**
 * What a log folds to, taken apart into pieces that can be written one by one without holding anything up, and put together
 * again: the same state and the same streams, to the last field.
 */
import { copyState } from "../domain/copy-state.ts";
import type { State } from "../domain/state.ts";
import type { KeptStream, StreamHub } from "./stream-hub.ts";

/** A field that is a map, or a map in a field that is a record, as in `contexts`. */
type MapPath = readonly string[];
type Entry = readonly [unknown, unknown];

/** The first part is the state with all its maps empty. */
type FoldPart =
  | { readonly of: "state"; readonly state: State }
  | { readonly of: "map"; readonly path: MapPath; readonly entries: readonly Entry[] }
  | { readonly of: "streams"; readonly streams: readonly KeptStream[] }
  | { readonly of: "ended"; readonly streamIds: readonly string[] };

/** So many make a part: a few milliseconds of work, with texts as long as they get. */
const entriesAtOnce = 100;
const streamsAtOnce = 20;

/** The parts of both as they are now, whatever becomes of them while the parts are taken. */
export function partsOf(state: State, hub: StreamHub): Iterable<FoldPart> {
  const copy = copyState(state);
  const maps = mapsOf(copy).map(({ path, map }) => ({ path, entries: [...map] }));
  for (const { map } of mapsOf(copy)) map.clear();
  const { streams, endedIds } = hub.kept();
  return (function* (): Generator<FoldPart> {
    yield { of: "state", state: copy };
    for (const { path, entries } of maps)
      for (const some of chunks(entries, entriesAtOnce)) yield { of: "map", path, entries: some };
    for (const some of chunks(streams, streamsAtOnce)) yield { of: "streams", streams: some };
    yield { of: "ended", streamIds: endedIds };
  })();
}

/** Puts the parts together: gives the state, and fills an empty hub. Null, and an empty hub, where its text would now be redacted otherwise. */
export function putTogether(parts: readonly unknown[], hub: StreamHub): State | null {
  // Written by `partsOf` of the same program, as the snapshot's own hash and its program say.
  const [first, ...others] = parts as readonly FoldPart[];
  if (first?.of !== "state") throw new Error("A snapshot has no state.");
  const maps = new Map(mapsOf(first.state).map(({ path, map }) => [path.join(" "), map]));
  const streams: KeptStream[] = [];
  let endedIds: readonly string[] = [];
  for (const part of others) {
    if (part.of === "map") fill(maps.get(part.path.join(" ")), part.entries);
    else if (part.of === "streams") streams.push(...part.streams);
    else if (part.of === "ended") endedIds = part.streamIds;
    else throw new Error("A snapshot has two states.");
  }
  return hub.restore({ streams, endedIds }) ? first.state : null;
}

function mapsOf(state: State): { readonly path: MapPath; readonly map: Map<unknown, unknown> }[] {
  return Object.entries(state).flatMap(([name, value]: [string, unknown]) => {
    if (value instanceof Map) return [{ path: [name], map: value }];
    if (typeof value !== "object" || value === null || Array.isArray(value)) return [];
    return Object.entries(value).flatMap(([field, map]: [string, unknown]) =>
      map instanceof Map ? [{ path: [name, field], map }] : [],
    );
  });
}

function fill(map: Map<unknown, unknown> | undefined, entries: readonly Entry[]): void {
  if (!map) throw new Error("A snapshot has entries of a map that its state has not.");
  for (const [key, value] of entries) map.set(key, value);
}

function* chunks<T>(all: readonly T[], size: number): Generator<readonly T[]> {
  for (let at = 0; at < all.length; at += size) yield all.slice(at, at + size);
}
