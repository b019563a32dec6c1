/** A config file: what it may hold, and the sentence of each fault. */
import { describe, expect, test } from "bun:test";
import { CliError } from "../../../src/cli/cli-error.ts";
import { parseConfigFile } from "../../../src/cli/config/config-file.ts";

const contractExample = `
[provider]
base_url = "https://api.anthropic.com"
api_key_env = "ANTHROPIC_API_KEY"
[providers.local]
base_url = "http://127.0.0.1:11434"
api_key_env = ""
[tiers.orchestrator]
model = "claude-opus-5-5"
[tiers.worker]
model = ["claude-haiku-5-5", "claude-sonnet-5-5"]
provider = "local"
max_tokens = 16000
[workers]
max = 4
retries = 2
max_turns = 60
[verify]
command = "bun test"
timeout_s = 600
[review]
qa = true
tech_lead = true
[gates]
level = "manual"
allow = ["bun test *", "git diff *"]
[budget]
run_usd = 5.0
track_usd = 1
ticket_usd = 0.5
day_usd = 9
run_tokens = 1000000
[context]
history_tokens = 180000
[sandbox]
mode = "auto"
network = false
[prices."my-model"]
input = 1.0
output = 5.0
cache_read = 0.1
cache_write = 1.25
`;

function faultOf(source: string): string {
  try {
    parseConfigFile(source, "conductor/signalbox.toml");
  } catch (error) {
    if (error instanceof CliError && error.exitCode === 2) return error.message;
    throw error;
  }
  throw new Error("no fault");
}

describe("a config file", () => {
  test("takes every key of the contract, and none at all", () => {
    expect(parseConfigFile(contractExample, "f").tiers?.worker?.model).toEqual([
      "claude-haiku-5-5",
      "claude-sonnet-5-5",
    ]);
    expect(parseConfigFile("", "f")).toEqual({});
  });

  test.each([
    ["[worker]\nmax = 4", 'the key "worker" is unknown; allowed at the top: provider, providers, tiers, workers,'],
    [
      "[workers]\nmaximum = 4",
      'the key "workers.maximum" is unknown; allowed in [workers]: max, retries, max_turns, threads.',
    ],
    [
      "[tiers.boss]\nmodel = 'x'",
      'the key "tiers.boss" is unknown; allowed in [tiers]: orchestrator, tech_lead, worker, qa.',
    ],
    ["[workers]\nmax = 0", '"workers.max" is 0; allowed is a whole number of 1 or more.'],
    ["[workers]\nmax = 'four'", '"workers.max" is "four"; allowed is a whole number of 1 or more.'],
    ["[workers]\nmax = 1.5", '"workers.max" is 1.5; allowed is a whole number of 1 or more.'],
    ["workers = 3", '"workers" is 3; allowed is a table.'],
    ["[gates]\nlevel = 'none'", '"gates.level" is "none"; allowed is "manual", "guarded" or "all".'],
    ["[gates]\nallow = 'ls'", '"gates.allow" is "ls"; allowed is a list of command patterns such as ["bun test *"].'],
    ["[sandbox]\nmode = 'off'", '"sandbox.mode" is "off"; allowed is "auto" or "required".'],
    ["[budget]\nrun_usd = -1", '"budget.run_usd" is -1; allowed is an amount in US dollars, 0 or more.'],
    ["[review]\nqa = 'yes'", '"review.qa" is "yes"; allowed is true or false.'],
    ["[verify]\ncommand = ''", '"verify.command" is ""; allowed is a text that is not empty.'],
    ["[tiers.qa]\nmodel = []", '"tiers.qa.model" is []; allowed is a model\'s name, or a list of names'],
    [
      "[provider]\nbase_url = 'api.example.com'",
      '"provider.base_url" is "api.example.com"; allowed is an http:// or https://',
    ],
    [
      "[provider]\nbase_url = 'https://me:pw@example.com'",
      "allowed is an http:// or https:// address without a user name",
    ],
    ["[provider]\napi_key_env = 'sk-ant-123'", "allowed is the name of an environment variable (not the key itself)"],
    ["[prices.m]\ninput = 'free'", '"prices.m.input" is "free"; allowed is an amount in US dollars, 0 or more.'],
  ])("%p is refused by name", (source, sentence) => {
    expect(faultOf(source)).toContain(`conductor/signalbox.toml: `);
    expect(faultOf(source)).toContain(sentence);
  });

  test("says where text is not TOML", () => {
    expect(faultOf("[workers\nmax = 4")).toMatch(
      /^conductor\/signalbox.toml, line 1, column \d+: this is not valid TOML: /,
    );
  });

  test("names every fault at once", () => {
    expect(faultOf("[workers]\nmax = 0\n[review]\nqa = 1").split("\n")).toHaveLength(2);
  });
});
