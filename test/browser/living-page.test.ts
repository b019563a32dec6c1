/** The page as people live with it: a server that restarts, two tabs, a keyboard alone, half-typed text, a phone, no script. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { BrowserContext, Page } from "playwright-core";
import { attack, browserScenario } from "../support/browser-scenario.ts";
import { BrowserScene } from "../support/browser-scene.ts";

const limitMs = 120_000;
const everyPage = ["/", "/streams", "/gates", "/usage", "/context", "/comms", "/events", "/settings"];

let scene: BrowserScene;
let visitor: BrowserContext;

beforeAll(async () => {
  scene = await BrowserScene.start(browserScenario(10_000));
  visitor = await scene.visitor();
}, limitMs);

afterAll(async () => {
  await scene?.close();
}, limitMs);

test(
  "a page comes back by itself after the server was restarted, and is never loaded again",
  async () => {
    const page = await open("/");
    await page.evaluate("globalThis.isSamePage = true");
    await scene.restart(async () => {
      await page.locator('html[data-live="off"]').waitFor();
    });
    await page.locator('html[data-live="on"]').waitFor();
    await enterGoal(page, "First");
    await page.locator('[data-gate-kind="tracks"]').first().waitFor();
    expect(await page.evaluate("globalThis.isSamePage")).toBe(true);
    await page.close();
  },
  limitMs,
);

test(
  "two tabs agree: one decides, the other heals, and an answer to a decided gate is told so",
  async () => {
    const deaf = await visitor.newPage();
    await deaf.route("**/live?*", (route) => route.abort());
    await deaf.goto(`${scene.origin}/gates`);
    const watching = await open("/gates");
    const deciding = await open("/gates");
    const gate = '[data-gate="G-0001"]';
    await watching.locator(gate).waitFor();
    await deciding.locator(gate).getByRole("textbox", { name: "Reason" }).fill("Too much.");
    await deciding.locator(gate).getByRole("button", { name: "Decline" }).click();
    await watching.locator(gate).waitFor({ state: "detached" });
    await deaf.bringToFront();
    await deaf.locator(gate).getByRole("button", { name: "Approve" }).click();
    await deaf
      .locator("#notice, .error")
      .filter({ hasText: /declined|answered|decided/ })
      .first()
      .waitFor();
    for (const page of [deaf, watching, deciding]) await page.close();
  },
  limitMs,
);

test(
  "text that is being typed into a payload stays while the page lives on around it",
  async () => {
    const page = await open("/");
    await enterGoal(page, "Second");
    const gate = page.locator(".gate").first();
    const payload = gate.getByRole("textbox", { name: "Payload" });
    await payload.fill('{"half": ');
    const count = await page.locator(".gate").count();
    await enterGoal(page, "Third");
    await page.locator(".gate").nth(count).waitFor();
    expect(await payload.inputValue()).toBe('{"half": ');
    await gate.getByRole("button", { name: "Approve" }).click();
    await gate.getByRole("alert").filter({ hasText: "not JSON" }).waitFor();
    expect(await payload.inputValue()).toBe('{"half": ');
    await page.close();
  },
  limitMs,
);

test(
  "the keyboard alone goes to the gates, shows its keys, and approves",
  async () => {
    const page = await open("/");
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keys" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog", { name: "Keys" }).waitFor({ state: "hidden" });
    await page.keyboard.press("g");
    await page.keyboard.press("g");
    await page.waitForURL("**/gates");
    await page.locator(".gate").nth(1).waitFor();
    const ids = await page.locator(".gate").evaluateAll((cards) => cards.map((card) => card.getAttribute("data-gate")));
    for (const key of ["j", "j", "k", "j"]) await page.keyboard.press(key);
    await page.locator(`[data-gate="${ids[1]}"]:focus`).waitFor();
    await page.keyboard.press("a");
    await page.locator(`[data-gate="${ids[1]}"] button.approve:focus`).waitFor();
    expect(await page.locator(`[data-gate="${ids[1]}"]`).count()).toBe(1);
    await page.keyboard.press("Enter");
    await page.locator(`[data-gate="${ids[1]}"]`).waitFor({ state: "detached" });
    await page.locator(`[data-gate="${ids[0]}"]`).waitFor();
    await page.close();
  },
  limitMs,
);

test(
  "a phone's width shows every page whole, with buttons that a thumb can hit",
  async () => {
    const phone = await scene.visitor({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
    const page = await phone.newPage();
    for (const path of [...everyPage, ...(await workPages())]) {
      await page.goto(scene.origin + path);
      expect([path, await page.evaluate("document.documentElement.scrollWidth")]).toEqual([path, 390]);
    }
    await page.goto(`${scene.origin}/gates`);
    const box = await page.getByRole("button", { name: "Approve" }).first().boundingBox();
    expect(box?.height).toBeGreaterThanOrEqual(36);
    await phone.close();
  },
  limitMs,
);

test(
  "without a script a token gets in by hand, and every page reads well",
  async () => {
    const plain = await scene.browser.newContext({ javaScriptEnabled: false });
    plain.setDefaultTimeout(60_000);
    const page = await plain.newPage();
    const address = new URL(await scene.freshUrl());
    await page.goto(address.href);
    await page.getByRole("textbox").fill(address.hash.slice("#k=".length));
    await page.getByRole("button").click();
    await page.getByLabel("Goal", { exact: true }).waitFor();
    for (const path of everyPage) {
      await page.goto(scene.origin + path);
      expect(await page.locator("main").innerText()).not.toBe("");
      await page.locator("h1").waitFor();
    }
    await page.goto(`${scene.origin}/gates`);
    expect(await page.locator(".gate").first().innerText()).toContain("Makes these tracks");
    await page.goto(`${scene.origin}/streams`);
    expect(await page.locator("main").innerText()).toContain(`One track is enough. ${attack}`);
    await plain.close();
  },
  limitMs,
);

async function open(path: string): Promise<Page> {
  const page = await visitor.newPage();
  await page.goto(scene.origin + path);
  await page.locator('html[data-live="on"]').waitFor();
  return page;
}

async function enterGoal(page: Page, goal: string): Promise<void> {
  const count = await page.locator(".gate").count();
  await page.getByLabel("Goal", { exact: true }).fill(goal);
  await page.getByRole("button", { name: "Start", exact: true }).click();
  await page.locator(".gate").nth(count).waitFor();
}

/** The page of a track, and of a ticket when there is one by now. */
async function workPages(): Promise<readonly string[]> {
  const page = await open("/");
  const links = await page.locator("[data-track] a").first().getAttribute("href");
  await page.close();
  return links === null ? [] : [links];
}
