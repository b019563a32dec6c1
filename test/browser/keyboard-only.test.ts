/** The whole of a person's work by the keyboard alone, and where its focus stays while the page lives. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { BrowserContext, Page } from "playwright-core";
import { complaintsOf } from "../support/browser-scene.ts";
import { commandGate, openedGate, PageScene, untilTrue } from "../support/page-scene.ts";
import { planFacts, trackId } from "../support/sample-facts.ts";

const limitMs = 120_000;

let scene: PageScene;
let visitor: BrowserContext;

beforeAll(async () => {
  scene = await PageScene.start();
  visitor = await scene.visitor({ viewport: { width: 1280, height: 800 } });
  scene.engine.add(...planFacts(), {
    type: "ticket.blocked",
    ticketId: "T-001",
    trackId,
    reason: "The file is not there.",
  });
}, limitMs);

afterAll(async () => {
  await scene?.close();
}, limitMs);

test(
  "a goal is stated, its gate opened, edited and approved, the engine paused, a ticket found and retried",
  async () => {
    const page = await open("/");
    await press(page, "n");
    await page.keyboard.type("Say hello");
    await press(page, "Control+Enter");
    await page.locator(".epics li").nth(1).waitFor();
    scene.engine.add(commandGate("G-0001", "bun test"));
    await page.locator('[data-wait-key="1"]').waitFor();

    await press(page, "Escape", "1");
    await page.locator('[data-gate="G-0001"]:focus').waitFor();
    await press(page, "e", "Control+a");
    await page.keyboard.insertText("bun test --bail");
    await press(page, "Escape", "a");
    await page.locator('[data-gate="G-0001"] button[value="approve"]:focus').waitFor();
    await press(page, "Enter");
    await page.locator('[data-gate="G-0001"]').waitFor({ state: "detached" });

    await press(page, "p");
    await page.getByRole("button", { name: "Unpause" }).waitFor();

    await press(page, "Control+k");
    await page.getByRole("combobox").waitFor();
    await page.keyboard.type("t2");
    await page.locator('.palette-option[aria-selected="true"]', { hasText: "T-002" }).waitFor();
    await press(page, "Enter");
    await page.waitForURL("**/tickets/T-002");
    await page.locator('html[data-live="on"]').waitFor();

    await press(page, "/");
    await page.keyboard.type("retry t-001");
    await press(page, "Enter");
    await page.locator("#notice", { hasText: "T-001: done." }).waitFor();
    await page.close();

    expect(scene.engine.dispatched).toMatchObject([
      { type: "create_epic", goal: "Say hello" },
      { type: "approve_gate", gateId: "G-0001", payload: { command: "bun test --bail" } },
      { type: "pause_engine" },
      { type: "retry_ticket", ticketId: "T-001" },
    ]);
  },
  limitMs,
);

test(
  "the palette moves its choice by arrows, names it to a screen reader, and gives the focus back",
  async () => {
    const page = await open("/usage");
    await page.locator(".cost").focus();
    await press(page, "Control+k");
    const field = page.getByRole("combobox");
    await page.locator("#palette-option-1").waitFor();
    await press(page, "ArrowDown", "ArrowDown", "ArrowUp");
    expect(await field.getAttribute("aria-activedescendant")).toBe("palette-option-1");
    expect(await page.locator('[role="option"][aria-selected="true"]').getAttribute("id")).toBe("palette-option-1");
    await page.keyboard.type("zzzz nothing");
    await page.locator("#palette-count", { hasText: "Nothing is named like" }).waitFor();
    expect(await field.getAttribute("aria-expanded")).toBe("false");
    await press(page, "Escape");
    await page.locator(".cost:focus").waitFor();
    await press(page, "?");
    await page.getByRole("dialog", { name: "Keys" }).waitFor();
    await page.close();
  },
  limitMs,
);

test(
  "the focus stays on its control while its region is drawn twenty times",
  async () => {
    const page = await open("/");
    for (const selector of ["#pause-form button", "[data-track] a"]) {
      await page.locator(selector).first().focus();
      await page.evaluate("globalThis.focused = document.activeElement; 0");
      for (let round = 1; round <= 20; round += 1) {
        // Each changes the bar's count, the list of what waits and the track's own sentence.
        const gateId = `G-${selector.length}${round}`;
        scene.engine.add(openedGate(gateId, "checkpoint", { phase: gateId }));
        await page.locator(`[data-gate="${gateId}"]`).waitFor();
      }
      expect(await page.evaluate("document.activeElement === globalThis.focused && focused.isConnected")).toBe(true);
    }
    await page.close();
  },
  limitMs,
);

test(
  "back leads to where one was, scrolled as it was, and a link to a gate leads to its card",
  async () => {
    const page = await open("/gates");
    await page.evaluate("scrollTo(0, 900)");
    await press(page, "g", "u");
    await page.waitForURL("**/usage");
    await page.goBack();
    await untilTrue(page, "Math.abs(scrollY - 900) < 5");
    const last = page.locator(".gate").last();
    const id = await last.getAttribute("id");
    await page.goto(`${scene.origin}/gates#${id}`);
    await page.locator(`[id="${id}"]:focus`).waitFor();
    await page.close();
  },
  limitMs,
);

test(
  "the time line's slider goes back and forth in time by event, mark and phase, and back leads to where one began",
  async () => {
    const page = await visitor.newPage();
    const complaints = complaintsOf(page, scene.origin);
    await page.goto(`${scene.origin}/timeline?at=6&view=track:${trackId}`);
    const ticket = (status: string) => page.locator(`[data-ticket="T-001"][data-status="${status}"]`);
    await ticket("blocked").waitFor();
    await page.getByRole("slider", { name: "Position in the log" }).focus();
    await press(page, "ArrowLeft");
    await ticket("todo").waitFor();
    await press(page, "Shift+ArrowLeft");
    await page.locator('#time-now[data-position="3"]').waitFor();
    expect(await ticket("todo").count()).toBe(0);
    await press(page, "PageDown");
    await page.locator('#time-now[data-position="1"]').waitFor();
    await page.locator("#not-yet").waitFor();
    await press(page, "PageUp", "Shift+ArrowRight");
    await ticket("blocked").waitFor();
    await press(page, "ArrowLeft", "ArrowLeft");
    await page.locator('#time-now[data-position="4"]').waitFor();
    const slider = page.locator("#time-range:focus");
    expect(await slider.getAttribute("aria-valuetext")).toMatch(/^4, .*The ticket "Title of T-001" was made\.$/);
    expect(new URL(page.url()).searchParams.get("at")).toBe("4");
    while (new URL(page.url()).searchParams.get("at") !== "6") await page.goBack();
    await ticket("blocked").waitFor();
    expect(complaints).toEqual([]);
    await page.close();
  },
  limitMs,
);

async function open(path: string): Promise<Page> {
  const page = await visitor.newPage();
  await page.goto(scene.origin + path);
  await page.locator('html[data-live="on"]').waitFor();
  return page;
}

async function press(page: Page, ...keys: readonly string[]): Promise<void> {
  for (const key of keys) await page.keyboard.press(key);
}
