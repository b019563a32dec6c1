/** The doctor's look at a stranger's project: it asks no endpoint until the config is accepted. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { examine, type Finding } from "../../src/cli/examine.ts";
import type { OptionValues } from "../../src/cli/option-table.ts";
import { runGit } from "../../src/workspace/git.ts";
import { type TestWorld, testWorld } from "../support/cli-world.ts";

const identity = ["-c", "user.name=T", "-c", "user.email=t@localhost"];

let world: TestWorld;
let keys: (string | null)[];
let endpoint: ReturnType<typeof Bun.serve>;
beforeEach(async () => {
  world = testWorld({ env: { ANTHROPIC_API_KEY: "sk-mine" } });
  keys = [];
  endpoint = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: (request) => {
      keys.push(request.headers.get("x-api-key"));
      return new Response("{}", { status: request.headers.has("x-api-key") ? 200 : 401 });
    },
  });
  mkdirSync(join(world.cwd, "conductor"));
  writeConfig(`[provider]\nbase_url = "${endpoint.url.origin}"\n`);
  await runGit(world.cwd, ["init", "--quiet"]);
  await runGit(world.cwd, [...identity, "commit", "--quiet", "--allow-empty", "--message", "Start"]);
});
afterEach(async () => {
  await endpoint.stop(true);
  world.remove();
});

function writeConfig(text: string): void {
  writeFileSync(join(world.cwd, "conductor", "signalbox.toml"), text);
}

async function providerFinding(options: OptionValues = {}): Promise<Finding | undefined> {
  const findings = await examine({ port: 0, "unsafe-no-sandbox": true, ...options }, world);
  return findings.find((finding) => finding.name === "provider default");
}

describe("the doctor", () => {
  test("asks nothing where a config points that nobody has accepted", async () => {
    const finding = await providerFinding();
    expect(keys).toEqual([]);
    expect(finding?.status).toBe("warning");
    expect(finding?.found).toContain("was not asked");
  });

  test("sends the key once the config is accepted", async () => {
    expect(await providerFinding({ trust: true })).toMatchObject({ status: "ok" });
    expect(keys).toEqual(["sk-mine"]);
  });

  test("tells what the sandbox sees to, and what it does not", async () => {
    const findings = await examine({ port: 0, "unsafe-no-sandbox": true }, world);
    const sandbox = findings.find((finding) => finding.name === "sandbox");
    expect(sandbox?.status).toBe("warning");
    expect(sandbox?.notEnforced?.join(" ")).toContain("The network is open.");
    expect(sandbox?.enforced?.length).toBeGreaterThan(1);
  });

  test("says that the check's program is not there", async () => {
    const look = async (command: string) => {
      writeConfig(`[verify]\ncommand = '${command}'\n`);
      const findings = await examine({ port: 0, "unsafe-no-sandbox": true }, world);
      return findings.find((finding) => finding.name === "check")?.status;
    };
    expect(await look("no-such-program --all")).toBe("warning");
    expect(await look("git --version && make")).toBe("ok");
    expect(await look("CI=1 no-such-program")).toBe("ok");
    expect(await look("cd app && npm test")).toBe("ok");
  });

  test("says why an endpoint does not answer", async () => {
    await endpoint.stop(true);
    const finding = await providerFinding({ trust: true });
    expect(finding).toMatchObject({ status: "missing" });
    expect(finding?.found).toMatch(/does not answer.*(connect|refused)/i);
  });
});
