/** Every page by axe, in light and dark; and at the width that four times the size leaves. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { BrowserContext } from "playwright-core";
import { colourRules, faultsOf } from "../support/axe.ts";
import { everyPage, fullEngine } from "../support/every-page.ts";
import { PageScene } from "../support/page-scene.ts";

const limitMs = 240_000;

let scene: PageScene;
let visitor: BrowserContext;

beforeAll(async () => {
  scene = await PageScene.start(fullEngine());
  visitor = await scene.visitor({ viewport: { width: 1280, height: 800 } });
}, limitMs);

afterAll(async () => {
  await scene?.close();
}, limitMs);

test(
  "axe finds nothing wrong on any page, in light and in dark",
  async () => {
    const page = await visitor.newPage();
    const found: string[] = [];
    for (const path of everyPage(scene.engine)) {
      await page.goto(scene.origin + path);
      for (const [colorScheme, rules] of [["light"], ["dark", colourRules]] as const) {
        await page.emulateMedia({ colorScheme });
        found.push(...(await faultsOf(page, rules)).map((fault) => `${path} ${colorScheme} ${fault}`));
      }
    }
    await page.close();
    expect(found).toEqual([]);
  },
  limitMs,
);

test(
  "axe finds nothing wrong on the page that asks who one is",
  async () => {
    const stranger = await scene.browser.newContext();
    const page = await stranger.newPage();
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      await page.goto(`${scene.origin}/login`);
      expect(await faultsOf(page)).toEqual([]);
    }
    await stranger.close();
  },
  limitMs,
);

test(
  "at 320 pixels, four times the size of 1280, no page is wider than the window",
  async () => {
    const page = await visitor.newPage();
    await page.setViewportSize({ width: 320, height: 640 });
    const wide: string[] = [];
    for (const path of everyPage(scene.engine)) {
      await page.goto(scene.origin + path);
      const width = await page.evaluate("document.documentElement.scrollWidth");
      if (width !== 320) wide.push(`${path} is ${width} wide`);
    }
    await page.close();
    expect(wide).toEqual([]);
  },
  limitMs,
);
