/** Gate cards under the hand: when they take an answer, what stays where it is, and what is told of a card that was answered elsewhere. */
import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import type { BrowserContext, Locator, Page } from "playwright-core";
import { commandGate, PageScene } from "../support/page-scene.ts";

const limitMs = 90_000;

let scene: PageScene;
let visitor: BrowserContext;
let gateCount = 0;

beforeAll(async () => {
  scene = await PageScene.start();
  visitor = await scene.visitor({ viewport: { width: 1280, height: 900 } });
}, limitMs);

afterAll(async () => {
  await scene?.close();
}, limitMs);

beforeEach(() => {
  for (const { gateId, kind, status } of scene.engine.state().gates.values())
    if (status === "open") scene.engine.add({ type: "gate.withdrawn", gateId, kind, reason: "Another test." });
  scene.engine.dispatched.length = 0;
});

test(
  "a new card takes no answer, whatever sends its form, and takes one when it has stood still for half a second",
  async () => {
    const page = await open();
    // In the browser itself, so that nothing comes between the card's appearance and the first try.
    await page.evaluate(`globalThis.tries = ${triesUntilSent}; 0`);
    const [gateId = ""] = openGates(1);
    const { count, waitedMs } = await page.evaluate<{ count: number; waitedMs: number }>("tries");
    expect(count).toBeGreaterThan(5);
    expect(waitedMs).toBeGreaterThanOrEqual(500);
    await card(page, gateId).waitFor({ state: "detached" });
    expect(scene.engine.dispatched).toMatchObject([{ type: "approve_gate", gateId }]);
    await page.close();
  },
  limitMs,
);

test(
  "an answered card leaves its place, with what became of it, until the pointer is elsewhere",
  async () => {
    const page = await open();
    const [first = "", second = "", third = ""] = openGates(3);
    await card(page, third).waitFor();
    const before = await placesOf(page, [second, third]);
    await button(page, first, "Decline").click();
    await card(page, first).waitFor({ state: "detached" });
    const [fourth = ""] = openGates(1);
    await card(page, fourth).waitFor();
    expect(await placesOf(page, [second, third])).toEqual(before);
    expect(await gone(page, first).innerText()).toContain(`${first} · Run a command · declined at`);
    await page.mouse.move(640, 10);
    await gone(page, first).waitFor({ state: "detached" });
    expect((await placesOf(page, [second]))[0]).toBeLessThan(before[0] ?? 0);
    await page.close();
  },
  limitMs,
);

test(
  "a script that knows names alone answers a card far below the window",
  async () => {
    const page = await open();
    const gates = openGates(8);
    const last = gates.at(-1) ?? "";
    await card(page, last).waitFor();
    await button(page, last, "Approve").click();
    await card(page, last).waitFor({ state: "detached" });
    expect(scene.engine.dispatched).toMatchObject([{ type: "approve_gate", gateId: last }]);
    await page.close();
  },
  limitMs,
);

test(
  "no key but those for it answers a card, and the focus stays when the card has to wait again",
  async () => {
    const page = await open();
    const [gateId = "", next = ""] = openGates(2);
    await card(page, next).waitFor();
    for (const key of ["Enter", "Escape", "Space", "j", "Enter", "Escape", "Space"]) await page.keyboard.press(key);
    await page.keyboard.press("a");
    await page.locator(`[data-gate="${gateId}"] button.approve:focus`).waitFor();
    expect(scene.engine.dispatched).toEqual([]);
    await page.evaluate("document.querySelector('.page-title').append(document.createElement('br'), 'A second line')");
    await page.locator(`[data-gate="${gateId}"]:focus button.approve:disabled`).waitFor();
    await page.locator(`[data-gate="${gateId}"] button.approve:focus`).waitFor();
    await page.keyboard.press("Enter");
    await page.locator(`[data-gone="${gateId}"]:focus`).waitFor();
    await page.keyboard.press("j");
    await page.locator(`[data-gate="${next}"]:focus`).waitFor();
    await page.close();
  },
  limitMs,
);

test(
  "an answer that comes too late shows in the card's place what was decided, by whom and when, in both tabs",
  async () => {
    const deaf = await visitor.newPage();
    await deaf.route("**/live?*", (route) => route.abort());
    const [gateId = ""] = openGates(1);
    await deaf.goto(`${scene.origin}/gates`);
    const other = await open();
    await card(other, gateId).getByRole("textbox", { name: "Reason" }).fill("Not on a Friday.");
    await button(other, gateId, "Decline").click();
    await button(deaf, gateId, "Approve").click();
    for (const page of [other, deaf]) {
      const told = await gone(page, gateId).innerText();
      expect(told).toMatch(/declined at \d\d:\d\d:\d\d by a person: Not on a Friday\./);
      await page.close();
    }
    expect(scene.engine.state().gates.get(gateId)?.status).toBe("declined");
  },
  limitMs,
);

/** Sends the first card's form with every frame until it is let through; runs in the browser. */
const triesUntilSent = `new Promise((resolve) => {
  let count = 0;
  let shownMs = 0;
  const look = () => {
    const approve = document.querySelector(".gate button[value=approve]");
    if (!approve) return requestAnimationFrame(look);
    shownMs ||= performance.now();
    let isLetThrough = false;
    const note = () => { isLetThrough = true; };
    document.addEventListener("htmx:config:request", note, { once: true });
    approve.disabled = false;
    approve.form.requestSubmit(approve);
    document.removeEventListener("htmx:config:request", note);
    count += 1;
    if (isLetThrough) resolve({ count, waitedMs: performance.now() - shownMs });
    else requestAnimationFrame(look);
  };
  look();
})`;

async function open(): Promise<Page> {
  const page = await visitor.newPage();
  await page.goto(`${scene.origin}/gates`);
  await page.locator('html[data-live="on"]').waitFor();
  return page;
}

function openGates(count: number): readonly string[] {
  const ids = Array.from({ length: count }, () => {
    gateCount += 1;
    return `G-${gateCount}`;
  });
  scene.engine.add(...ids.map((gateId) => commandGate(gateId, `echo ${gateId}`)));
  return ids;
}

function card(page: Page, gateId: string): Locator {
  return page.locator(`[data-gate="${gateId}"]`);
}

function button(page: Page, gateId: string, name: "Approve" | "Decline"): Locator {
  return card(page, gateId).getByRole("button", { name });
}

function gone(page: Page, gateId: string): Locator {
  return page.locator(`[data-gone="${gateId}"]`);
}

/** Where cards stand in the document, in pixels: a click of the test's own may scroll the window first. */
async function placesOf(page: Page, gateIds: readonly string[]): Promise<readonly number[]> {
  const places = gateIds.map((gateId) =>
    card(page, gateId).evaluate((element) => {
      const document = element.ownerDocument.documentElement;
      return Math.round(element.getBoundingClientRect().top - document.getBoundingClientRect().top);
    }),
  );
  return await Promise.all(places);
}
