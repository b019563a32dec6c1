/** Effective settings as rows: the key, its value, and where it comes from when that is known. */
import type { Settings } from "../domain/settings.ts";

export interface SettingRow {
  readonly group: string;
  readonly key: string;
  readonly value: string;
  readonly source: string | null;
}

/** One row for each leaf; `sources` maps a dotted key to the place that set it. */
export function settingRows(settings: Settings, sources: ReadonlyMap<string, string>): readonly SettingRow[] {
  return Object.entries(settings).flatMap(([group, value]) =>
    leaves(group, value).map(({ key, text }) => ({ group, key, value: text, source: sources.get(key) ?? null })),
  );
}

function leaves(key: string, value: unknown): { readonly key: string; readonly text: string }[] {
  if (Array.isArray(value)) return [{ key, text: value.length === 0 ? "none" : value.map(String).join(", ") }];
  if (value === null || typeof value !== "object")
    return [{ key, text: String(value) === "" ? "none" : String(value) }];
  return Object.entries(value).flatMap(([name, inner]) => leaves(`${key}.${name}`, inner));
}
