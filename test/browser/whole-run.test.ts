/** The seed documents' run, in a real browser: a goal is entered, every kind of gate is answered by hand, and it lands. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { BrowserContext, Locator, Page } from "playwright-core";
import { attack, browserScenario, slowWords } from "../support/browser-scenario.ts";
import { BrowserScene, complaintsOf } from "../support/browser-scene.ts";

const limitMs = 90_000;
const note = "Say it in English.";
const declineWords = "No need to look around.";

let scene: BrowserScene;
let visitor: BrowserContext;
let page: Page;
const complaints: string[][] = [];
const kinds = new Set<string>();
let early = "";

beforeAll(async () => {
  scene = await BrowserScene.start(browserScenario());
  visitor = await scene.visitor();
  page = await open("/");
}, limitMs);

afterAll(async () => {
  await scene?.close();
}, limitMs);

test(
  "a goal goes to landed code by hand, and tier 3's text is seen arriving",
  async () => {
    await page.getByLabel("Goal", { exact: true }).fill(`Greet people ${attack}`);
    await page.getByRole("button", { name: "Start", exact: true }).click();
    await answerEveryGate();
    expect(early).not.toBe("");
    expect(early).not.toContain(slowWords);
    expect([...kinds].sort()).toEqual(
      ["checkpoint", "command", "land", "merge", "spawn", "tickets", "tracks", "write"].sort(),
    );
    expect(await scene.repository.read("src/greeting.txt")).toBe("hello\n");
    expect(await scene.repository.read("NOTES.md")).toBe("signed\n");
  },
  limitMs,
);

test(
  "the track's page shows both tickets completed, and the usage table has figures of all four tiers",
  async () => {
    await page.locator("[data-track] a").first().click();
    for (const ticketId of ["T-001", "T-002"])
      await page.locator(`[data-ticket="${ticketId}"][data-status="completed"]`).waitFor();
    await page.goto(`${scene.origin}/usage`);
    for (const tier of [1, 2, 3, 4]) {
      const cells = await page.locator(`#usage-tiers [data-tier="${tier}"] td`).allInnerTexts();
      expect(Number(cells[4])).toBeGreaterThan(0);
      expect(cells[5]).toMatch(/^\$0\.\d*[1-9]/);
    }
  },
  limitMs,
);

test(
  "the ticket's page tells both attempts, the red check, its diagnosis, and which gates were edited or declined",
  async () => {
    await page.goto(`${scene.origin}/tickets/T-001`);
    const attempts = page.locator("#attempts");
    await attempts.getByRole("heading", { name: "Attempt 2" }).waitFor();
    await page.locator('[data-stream="Tier 3 (Worker): T-001"]').waitFor();
    const told = await attempts.innerText();
    expect(told).toContain("the greeting is wrong");
    expect(told).toContain("The file says hullo where the check wants hello.");
    expect(told).toContain("Prompt as edited by you");
    const decisions = await page.locator("#decisions").innerText();
    expect(decisions).toMatch(/spawn approved edited first/);
    expect(decisions).toContain(declineWords);
    expect(await page.locator(".stream-text").first().innerText()).toContain(declineWords);
  },
  limitMs,
);

test("no page took a model's or a person's text for markup, or asked anybody else for anything", async () => {
  for (const path of ["/", "/streams", "/gates", "/context", "/comms", "/events", "/settings"]) {
    await page.goto(scene.origin + path);
    await page.locator('html[data-live="on"]').waitFor();
    expect(await page.title()).not.toContain("owned");
    expect(await page.locator("main img, main script").count()).toBe(0);
  }
  expect(complaints.flat()).toEqual([]);
}, 120_000);

async function open(path: string): Promise<Page> {
  const opened = await visitor.newPage();
  complaints.push(complaintsOf(opened, scene.origin));
  await opened.goto(scene.origin + path);
  return opened;
}

/** Sees text that is there in part, and whole later, without the page having been loaded again. */
async function seeTextArrive(): Promise<void> {
  const text = page.locator('[data-stream="Tier 3 (Worker): T-001"] .stream-text');
  await text.filter({ hasText: slowWords.slice(0, 12) }).waitFor();
  early = await text.innerText();
  await text.filter({ hasText: slowWords }).waitFor();
}

async function answerEveryGate(): Promise<void> {
  const landed = page.locator("[data-track] .status-landed");
  for (;;) {
    await page.locator(".gate").or(landed).first().waitFor({ timeout: 60_000 });
    const gate = page.locator(".gate").first();
    if ((await page.locator(".gate").count()) === 0) return;
    const id = await gate.getAttribute("data-gate");
    const kind = (await gate.getAttribute("data-gate-kind")) ?? "";
    await answer(page.locator(`[data-gate="${id}"]`), kind);
    await page.locator(`[data-gate="${id}"]`).waitFor({ state: "detached" });
  }
}

/** Approves; but the first prompt is edited first, and the first command is declined. */
async function answer(gate: Locator, kind: string): Promise<void> {
  const isFirst = !kinds.has(kind);
  kinds.add(kind);
  const payload = gate.getByRole("textbox", { name: "Payload" });
  if (kind === "spawn" && isFirst) {
    const shown: { prompt: string } = JSON.parse(await payload.inputValue());
    await payload.fill(JSON.stringify({ ...shown, prompt: `${shown.prompt}\n\n${note}` }));
  }
  if (kind === "command" && isFirst) {
    await gate.getByRole("textbox", { name: "Reason" }).fill(declineWords);
    await gate.getByRole("button", { name: "Decline" }).click();
  } else await gate.getByRole("button", { name: "Approve" }).click();
  if (kind === "spawn" && isFirst) await seeTextArrive();
}
