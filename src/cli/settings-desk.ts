/**
 * Changes settings from the page: checks them by the schema of the config files, writes them into the project's own file with
 * its comments kept, and lets them hold in the running engine. A file that nobody has accepted as it stands is left alone.
 */
import { mkdir, realpath, rename, stat, writeFile } from "node:fs/promises";
import { dirname, join, sep } from "node:path";
import { parse, TomlError } from "smol-toml";
import type { Rejection } from "../domain/command.ts";
import type { SettingChange } from "../domain/event-usage.ts";
import { isChangeable, settingText, withSettingFrom } from "../domain/setting-path.ts";
import type { Settings } from "../domain/settings.ts";
import type { EngineApi } from "../engine/engine-api.ts";
import { openByRule } from "../engine/open-by-rule.ts";
import type { SettingEdit, SettingsChanged, SettingsEditor } from "../web/settings-editor.ts";
import { CliError } from "./cli-error.ts";
import { settingFaults } from "./config/check-config.ts";
import { type ConfigFile, configFaultsOf, parseConfigFile, readConfigText } from "./config/config-file.ts";
import { type KeyEdit, withKeys } from "./config/edit-toml.ts";
import { type Config, loadConfig } from "./config/load-config.ts";
import type { OptionValues } from "./option-table.ts";
import { configPath, guardedTables, rememberIfPossible } from "./trust.ts";
import type { World } from "./world.ts";

interface SettingsDeskParts {
  readonly root: string;
  readonly engine: EngineApi;
  readonly world: World;
  readonly options: OptionValues;
  /** Where each setting comes from; kept up to date. */
  readonly sources: Map<string, string>;
  /** The project's file as it was accepted. */
  readonly accepted: ConfigFile | null;
  /** Whether what is accepted is remembered for the next start. A demo's place is gone then. */
  readonly isRemembered: boolean;
}

interface Plan {
  readonly settings: Settings;
  readonly changes: readonly SettingChange[];
  /** The project's file before and after; null where a change is for this process only. */
  readonly file: { readonly before: string | null; readonly after: string } | null;
  readonly options: OptionValues;
  readonly sources: Config["sources"];
}

/** The option of the command line that stands above a key of the file. */
const optionOf: Readonly<Record<string, "workers" | "max-usd" | "approve">> = {
  "workers.max": "workers",
  "budget.run_usd": "max-usd",
  "gates.level": "approve",
};

class Refused extends Error {
  readonly code: Rejection["code"];

  constructor(code: Rejection["code"], message: string) {
    super(message);
    this.code = code;
  }
}

export class SettingsDesk implements SettingsEditor {
  readonly #parts: SettingsDeskParts;
  #options: OptionValues;
  #acceptedHash: string | null;
  /** One change after the other. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(parts: SettingsDeskParts) {
    this.#parts = parts;
    this.#options = parts.options;
    this.#acceptedHash = hashOf(parts.accepted);
  }

  /** The project's file has been accepted in this state. */
  accept(file: ConfigFile | null): void {
    this.#acceptedHash = hashOf(file);
  }

  async fault(edits: readonly SettingEdit[]): Promise<string | null> {
    try {
      await this.#plan(edits);
      return null;
    } catch (error) {
      return refusalOf(error).message;
    }
  }

  change(edits: readonly SettingEdit[]): Promise<SettingsChanged> {
    const next = this.#turn.then(() => this.#change(edits));
    this.#turn = next.catch(() => undefined);
    return next;
  }

  async #change(edits: readonly SettingEdit[]): Promise<SettingsChanged> {
    // Asked first: the file is written before the command is.
    const rejection = this.#parts.engine.refusal?.();
    if (rejection) return { isDone: false, rejection };
    try {
      const plan = await this.#plan(edits);
      const isSame = plan.changes.length === 0;
      if (isSame && (plan.file === null || plan.file.after === (plan.file.before ?? "")))
        throw new Refused("conflict", "It is so already; nothing was changed.");
      if (plan.file) await this.#write(plan.file.before, plan.file.after);
      this.#options = plan.options;
      for (const { path } of edits) this.#tellSource(path.join("."), plan.sources);
      const { settings, changes } = plan;
      if (isSame) return { isDone: true, message: `${configPath} is written; nothing else becomes of it.` };
      const result = this.#parts.engine.dispatch({ type: "change_settings", settings, changes, by: "person" });
      if (!result.isAccepted) return { isDone: false, rejection: result.rejection };
      openByRule(this.#parts.engine);
      return { isDone: true, message: doneWords(plan) };
    } catch (error) {
      return { isDone: false, rejection: refusalOf(error) };
    }
  }

  async #plan(edits: readonly SettingEdit[]): Promise<Plan> {
    const { root, world, engine, sources } = this.#parts;
    const values = edits.map(keyEdit);
    const isOption = edits.some(({ path }) => sources.get(path.join(".")) === "option");
    const options = isOption ? withOptions(this.#options, values) : this.#options;
    const before = await readConfigText(join(root, configPath), configPath);
    const after = isOption ? null : this.#edited(before, values);
    const config = await loadConfig(root, options, world, after === null ? {} : { projectText: after });
    const present = engine.state().settings;
    const settings = edits.reduce((made, { path }) => withSettingFrom(made, path, config.settings), present);
    const old = settingFaults({ ...config, settings: present });
    const fault = settingFaults({ ...config, settings }).find((each) => !old.includes(each));
    if (fault !== undefined) throw new Refused("invalid", fault);
    const changes = edits
      .map(({ path }) => ({ key: path.join("."), from: settingText(present, path), to: settingText(settings, path) }))
      .filter((change) => change.from !== change.to);
    return { settings, changes, file: after === null ? null : { before, after }, options, sources: config.sources };
  }

  #edited(before: string | null, values: readonly KeyEdit[]): string {
    const file = before === null ? null : parseConfigFile(before, configPath);
    const hash = hashOf(file);
    if (hash !== null && hash !== this.#acceptedHash)
      throw new Refused(
        "conflict",
        `${configPath} is no longer what you accepted: something else has changed it. Read it, start Signalbox again and accept it; then change settings here.`,
      );
    const after = withKeys(before ?? "", values);
    if (after !== null) return after;
    const keys = values.map(({ path }) => path.join(".")).join(", ");
    throw new Refused(
      "conflict",
      `${configPath} is written so that ${keys} cannot be changed alone: change it by hand.`,
    );
  }

  /** Whole or not at all, and only over the text that was read. */
  async #write(before: string | null, after: string): Promise<void> {
    const { root, world, isRemembered } = this.#parts;
    const path = await placeOf(root);
    if ((await readConfigText(path, configPath)) !== before)
      throw new Refused("stale", `${configPath} was changed at this very moment: look at it, then save again.`);
    const mode = before === null ? 0o644 : (await stat(path)).mode & 0o777;
    const draft = `${path}.${process.pid}`;
    await writeFile(draft, after, { mode });
    await rename(draft, path);
    const file = parseConfigFile(after, configPath);
    this.accept(file);
    if (isRemembered) await rememberIfPossible({ root, file }, world);
  }

  #tellSource(key: string, sources: Config["sources"]): void {
    const source = sources[key];
    if (source === undefined) this.#parts.sources.delete(key);
    else this.#parts.sources.set(key, source);
  }
}

/** Where the file really is; a link that leads out of the project is not followed. */
async function placeOf(root: string): Promise<string> {
  const path = join(root, configPath);
  await mkdir(dirname(path), { recursive: true });
  const folder = await realpath(dirname(path));
  const real = await realpath(path).catch(() => join(folder, "signalbox.toml"));
  const inside = `${await realpath(root)}${sep}`;
  if (real.startsWith(inside)) return real;
  throw new Refused("conflict", `${configPath} leads out of the project, so it is not written: change it by hand.`);
}

/** What was typed as a value that is allowed there; throws with key, found and allowed otherwise. */
function keyEdit({ path, text }: SettingEdit): KeyEdit {
  const key = path.join(".");
  if (!isChangeable(path))
    throw new Refused("invalid", `"${key}" is not changed here: edit ${configPath} and start Signalbox again.`);
  const typed = text.trim();
  if (typed === "") return { path, value: undefined };
  const faults = candidates(typed).map((value) => ({ value, faults: configFaultsOf(nested(path, value)) }));
  const fitting = faults.find((candidate) => candidate.faults.length === 0);
  if (fitting) return { path, value: fitting.value };
  throw new Refused("invalid", upperFirst(faults[0]?.faults[0] ?? `"${key}" cannot be read.`));
}

/** A text as TOML has it, as a list of names, as a plain text: the first that is allowed counts. */
function candidates(typed: string): readonly unknown[] {
  const list = typed.includes(",") ? [typed.split(",").map((part) => part.trim())] : [];
  return [...tomlValue(typed), ...list, typed];
}

function tomlValue(typed: string): readonly unknown[] {
  try {
    return /[\r\n]/.test(typed) ? [] : [parse(`v = ${typed}`).v];
  } catch (error) {
    if (error instanceof TomlError) return [];
    throw error;
  }
}

function nested(path: readonly string[], value: unknown): unknown {
  return path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value);
}

/** A key that the command line has set is changed as if the command line had said otherwise. */
function withOptions(options: OptionValues, values: readonly KeyEdit[]): OptionValues {
  const changed = values.map(({ path, value }) => {
    const option = optionOf[path.join(".")];
    if (option === undefined)
      throw new Refused("conflict", `"${path.join(".")}" cannot be changed together with an option.`);
    if (value === undefined)
      throw new Refused("invalid", `--${option} was given for this process: write another value, or start without it.`);
    return [option, value] as const;
  });
  // The schema of the file has checked the values, and those of an option are of the same kind.
  return { ...options, ...(Object.fromEntries(changed) as OptionValues) };
}

function doneWords({ changes, file }: Plan): string {
  const words = changes
    .map(({ key, to }) => (to === "" ? `${key} is no longer set` : `${key} is ${to} now`))
    .join(", ");
  if (file === null) return `${words}; for this process only, because the command line set it.`;
  return `${words}; it holds at once, and is written to ${configPath}.`;
}

function hashOf(file: ConfigFile | null): string | null {
  return guardedTables(file)?.hash ?? null;
}

function upperFirst(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function refusalOf(error: unknown): Rejection {
  if (error instanceof Refused) return { code: error.code, message: error.message };
  if (error instanceof CliError) return { code: "invalid", message: error.message };
  if (error instanceof Error && "code" in error)
    return {
      code: "conflict",
      message: `${configPath} cannot be written (${String(error.code)}): make it writable, then save again.`,
    };
  throw error;
}
