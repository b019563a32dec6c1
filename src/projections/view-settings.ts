/** Effective settings as rows, in the words of `signalbox.toml`, with where each comes from. Prices are a table of their own. */
import type { SettingChange } from "../domain/event-usage.ts";
import { isChangeable, settingText } from "../domain/setting-path.ts";
import { Budget, GateLevel, type Settings } from "../domain/settings.ts";
import type { State } from "../domain/state.ts";
import { elementId } from "./view-element-id.ts";

export interface SettingRow {
  readonly group: string;
  readonly key: string;
  readonly value: string;
  readonly source: string;
  /** What a field for it begins with, and the values to pick from where there are few; null where it is not changed here. */
  readonly field: SettingField | null;
}

interface SettingField {
  readonly elementId: string;
  readonly path: string;
  readonly text: string;
  readonly options: readonly string[] | null;
}

export interface ChangeRow {
  readonly at: string;
  readonly by: string;
  readonly words: string;
}

export interface PriceRow {
  readonly model: string;
  /** US dollars a million tokens. */
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  readonly source: string;
}

const sourceWords: Readonly<Record<string, string>> = {
  default: "default",
  user: "your config",
  file: "project",
  env: "environment",
  option: "command line",
};

/** One row for each key but the prices; `sources` maps a key path of the file to the layer that set it. */
export function settingRows(settings: Settings, sources: ReadonlyMap<string, string>): readonly SettingRow[] {
  const { prices: _prices, isLanding, budget, ...tables } = settings;
  const limits = Object.fromEntries(Budget.keyof().options.map((limit) => [limit, budget[limit] ?? "no limit"]));
  const rows = Object.entries({ ...tables, budget: limits }).flatMap(([group, value]) => leaves(group, value));
  return [...rows, { key: "run.land", text: String(isLanding) }].map(({ key, text }) => {
    const [group = "", ...rest] = key.split(".");
    const name = rest.length > 1 ? { group: key.slice(0, key.lastIndexOf(".")), key: rest.at(-1) ?? "" } : null;
    const path = key.split(".");
    const field = isChangeable(path) ? fieldOf(settings, key) : null;
    return { group, key: rest.join("."), ...name, value: text, source: sourceOf(sources, key), field };
  });
}

function fieldOf(settings: Settings, key: string): SettingField {
  const text = settingText(settings, key.split("."));
  return { elementId: elementId("setting", key), path: key, text, options: optionsOf(key) };
}

/** The values of a key that takes few. */
function optionsOf(key: string): readonly string[] | null {
  if (key === "gates.level") return GateLevel.options;
  return key.startsWith("review.") ? ["true", "false"] : null;
}

/** The latest changes, newest first. */
export function changeRows(state: State): readonly ChangeRow[] {
  return state.settingChanges
    .map(({ at, by = "", changes = [] }) => ({ at, by, words: changes.map(changeWords).join("; ") }))
    .reverse();
}

function changeWords({ key, from, to }: SettingChange): string {
  const said = (text: string) => (text === "" ? "not set" : text);
  return `${key} from ${said(from)} to ${said(to)}`;
}

/** What a model costs here, in the order of the config. */
export function priceRows(settings: Settings, sources: ReadonlyMap<string, string>): readonly PriceRow[] {
  return Object.entries(settings.prices).map(([model, { input, output, cacheRead, cacheWrite }]) => {
    return { model, input, output, cacheRead, cacheWrite, source: sourceOf(sources, `prices.${model}.input`) };
  });
}

/** Where a setting comes from, in words. */
export function sourceOf(sources: ReadonlyMap<string, string>, key: string): string {
  const source = sources.get(key) ?? "default";
  return sourceWords[source] ?? source;
}

function leaves(key: string, value: unknown): { readonly key: string; readonly text: string }[] {
  if (value !== null && typeof value === "object" && !Array.isArray(value))
    return Object.entries(value).flatMap(([name, inner]) => leaves(`${key}.${name}`, inner));
  const text = Array.isArray(value) ? value.map(String).join(", ") : String(value);
  if (key.endsWith("Ms")) return [{ key: fileKey(`${key.slice(0, -2)}S`), text: String(Number(value) / 1_000) }];
  return [{ key: fileKey(key), text: text === "" ? "none" : text }];
}

/** `tiers.qa.maxTokens` as the file has it: `tiers.qa.max_tokens`. */
function fileKey(key: string): string {
  return key
    .replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
    .replace(/^(tiers\..*)\.models$/, "$1.model")
    .replace(/^providers\.default\./, "provider.")
    .replace(/^sandbox\.is_unsafe$/, "sandbox.unsafe_no_sandbox");
}
