/** What must hold before a model is called: every tier's provider exists, limits in dollars can be kept, keys are there. */
import type { Settings } from "../../domain/settings.ts";
import { configError } from "../cli-error.ts";
import type { Config } from "./load-config.ts";

const publicApi = "api.anthropic.com";

/** Throws (exit 2) at the first thing that would make a run fail later, with what to do about it. */
export function checkConfig(config: Config): void {
  const fault = configFaults(config)[0];
  if (fault !== undefined) throw configError(fault);
}

/** Every fault as a sentence; empty when a run can start. */
export function configFaults(config: Config): string[] {
  return [...settingFaults(config), ...keyFaults(config)];
}

/** Settings that contradict each other: a tier at an endpoint that does not exist, a limit in dollars without prices. */
export function settingFaults(config: Pick<Config, "settings" | "sources" | "files">): string[] {
  return [...providerFaults(config), ...priceFaults(config.settings)];
}

function providerFaults({ settings, sources, files }: Pick<Config, "settings" | "sources" | "files">): string[] {
  const known = Object.keys(settings.providers);
  const userPath = files[0]?.path ?? "your config";
  return Object.entries(settings.tiers)
    .filter(([, tier]) => !known.includes(tier.provider))
    .map(([name, tier]) => {
      const key = `tiers.${name}.provider`;
      const path = sources[key] === "user" ? userPath : "conductor/signalbox.toml";
      return `${path}: "${key}" is "${tier.provider}", which does not exist; allowed is ${known.join(", ")}, or add a [providers.${tier.provider}] table with its base_url.`;
    });
}

function priceFaults(settings: Settings): string[] {
  const { runUsd, trackUsd, ticketUsd, dayUsd } = settings.budget;
  if ([runUsd, trackUsd, ticketUsd, dayUsd].every((limit) => limit === undefined)) return [];
  const models = new Set(Object.values(settings.tiers).flatMap((tier) => tier.models));
  return [...models]
    .filter((model) => !Object.hasOwn(settings.prices, model))
    .map(
      (model) =>
        `There is a limit in US dollars, but the model "${model}" has no price, so the limit could not be kept. Write its price into conductor/signalbox.toml, in US dollars a million tokens: [prices."${model}"] with input, output, cache_read and cache_write; or limit tokens with [budget] run_tokens.`,
    );
}

function keyFaults(config: Config): string[] {
  const { settings } = config;
  const used = new Set(Object.values(settings.tiers).map((tier) => tier.provider));
  return [...used].flatMap((name) => {
    const provider = settings.providers[name];
    if (!provider || !isPublicApi(provider.baseUrl) || config.keys(name) !== "") return [];
    if (provider.apiKeyEnv === "") {
      return [
        `The provider "${name}" is ${provider.baseUrl}, which wants a key, but its api_key_env is "". Name the variable that holds the key.`,
      ];
    }
    return [
      `No API key: set ${provider.apiKeyEnv} to a key for ${provider.baseUrl}, or set base_url under [provider] to another endpoint. To look around without a key, run "signalbox demo".`,
    ];
  });
}

function isPublicApi(baseUrl: string): boolean {
  return URL.canParse(baseUrl) && new URL(baseUrl).hostname === publicApi;
}
