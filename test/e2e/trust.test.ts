/** A project's own config that its user has not accepted: the page asks, and nothing runs before; no other command runs it either. */
import { afterAll, describe, expect, test } from "bun:test";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { makeSite, removeSites, type Site } from "../support/e2e-project.ts";
import { Served } from "../support/e2e-server.ts";
import { crew, ticketPlan, trackPlan } from "../support/foreign-crew.ts";

afterAll(removeSites);

const tracks = [trackPlan("alpha", [ticketPlan("ant")])];
const marker = 'command = "touch ran-the-check"';
const runAll = ["--epic", "Reach the goal", "--approve", "all"] as const;

async function strangeSite(more: Readonly<Record<string, string>> = {}): Promise<Site> {
  return await makeSite(crew(tracks, {}), { config: { verify: marker, ...more } });
}

async function rewrite(site: Site, from: string, to: string): Promise<void> {
  const toml = await site.repository.read("conductor/signalbox.toml");
  await site.repository.write({ "conductor/signalbox.toml": toml.replace(from, to) });
}

const pages = ["/", "/streams", "/gates", "/usage", "/context", "/comms", "/events", "/settings"];

describe.concurrent("a page of a project whose config is a stranger's", () => {
  test("asks, runs nothing, and goes on in the same process once it is accepted", async () => {
    const site = await strangeSite({ gates: 'allow = ["echo \\u202e hi"]' });
    const served = await Served.of(site, ["serve"]);
    const { isTrusted, trust } = await served.get("/api/state");
    expect(isTrusted).toBe(false);
    expect(trust).toMatchObject({ path: "conductor/signalbox.toml", fault: null });
    expect(trust.text).toContain("touch ran-the-check");
    expect(trust.text).not.toContain("[tiers");
    for (const path of pages) {
      const html = String((await served.send("GET", path)).body);
      expect(html).toContain("touch ran-the-check");
      expect(html).toContain("⟨U+202E⟩");
      expect(html).toContain(`value="${trust.hash}"`);
    }
    const early = await served.send("POST", "/api/epics", { goal: "Reach the goal" });
    expect(early.status).toBe(409);
    expect(early.body.error.message).toContain("accept");
    expect((await served.send("PATCH", "/api/engine", { isPaused: true })).status).toBe(409);
    expect((await served.send("POST", "/api/trust", { hash: "0".repeat(64) })).status).toBe(409);
    expect((await served.send("POST", "/api/trust", { hash: trust.hash }, { authorization: "" })).status).toBe(401);
    expect(site.provider.answered).toHaveLength(0);

    await rewrite(site, "touch ran-the-check", "touch ran-another");
    const stale = await served.send("POST", "/api/trust", { hash: trust.hash });
    expect([stale.status, stale.body.error.code]).toEqual([409, "stale"]);
    const now = (await served.get("/api/trust")).trust;
    expect(now.text).toContain("ran-another");

    const feed = await served.feed();
    const yes = await served.send("POST", "/api/trust", { hash: now.hash });
    expect([yes.status, yes.body.isTrusted]).toEqual([200, true]);
    expect((await served.send("POST", "/api/trust", { hash: now.hash })).status).toBe(409);
    await rewrite(site, "touch ran-another", "touch ran-the-check");
    expect((await served.send("POST", "/api/epics", { goal: "Reach the goal" })).status).toBe(201);
    await served.decide(await served.gate(feed, "tracks"));
    await served.decide(await served.gate(feed, "tickets"));
    await served.decide(await served.gate(feed, "spawn"));
    const checked = await feed.event(({ type }) => type === "check.started");
    // The file has changed since; the running engine's settings have not.
    expect(checked.command).toBe("touch ran-another");
    await feed.close();
    served.process.kill("SIGINT");
    expect((await served.process.finished).exitCode).toBe(130);
    const trusted = join(site.home, ".config/signalbox/trusted.json");
    expect(readFileSync(trusted, "utf8")).toContain(now.hash);
    expect(statSync(trusted).mode & 0o777).toBe(0o600);
  });

  test("ends with exit 2 and words when it is refused, and nothing was called", async () => {
    const site = await strangeSite();
    const served = await Served.of(site, ["serve"]);
    const { trust } = await served.get("/api/trust");
    const no = await served.send("POST", "/api/trust", { hash: trust.hash, decision: "refuse" });
    expect(no.status).toBe(200);
    const { exitCode, err } = await served.process.finished;
    expect(exitCode).toBe(2);
    expect(err).toContain("--trust");
    expect(site.provider.answered).toHaveLength(0);
    expect(existsSync(join(site.home, ".config/signalbox/trusted.json"))).toBe(false);
  });

  test("holds a run with the page back until then, and takes Ctrl-C meanwhile", async () => {
    const site = await strangeSite();
    const first = await Served.of(site, ["run", ...runAll, "--serve"]);
    first.process.kill("SIGINT");
    expect((await first.process.finished).exitCode).toBe(130);
    const served = await Served.of(site, ["run", ...runAll, "--serve"]);
    expect((await served.send("POST", "/api/epics", { goal: "Another" })).status).toBe(409);
    expect(site.provider.answered).toHaveLength(0);
    const { trust } = await served.get("/api/trust");
    expect((await served.send("POST", "/api/trust", { hash: trust.hash })).status).toBe(200);
    const { exitCode, lines } = await served.process.finished;
    expect(exitCode).toBe(0);
    expect(lines.at(-1)).toMatchObject({ type: "summary", outcome: "done" });
    // Accepted is accepted: the next one asks nothing.
    expect((await site.run(["resume", "--approve", "all"])).exitCode).toBe(0);
  });

  test("says why a broken file cannot be accepted", async () => {
    const site = await strangeSite();
    const served = await Served.of(site, ["serve"]);
    const { trust } = await served.get("/api/trust");
    await rewrite(site, marker, "command = = 1");
    expect((await served.send("POST", "/api/trust", { hash: trust.hash })).status).toBe(409);
    const now = (await served.get("/api/trust")).trust;
    expect(now.fault).toContain("not valid TOML");
    expect(String((await served.send("GET", "/")).body)).toContain("not valid TOML");
    served.process.kill("SIGKILL");
    await served.process.finished;
  });
});

/** Every command that is not given the page, and how it ends; null where that depends on the machine. */
const others: readonly (readonly [args: readonly string[], exitCode: number | null])[] = [
  [["plan", "Reach the goal"], 2],
  [["run", ...runAll], 2],
  [["resume"], 2],
  [["doctor"], null],
  [["status"], 0],
  [["gates"], 0],
  [["gates", "approve", "G-1"], 1],
  [["gates", "decline", "G-1", "--reason", "no"], 1],
  [["pause"], 0],
  [["unpause"], 0],
  [["cancel", "T-001"], 1],
  [["retry", "T-001"], 1],
  [["skip", "T-001"], 1],
  [["log"], 0],
  [["comms"], 0],
  [["usage"], 0],
  [["context", "Tier 3 (Worker): T-001"], 1],
  [["url"], 1],
  [["record", "cassette.json", "run", ...runAll], null],
  [["replay", "cassette.json"], null],
  [["init", "--yes"], 0],
  // Not even `init`, which found the file there already, has accepted it.
  [["run", ...runAll], 2],
];

test("without a page, nothing of a stranger's config takes effect, whatever the command", async () => {
  const site = await strangeSite();
  for (const [args, exitCode] of others) {
    const run = await site.run(args);
    expect([args, exitCode === null ? null : run.exitCode]).toEqual([args, exitCode]);
    expect([args, site.provider.answered.length]).toEqual([args, 0]);
    expect([args, existsSync(join(site.repository.root, "ran-the-check"))]).toEqual([args, false]);
  }
});

test("init accepts what it writes itself", async () => {
  const site = await strangeSite();
  const { repository } = site;
  await Bun.file(join(repository.root, "conductor/signalbox.toml")).delete();
  expect((await site.run(["init", "--yes"])).exitCode).toBe(0);
  expect(existsSync(join(repository.root, "conductor/signalbox.toml"))).toBe(true);
  const env = { ANTHROPIC_API_KEY: "sk-test-any-key", ANTHROPIC_BASE_URL: site.provider.url };
  const run = await site.run(["run", ...runAll], { env });
  expect(run.err).not.toContain("--trust");
  expect(site.provider.answered.length).toBeGreaterThan(0);
});
