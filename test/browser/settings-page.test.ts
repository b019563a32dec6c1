/** Settings in a browser: what is wrong is said while it is typed; a budget that is raised lets the one who waited go on. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { parseConfigFile } from "../../src/cli/config/config-file.ts";
import { toSettings } from "../../src/cli/config/load-config.ts";
import { SettingsDesk } from "../../src/cli/settings-desk.ts";
import { configPath } from "../../src/cli/trust.ts";
import { faultsOf } from "../support/axe.ts";
import { testWorld } from "../support/cli-world.ts";
import { FakeEngine } from "../support/fake-engine.ts";
import { openedGate, PageScene } from "../support/page-scene.ts";
import { randomUsage } from "../support/random-usage.ts";

const limitMs = 120_000;
const written = "# Ours.\n[budget]\nrun_usd = 0.5 # a first try\n";
const root = mkdtempSync(join(tmpdir(), "signalbox-settings-"));
const world = testWorld();
const engine = new FakeEngine();
let scene: PageScene;
let page: Page;

beforeAll(async () => {
  mkdirSync(join(root, "conductor"));
  writeFileSync(join(root, configPath), written);
  const accepted = parseConfigFile(written, configPath);
  engine.add(
    { type: "settings.applied", settings: toSettings(accepted) },
    openedGate("G-001", "budget", {
      limit: "runUsd",
      scopeId: "run",
      current: 0.5,
      spent: 0.4,
      needed: 0.2,
      raiseTo: 2,
    }),
  );
  engine.add(...randomUsage(5, 40));
  const sources = new Map<string, string>();
  const desk = new SettingsDesk({ root, engine, world, options: {}, sources, accepted, isRemembered: false });
  scene = await PageScene.start(engine, 0, { settingsEditor: desk, settingSources: sources });
  const visitor = await scene.visitor();
  page = await visitor.newPage();
  await page.goto(`${scene.origin}/settings`);
}, limitMs);

afterAll(async () => {
  await scene.close();
  world.remove();
  rmSync(root, { recursive: true, force: true });
});

const field = (key: string) => page.getByRole("textbox", { name: key, exact: true });

test(
  "a wrong value is said beside its field while it is typed, and what was typed outlives a redraw",
  async () => {
    await field("workers.max").fill("many");
    await page.getByText('"workers.max" is "many"; allowed is a whole number of 1 or more.').waitFor();
    engine.add({
      type: "settings.applied",
      settings: { ...engine.state().settings, review: { qa: false, techLead: true } },
    });
    await page.locator('[aria-label="review.qa"] option[value="false"][selected]').waitFor({ state: "attached" });
    expect(await field("workers.max").inputValue()).toBe("many");
    await field("workers.max").fill("5");
    await page.getByText("allowed is a whole number").waitFor({ state: "detached" });
    expect(engine.dispatched).toEqual([]);
  },
  limitMs,
);

test(
  "a raised budget is saved with Enter: an event, the file with its comment, and the question is taken back",
  async () => {
    await field("budget.run_usd").fill("3");
    await field("budget.run_usd").press("Enter");
    await page.getByText("budget.run_usd is 3 now").waitFor();
    await page.getByText("budget.run_usd from 0.5 to 3").waitFor();
    expect(engine.log.some((event) => event.type === "settings.applied" && event.by === "person")).toBe(true);
    expect(engine.state().gates.get("G-001")?.status).toBe("withdrawn");
    expect(readFileSync(join(root, configPath), "utf8")).toBe(written.replace("0.5", "3"));
  },
  limitMs,
);

test(
  "a field that was saved follows what another page saves",
  async () => {
    engine.add({ type: "settings.applied", settings: { ...engine.state().settings, budget: { runUsd: 7 } } });
    await page.locator('[aria-label="budget.run_usd"][value="7"]').waitFor();
    expect(await field("budget.run_usd").inputValue()).toBe("7");
  },
  limitMs,
);

test.each(["light", "dark"] as const)(
  "axe finds nothing wrong in the fields of the settings, in plots, in single calls, in %s",
  async (colorScheme) => {
    const visitor = await scene.visitor({ colorScheme });
    const found: string[] = [];
    for (const path of ["/settings", "/usage", "/usage?ticket=T-a1", "/events?ticket=T-a1"]) {
      const visited = await visitor.newPage();
      await visited.goto(`${scene.origin}${path}`);
      found.push(...(await faultsOf(visited)).map((fault) => `${path} ${fault}`));
      await visited.close();
    }
    expect(found).toEqual([]);
    await visitor.close();
  },
  limitMs,
);
