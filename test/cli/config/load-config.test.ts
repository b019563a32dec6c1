/** The merge of config: who wins, where each value came from, and what must hold before a run. */
import { afterEach, describe, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { configFaults } from "../../../src/cli/config/check-config.ts";
import { loadConfig } from "../../../src/cli/config/load-config.ts";
import type { OptionValues } from "../../../src/cli/option-table.ts";
import { defaultSettings } from "../../../src/domain/settings.ts";
import { type TestWorld, testWorld } from "../../support/cli-world.ts";

const worlds: TestWorld[] = [];
afterEach(() => {
  for (const world of worlds.splice(0)) world.remove();
});

interface Given {
  readonly project?: string;
  readonly user?: string;
  readonly env?: Record<string, string>;
  readonly options?: OptionValues;
}

async function load({ project, user, env = {}, options = {} }: Given) {
  const world = testWorld({ env });
  worlds.push(world);
  write(join(world.cwd, "conductor", "signalbox.toml"), project);
  write(join(world.cwd, "config-home", "signalbox", "config.toml"), user);
  return await loadConfig(world.cwd, options, world);
}

function write(path: string, text: string | undefined): void {
  if (text === undefined) return;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

describe("merging", () => {
  test("without files, options and environment the defaults hold", async () => {
    const { settings, sources } = await load({});
    expect({ ...settings, prices: {} }).toEqual(defaultSettings);
    expect(sources).toEqual({});
  });

  test("command line beats environment beats project beats user", async () => {
    const { settings, sources } = await load({
      user: '[workers]\nmax = 1\nretries = 1\nmax_turns = 11\n[provider]\nbase_url = "http://user.test"',
      project:
        '[workers]\nmax = 2\nretries = 5\n[provider]\nbase_url = "http://project.test"\n[gates]\nlevel = "guarded"',
      env: { ANTHROPIC_BASE_URL: "http://env.test" },
      options: { workers: 3, approve: "all", "max-usd": 1.5, land: true, "unsafe-no-sandbox": true },
    });
    expect(settings.workers).toEqual({ max: 3, retries: 5, maxTurns: 11 });
    expect(settings.providers.default?.baseUrl).toBe("http://env.test");
    expect(settings.gates.level).toBe("all");
    expect(settings.budget).toEqual({ runUsd: 1.5 });
    expect([settings.isLanding, settings.sandbox.isUnsafe]).toEqual([true, true]);
    expect(sources).toEqual({
      "workers.max": "option",
      "workers.retries": "file",
      "workers.max_turns": "user",
      "provider.base_url": "env",
      "gates.level": "option",
      "budget.run_usd": "option",
    });
  });

  test("a worker keeps its list of models; another tier takes the first", async () => {
    const { settings } = await load({ project: '[tiers.worker]\nmodel = ["a", "b"]\n[tiers.qa]\nmodel = ["c", "d"]' });
    expect(settings.tiers.worker.models).toEqual(["a", "b"]);
    expect(settings.tiers.qa.models).toEqual(["c"]);
  });

  test("the key is looked up by the provider's variable, and is in no setting", async () => {
    const config = await load({
      project:
        '[providers.local]\nbase_url = "http://127.0.0.1:1"\n[providers.other]\nbase_url = "http://x.test"\napi_key_env = "OTHER"',
      env: { ANTHROPIC_API_KEY: "secret-1", OTHER: "secret-2" },
    });
    expect([config.keys("default"), config.keys("local"), config.keys("other")]).toEqual(["secret-1", "", "secret-2"]);
    expect(JSON.stringify(config.settings)).not.toContain("secret");
  });

  test("an own price stands beside the published ones; a missing cache price counts as input", async () => {
    const { settings } = await load({ project: '[prices."my-model"]\ninput = 1.0\noutput = 5.0' });
    expect(settings.prices["my-model"]).toEqual({ input: 1, output: 5, cacheRead: 1, cacheWrite: 1 });
    expect(settings.prices["claude-opus-5-5"]).toEqual({ input: 4, output: 20, cacheRead: 0.2, cacheWrite: 5 });
  });

  test.each([
    ["[prices.m]\ninput = 1.0", '[prices."m"] needs both input and output'],
    ['[providers.local]\napi_key_env = ""', "[providers.local] has no base_url"],
  ])("%p is refused", async (project, sentence) => {
    await expect(load({ project })).rejects.toThrow(sentence);
  });

  test("a wrong ANTHROPIC_BASE_URL is refused by name", async () => {
    await expect(load({ env: { ANTHROPIC_BASE_URL: "nonsense" } })).rejects.toThrow('ANTHROPIC_BASE_URL is "nonsense"');
  });

  test("an ANTHROPIC_BASE_URL with a password in it is refused, and not repeated", async () => {
    const failure = await load({ env: { ANTHROPIC_BASE_URL: "http://me:secret@env.test" } }).catch(String);
    expect(failure).toContain("without a user name");
    expect(failure).not.toContain("secret");
  });
});

describe("what must hold before a run", () => {
  const key = { ANTHROPIC_API_KEY: "k" };

  test("a key is needed for the public API only", async () => {
    expect(configFaults(await load({}))).toEqual([expect.stringContaining("No API key: set ANTHROPIC_API_KEY")]);
    expect(configFaults(await load({ env: key }))).toEqual([]);
    expect(configFaults(await load({ env: { ANTHROPIC_BASE_URL: "http://127.0.0.1:9" } }))).toEqual([]);
  });

  test("a tier's provider must exist", async () => {
    const faults = configFaults(await load({ env: key, project: '[tiers.worker]\nprovider = "lokal"' }));
    expect(faults[0]).toStartWith(
      'conductor/signalbox.toml: "tiers.worker.provider" is "lokal", which does not exist; allowed is default',
    );
    const ofUser = configFaults(await load({ env: key, user: '[tiers.qa]\nprovider = "lokal"' }));
    expect(ofUser[0]).toMatch(/^.*config\.toml: "tiers\.qa\.provider" is "lokal"/);
  });

  test("a limit in dollars needs a price for every model", async () => {
    const project = '[tiers.qa]\nmodel = "mystery"\n';
    expect(configFaults(await load({ env: key, project }))).toEqual([]);
    const faults = configFaults(await load({ env: key, project, options: { "max-usd": 5 } }));
    expect(faults).toEqual([expect.stringMatching(/the model "mystery" has no price.*\[prices\."mystery"\]/)]);
    expect(configFaults(await load({ env: key, options: { "max-usd": 5 } }))).toEqual([]);
  });
});
