/**
 * Merges the layers of config, the later one over the earlier, and remembers where each value came from. Tables merge key
 * by key; a list replaces a list.
 */
import type { ConfigFile } from "./config-file.ts";

export type Source = "default" | "user" | "file" | "env" | "option";

export interface Layer {
  readonly source: Source;
  readonly values: ConfigFile;
}

interface Merged {
  readonly values: ConfigFile;
  /** Who said it, by key path in the file's own words, such as `workers.max`. */
  readonly sources: Readonly<Record<string, Source>>;
}

type Table = { [key: string]: unknown };

/** Merges layers, the weakest first. */
export function mergeConfig(layers: readonly Layer[]): Merged {
  const values: Table = {};
  const sources: Record<string, Source> = {};
  for (const layer of layers) mergeTable(values, layer.values, layer.source, "", sources);
  // Holds because each layer has this shape, and merging key by key keeps it.
  return { values: values as ConfigFile, sources };
}

function mergeTable(into: Table, from: object, source: Source, path: string, sources: Record<string, Source>): void {
  for (const [key, value] of Object.entries(from)) {
    if (value === undefined) continue;
    const keyPath = path === "" ? key : `${path}.${key}`;
    if (!isTable(value)) {
      into[key] = value;
      sources[keyPath] = source;
      continue;
    }
    const present = Object.hasOwn(into, key) ? into[key] : undefined;
    const target: Table = isTable(present) ? present : {};
    into[key] = target;
    mergeTable(target, value, source, keyPath, sources);
  }
}

function isTable(value: unknown): value is Table {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
