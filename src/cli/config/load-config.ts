/**
 * The effective configuration of a call: command line over environment over the project's file over the user's file over
 * the defaults. Holds no key in the settings; keys are looked up by provider.
 */
import { join } from "node:path";
import { defaultSettings, type Price, type Settings, type TierSettings } from "../../domain/settings.ts";
import { configError } from "../cli-error.ts";
import type { OptionValues } from "../option-table.ts";
import type { World } from "../world.ts";
import { type ConfigFile, isWebAddress, parseConfigFile, readConfigFile } from "./config-file.ts";
import { type Layer, mergeConfig, type Source } from "./merge-config.ts";
import { builtInPrices } from "./prices.ts";

export interface Config {
  readonly settings: Settings;
  /** Where each value came from, by key path in the file's words; what nobody set is absent and a default. */
  readonly sources: Readonly<Record<string, Source>>;
  /** The API key of a provider; "" when none is sent. */
  keys(provider: string): string;
  /** The project's own file as it was read, for the question of trust; null when there is none. */
  readonly projectFile: ConfigFile | null;
  readonly files: readonly { readonly path: string; readonly isFound: boolean }[];
}

type TierName = keyof Settings["tiers"];

/** The user's folder for config and trust. */
export function userConfigDir(world: Pick<World, "env" | "home">): string {
  return join(world.env.XDG_CONFIG_HOME || join(world.home, ".config"), "signalbox");
}

interface LoadOptions {
  readonly isProjectLeftOut?: boolean;
  /** The project's file as it would be, to see what would come of it. */
  readonly projectText?: string;
}

/** Reads and merges everything, or all but the project's own file. A fault in a file is a `CliError` with exit 2. */
export async function loadConfig(
  root: string,
  options: OptionValues,
  world: World,
  { isProjectLeftOut = false, projectText }: LoadOptions = {},
): Promise<Config> {
  const userPath = join(userConfigDir(world), "config.toml");
  const user = await readConfigFile(userPath, userPath);
  const projectPath = join(root, "conductor", "signalbox.toml");
  const shown = "conductor/signalbox.toml";
  const read = async () =>
    projectText === undefined ? await readConfigFile(projectPath, shown) : parseConfigFile(projectText, shown);
  const projectFile = isProjectLeftOut ? null : await read();
  const layers: Layer[] = [
    { source: "user", values: user ?? {} },
    { source: "file", values: projectFile ?? {} },
    { source: "env", values: environmentLayer(world.env) },
    { source: "option", values: optionLayer(options) },
  ];
  const { values, sources } = mergeConfig(layers);
  const settings = toSettings(values, options);
  return {
    settings,
    sources,
    keys: (provider) => keyOf(settings, provider, world.env),
    projectFile,
    files: [
      { path: userPath, isFound: user !== null },
      { path: "conductor/signalbox.toml", isFound: projectFile !== null },
    ],
  };
}

function environmentLayer(env: World["env"]): ConfigFile {
  const baseUrl = env.ANTHROPIC_BASE_URL;
  if (!baseUrl) return {};
  if (!isWebAddress(baseUrl)) {
    const found = baseUrl.replace(/\/\/.*@/, "//...@");
    throw configError(
      `ANTHROPIC_BASE_URL is "${found}"; allowed is an http:// or https:// address without a user name.`,
    );
  }
  return { provider: { base_url: baseUrl } };
}

function optionLayer(options: OptionValues): ConfigFile {
  return {
    ...(options.workers === undefined ? {} : { workers: { max: options.workers } }),
    ...(options["max-usd"] === undefined ? {} : { budget: { run_usd: options["max-usd"] } }),
    ...(options.approve === undefined ? {} : { gates: { level: options.approve } }),
  };
}

function keyOf(settings: Settings, provider: string, env: World["env"]): string {
  const name = settings.providers[provider]?.apiKeyEnv ?? "";
  return name === "" ? "" : (env[name] ?? "").trim();
}

/** The settings that the merged files and options make. */
export function toSettings(values: ConfigFile, options: OptionValues = {}): Settings {
  const base = defaultSettings;
  const { verify, workers, review, gates, context, sandbox } = values;
  const settings: Settings = {
    tiers: {
      orchestrator: tierOf(values, "orchestrator"),
      tech_lead: tierOf(values, "tech_lead"),
      worker: tierOf(values, "worker"),
      qa: tierOf(values, "qa"),
    },
    providers: providersOf(values),
    workers: {
      max: workers?.max ?? base.workers.max,
      retries: workers?.retries ?? base.workers.retries,
      maxTurns: workers?.max_turns ?? base.workers.maxTurns,
      ...(workers?.threads === undefined ? {} : { threads: workers.threads }),
    },
    verify: {
      command: verify?.command ?? base.verify.command,
      timeoutMs: verify?.timeout_s === undefined ? base.verify.timeoutMs : verify.timeout_s * 1000,
    },
    review: { qa: review?.qa ?? base.review.qa, techLead: review?.tech_lead ?? base.review.techLead },
    gates: { level: gates?.level ?? base.gates.level, allow: gates?.allow ?? base.gates.allow },
    budget: budgetOf(values),
    context: { historyTokens: context?.history_tokens ?? base.context.historyTokens },
    sandbox: {
      mode: sandbox?.mode ?? base.sandbox.mode,
      network: sandbox?.network ?? base.sandbox.network,
      isUnsafe: options["unsafe-no-sandbox"] ?? false,
    },
    prices: pricesOf(values),
    isLanding: options.land ?? false,
  };
  return settings;
}

function tierOf(values: ConfigFile, name: TierName): TierSettings {
  const tier = values.tiers?.[name];
  const base = defaultSettings.tiers[name];
  const named = tier?.model === undefined ? base.models : [tier.model].flat();
  // Only a worker is retried with the next model; elsewhere a list means its first.
  const models = name === "worker" ? named : named.slice(0, 1);
  return { models, provider: tier?.provider ?? base.provider, maxTokens: tier?.max_tokens ?? base.maxTokens };
}

function providersOf(values: ConfigFile): Settings["providers"] {
  const base = { baseUrl: "https://api.anthropic.com", apiKeyEnv: "ANTHROPIC_API_KEY" };
  const providers: Settings["providers"] = {};
  for (const [name, provider] of Object.entries({ ...values.providers, default: values.provider ?? {} })) {
    if (name !== "default" && provider.base_url === undefined) {
      throw configError(`[providers.${name}] has no base_url; write the address of its endpoint there.`);
    }
    // A named endpoint gets no key by itself: a key must not travel to an address that it was not meant for.
    const apiKeyEnv = provider.api_key_env ?? (name === "default" ? base.apiKeyEnv : "");
    providers[name] = {
      baseUrl: provider.base_url ?? base.baseUrl,
      apiKeyEnv,
      ...(provider.stall_s === undefined ? {} : { stallMs: provider.stall_s * 1000 }),
      ...(provider.patience_s === undefined ? {} : { patienceMs: provider.patience_s * 1000 }),
    };
  }
  return providers;
}

function budgetOf({ budget = {} }: ConfigFile): Settings["budget"] {
  return {
    ...(budget.run_usd === undefined ? {} : { runUsd: budget.run_usd }),
    ...(budget.track_usd === undefined ? {} : { trackUsd: budget.track_usd }),
    ...(budget.ticket_usd === undefined ? {} : { ticketUsd: budget.ticket_usd }),
    ...(budget.day_usd === undefined ? {} : { dayUsd: budget.day_usd }),
    ...(budget.run_tokens === undefined ? {} : { runTokens: budget.run_tokens }),
  };
}

function pricesOf(values: ConfigFile): Settings["prices"] {
  const prices: Record<string, Price> = { ...builtInPrices };
  for (const [model, price] of Object.entries(values.prices ?? {})) {
    const base = builtInPrices[model];
    const input = price.input ?? base?.input;
    const output = price.output ?? base?.output;
    if (input === undefined || output === undefined) {
      throw configError(`[prices."${model}"] needs both input and output, in US dollars a million tokens.`);
    }
    // A cache price that nobody gave counts as plain input: dearer than most, so a budget never fools itself.
    const cacheRead = price.cache_read ?? base?.cacheRead ?? input;
    const cacheWrite = price.cache_write ?? base?.cacheWrite ?? input;
    prices[model] = { input, output, cacheRead, cacheWrite };
  }
  return prices;
}
