/** Settings that are changed from the page: checked as a config file is, written into it, and in force at once. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseConfigFile } from "../../src/cli/config/config-file.ts";
import { toSettings } from "../../src/cli/config/load-config.ts";
import type { OptionValues } from "../../src/cli/option-table.ts";
import { SettingsDesk } from "../../src/cli/settings-desk.ts";
import { configPath, isTrusted } from "../../src/cli/trust.ts";
import { type TestWorld, testWorld } from "../support/cli-world.ts";
import { FakeEngine } from "../support/fake-engine.ts";

const written = "# Ours.\n[workers]\nmax = 4 # at night\n\n[budget]\nrun_usd = 1.0\n";
let world: TestWorld;
let root: string;
let engine: FakeEngine;

beforeEach(() => {
  world = testWorld();
  root = join(world.cwd, "project");
  mkdirSync(join(root, "conductor"), { recursive: true });
  engine = new FakeEngine();
});
afterEach(() => world.remove());

const path = () => join(root, configPath);
const text = () => readFileSync(path(), "utf8");

function deskOver(source: string | null, options: OptionValues = {}, sources: [string, string][] = []): SettingsDesk {
  if (source !== null) writeFileSync(path(), source);
  const accepted = source === null ? null : parseConfigFile(source, configPath);
  engine.add({ type: "settings.applied", settings: toSettings(accepted ?? {}, options) });
  return new SettingsDesk({ root, engine, world, options, sources: new Map(sources), accepted, isRemembered: true });
}

const change = (desk: SettingsDesk, key: string, typed: string) => desk.change([{ path: key.split("."), text: typed }]);
const fault = (desk: SettingsDesk, key: string, typed: string) => desk.fault([{ path: key.split("."), text: typed }]);

describe("a change", () => {
  test("is in the file with its comments, in force, an event that says by whom and from what, and accepted", async () => {
    const desk = deskOver(written);
    expect(await change(desk, "workers.max", "6")).toMatchObject({ isDone: true });
    expect(text()).toBe(written.replace("max = 4", "max = 6"));
    expect(engine.state().settings.workers.max).toBe(6);
    expect(engine.log.at(-1)).toMatchObject({
      type: "settings.applied",
      by: "person",
      changes: [{ key: "workers.max", from: "4", to: "6" }],
    });
    expect(await isTrusted(root, parseConfigFile(text(), configPath), world)).toBe(true);
  });

  test("is refused, and leaves the file alone, while the engine takes no command yet", async () => {
    const desk = deskOver(written);
    const rejection = { code: "conflict", message: "Not yet." } as const;
    const waiting = Object.assign(engine, { refusal: () => rejection });
    expect(await change(desk, "workers.max", "6")).toEqual({ isDone: false, rejection });
    expect(text()).toBe(written);
    expect(waiting.state().settings.workers.max).toBe(4);
  });

  test("makes the file where there is none", async () => {
    await change(deskOver(null), "gates.level", "guarded");
    expect(parseConfigFile(text(), configPath)).toEqual({ gates: { level: "guarded" } });
    expect(engine.state().settings.gates.level).toBe("guarded");
  });

  test("to nothing takes the key out, so that the default counts again", async () => {
    await change(deskOver(written), "workers.max", " ");
    expect(text()).not.toContain("max");
    expect(engine.state().settings.workers.max).toBe(4);
    await change(deskOver(written), "budget.run_usd", "");
    expect(engine.state().settings.budget).toEqual({});
  });

  test("of a worker's models takes names with commas between them", async () => {
    await change(deskOver(written), "tiers.worker.model", "claude-haiku-5-5, claude-opus-5-5");
    expect(engine.state().settings.tiers.worker.models).toEqual(["claude-haiku-5-5", "claude-opus-5-5"]);
  });

  test("of a new model's price is whole or not at all", async () => {
    const desk = deskOver(written);
    const edit = (kind: string, typed: string) => ({ path: ["prices", "my.model", kind], text: typed });
    expect(await desk.fault([edit("input", "1")])).toContain("needs both input and output");
    await desk.change([edit("input", "1"), edit("output", "5")]);
    expect(engine.state().settings.prices["my.model"]).toMatchObject({ input: 1, output: 5 });
  });

  test("of what the command line set holds for this process, and leaves the file alone", async () => {
    const desk = deskOver(written, { workers: 2 }, [["workers.max", "option"]]);
    const result = await change(desk, "workers.max", "8");
    expect(result).toMatchObject({ isDone: true, message: expect.stringContaining("for this process only") });
    expect(engine.state().settings.workers.max).toBe(8);
    expect(text()).toBe(written);
  });
});

describe("what is refused changes nothing", () => {
  test.each([
    ["workers.max", "many", '"workers.max" is "many"; allowed is a whole number of 1 or more.'],
    ["workers.max", "0", '"workers.max" is 0; allowed is a whole number of 1 or more.'],
    ["gates.level", "some", '"gates.level" is "some"; allowed is "manual", "guarded" or "all".'],
    ["budget.run_usd", "-1", "allowed is an amount in US dollars, 0 or more"],
    ["tiers.worker.model", "unknown-model", 'the model "unknown-model" has no price'],
    ["provider.base_url", "http://127.0.0.1", "is not changed here"],
    ["provider.api_key_env", "OTHER", "is not changed here"],
    ["sandbox.network", "true", "is not changed here"],
    ["verify.command", "true", "is not changed here"],
    ["__proto__.polluted", "1", "is not changed here"],
  ])("%s = %s", async (key, typed, words) => {
    const desk = deskOver(written);
    expect(await fault(desk, key, typed)).toContain(words);
    expect(await change(desk, key, typed)).toMatchObject({ isDone: false, rejection: { code: "invalid" } });
    expect([text(), engine.dispatched]).toEqual([written, []]);
  });

  test("a file that somebody else has changed since it was accepted is not accepted by the way", async () => {
    const desk = deskOver(written);
    writeFileSync(path(), written.replace("1.0", "999.0"));
    const result = await change(desk, "workers.max", "6");
    expect(result).toMatchObject({
      isDone: false,
      rejection: { message: expect.stringContaining("no longer what you accepted") },
    });
    expect(text()).toContain("max = 4");
  });

  test("a hand edit of what needs no acceptance stays", async () => {
    const desk = deskOver(written);
    writeFileSync(
      path(),
      written.replace("# at night", "# always").replace("[budget]", "[review]\nqa = false\n\n[budget]"),
    );
    await change(desk, "workers.max", "6");
    expect(text()).toContain("max = 6 # always");
    expect(text()).toContain("qa = false");
  });

  test("a file that leads out of the project is not written", async () => {
    const outside = join(world.cwd, "outside.toml");
    writeFileSync(outside, "");
    symlinkSync(outside, path());
    const desk = deskOver(null);
    expect(await change(desk, "workers.max", "6")).toMatchObject({ isDone: false });
    expect(readFileSync(outside, "utf8")).toBe("");
    expect(existsSync(path())).toBe(true);
  });
});
