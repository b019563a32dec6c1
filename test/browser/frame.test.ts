/** The frame around the pages: its bar, its title, what it says aloud, and what it says when the server or the login is gone. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { BrowserContext, Page } from "playwright-core";
import { commandGate, PageScene, untilTrue } from "../support/page-scene.ts";
import { callFacts, planFacts } from "../support/sample-facts.ts";

const limitMs = 90_000;

let scene: PageScene;
let visitor: BrowserContext;
let gateCount = 0;

beforeAll(async () => {
  scene = await PageScene.start();
  visitor = await scene.visitor({ viewport: { width: 1280, height: 800 } });
  scene.engine.add(...planFacts());
}, limitMs);

afterAll(async () => {
  await scene?.close();
}, limitMs);

test(
  "a batch of gates is said once, in one sentence, and stands in the title",
  async () => {
    const page = await open("/usage");
    await page.evaluate(`globalThis.said = [];
      new MutationObserver(() => said.push(document.getElementById("announcer").textContent))
        .observe(document.getElementById("announcer"), { childList: true, characterData: true, subtree: true }); 0`);
    for (let round = 0; round < 5; round += 1) {
      openGates(1);
      await page.locator(`[data-open-gates="${gateCount}"]`).waitFor();
    }
    await untilTrue(page, "said.length > 0");
    expect(await page.evaluate("said")).toEqual([`${gateCount} gates wait for you.`]);
    expect(await page.title()).toStartWith(`(${gateCount}) Usage`);
    await page.close();
  },
  limitMs,
);

test(
  "a page that nobody sees still counts in its title, and tells of a batch once where a person has asked for it",
  async () => {
    const page = await visitor.newPage();
    await page.addInitScript(`globalThis.shown = [];
      globalThis.Notification = class extends EventTarget {
        static permission = "default";
        static requestPermission() { return Promise.resolve(Notification.permission = "granted"); }
        constructor(title, options) { super(); shown.push({ title, ...options, notification: this }); }
        close() {}
      };`);
    await page.goto(`${scene.origin}/gates`);
    await page.locator('html[data-live="on"]').waitFor();
    await page.getByRole("button", { name: "Desktop notifications" }).click();
    await page.locator('#notify[aria-pressed="true"]').waitFor();
    await page.evaluate(`for (const [name, value] of [["hidden", true], ["visibilityState", "hidden"]])
      Object.defineProperty(document, name, { configurable: true, get: () => value });
      document.dispatchEvent(new Event("visibilitychange")); 0`);
    await untilTrue(
      page,
      "navigator.locks.query().then(({ held }) => held.some((lock) => lock.name.endsWith('listener')))",
    );
    openGates(3);
    await untilTrue(page, "shown.length > 0");
    const shown = await page.evaluate("shown.map(({ title, body, silent }) => ({ title, body, silent }))");
    expect(shown).toEqual([
      {
        title: `sample: ${gateCount} gates wait for you`,
        body: `Run echo G-${gateCount} for this project`,
        silent: true,
      },
    ]);
    expect(await page.title()).toStartWith(`(${gateCount}) `);
    await page.evaluate("shown[0].notification.dispatchEvent(new Event('click')); 0");
    await untilTrue(page, "location.hash !== '' || document.activeElement.matches('.gate')");
    await page.close();
  },
  limitMs,
);

test(
  "a server that is gone is told, for long with since when, and a page is live again by itself",
  async () => {
    const page = await visitor.newPage();
    await page.clock.install();
    await page.goto(`${scene.origin}/usage`);
    await page.locator('html[data-live="on"]').waitFor();
    await scene.restart(async () => {
      await page.locator('#connection[data-words="reconnecting"]').waitFor();
      await page.clock.fastForward(11_000);
      await page.locator('#connection[data-words^="off since "]').waitFor();
    });
    await page.clock.fastForward(10_000);
    await page.locator('#connection[data-words="live"]').waitFor();
    await page.close();
  },
  limitMs,
);

test(
  "a page whose login has ended says how to get in, and goes on once somebody has",
  async () => {
    const other = await scene.visitor();
    const page = await other.newPage();
    await page.goto(`${scene.origin}/usage`);
    await page.locator('html[data-live="on"]').waitFor();
    await other.clearCookies();
    await page.getByRole("button", { name: "Pause" }).click();
    await page.getByRole("alert").filter({ hasText: "signalbox url" }).waitFor();
    await scene.restart(async () => undefined);
    await page.locator('#connection[data-words="logged out"]').waitFor();
    const again = await other.newPage();
    await again.goto(scene.server.freshUrl());
    await again.locator("#main").waitFor();
    await again.close();
    await page.locator('html[data-live="on"]').waitFor();
    await page.getByRole("button", { name: "Pause" }).click();
    await page.getByRole("button", { name: "Unpause" }).click();
    await other.close();
  },
  limitMs,
);

test(
  "the bar is one line at 1280 pixels and moves nothing, whatever it says",
  async () => {
    const page = await open("/usage");
    const before = await placesInBar(page);
    openGates(123);
    scene.engine.add(...callFacts({ role: "worker", agentId: "A-1", callId: "C-1", costUsd: 1234.56 }));
    scene.engine.add(...callFacts({ role: "worker", agentId: "A-2", callId: "C-2", costUsd: null }));
    scene.engine.add({ type: "engine.paused", by: "person" });
    await page.locator(".cost", { hasText: "≥ $1234.56" }).waitFor();
    await page.locator(".working", { hasText: "paused" }).waitFor();
    const after = await placesInBar(page);
    // A letter's width may be a broken number of pixels.
    expect(after.filter((place, index) => Math.abs(place - (before[index] ?? 0)) > 1)).toEqual([]);
    expect(after.length).toBe(before.length);
    expect((await page.locator(".bar").boundingBox())?.height).toBeLessThan(50);
    scene.engine.add({ type: "engine.unpaused", by: "person" });
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

function openGates(count: number): readonly string[] {
  const ids = Array.from({ length: count }, () => {
    gateCount += 1;
    return `G-${gateCount}`;
  });
  scene.engine.add(...ids.map((gateId) => commandGate(gateId, `echo ${gateId}`)));
  return ids;
}

/** Where everything in the bar begins, from the left and the top, and the page's title below it. */
async function placesInBar(page: Page): Promise<readonly number[]> {
  return await page.evaluate(`[...document.querySelectorAll(".bar *:not(svg *, .hidden, input), .page-title")]
    .map((element) => element.getBoundingClientRect())
    .flatMap((box) => [box.left, box.top])`);
}
