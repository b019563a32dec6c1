/**
 * The settings that may be changed while the engine runs, by their path in the config file. Endpoints, keys, commands and the
 * sandbox are not among them: what reaches out of the program is settled before it starts.
 */
import type { Settings } from "./settings.ts";

const changeable = [
  /^budget\.(run_usd|track_usd|ticket_usd|day_usd|run_tokens)$/,
  /^tiers\.(orchestrator|tech_lead|worker|qa)\.(model|max_tokens)$/,
  /^workers\.(max|retries|max_turns)$/,
  /^gates\.level$/,
  /^review\.(qa|tech_lead)$/,
  /^verify\.timeout_s$/,
  /^context\.history_tokens$/,
  /^prices\..+\.(input|output|cache_read|cache_write)$/,
];

export function isChangeable(path: readonly string[]): boolean {
  const key = path.join(".");
  return changeable.some((pattern) => pattern.test(key));
}

type Table = { readonly [key: string]: unknown };

/** The settings with one value, by its path in the file, taken from others. */
export function withSettingFrom(settings: Settings, path: readonly string[], from: Settings): Settings {
  // A path that may be changed leads through tables of the settings, and both have the same shape.
  return replaced(settings, settingPath(path), from) as Settings;
}

/** The value at a path of the file, as the file would have it in text; "" where there is none. */
export function settingText(settings: Settings, path: readonly string[]): string {
  let value: unknown = settings;
  // Only tables are looked into, and what comes out stays unknown.
  for (const part of settingPath(path))
    value = typeof value === "object" && value !== null ? (value as Table)[part] : undefined;
  if (value === undefined || value === null) return "";
  if (path.at(-1) === "timeout_s") return String(Number(value) / 1_000);
  return Array.isArray(value) ? value.map(String).join(", ") : String(value);
}

/** Where the settings keep what the file has at a path: `budget.run_usd` is `budget.runUsd`. */
function settingPath(path: readonly string[]): string[] {
  const last = path.at(-1) ?? "";
  const name = last === "model" ? "models" : last === "timeout_s" ? "timeoutMs" : camel(last);
  return [...path.slice(0, -1), name];
}

function camel(name: string): string {
  return name.replace(/_([a-z])/g, (_all, letter: string) => letter.toUpperCase());
}

function replaced(table: object, path: readonly string[], from: object | undefined): object {
  const [key = "", ...rest] = path;
  // Only named fields are looked up.
  const own = (table as Table)[key];
  const other = (from as Table | undefined)?.[key];
  const copy: { [key: string]: unknown } = { ...table };
  if (rest.length > 0) copy[key] = replaced(asTable(own), rest, asTable(other));
  else if (other === undefined) delete copy[key];
  else copy[key] = other;
  // In the order of the other: what is the same reads the same, and no start takes it for a change.
  const keys = [...Object.keys(from ?? {}), ...Object.keys(copy)].filter((name) => Object.hasOwn(copy, name));
  return Object.fromEntries(keys.map((name) => [name, copy[name]]));
}

function asTable(value: unknown): object {
  return typeof value === "object" && value !== null ? value : {};
}
