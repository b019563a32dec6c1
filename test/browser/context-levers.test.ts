/** Pinning and evicting in a browser: by mouse and by keyboard alone, seen at once here and in another tab, with focus kept. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { BrowserContext } from "playwright-core";
import { faultsOf } from "../support/axe.ts";
import { complaintsOf } from "../support/browser-scene.ts";
import { ContextEngine, workerId } from "../support/context-engine.ts";
import { PageScene } from "../support/page-scene.ts";

const limitMs = 120_000;
const address = `/context?agent=${workerId}`;

let scene: PageScene;
let visitor: BrowserContext;

beforeAll(async () => {
  scene = await PageScene.start(new ContextEngine(4));
  visitor = await scene.visitor();
}, limitMs);

afterAll(async () => {
  await scene?.close();
}, limitMs);

async function open(path: string) {
  const page = await visitor.newPage();
  await page.goto(scene.origin + path);
  await page.locator('html[data-live="on"]').waitFor();
  return page;
}

test(
  "a piece is evicted by a click: its row says so in both tabs, the bar shrinks, and it can be restored by the keyboard",
  async () => {
    const page = await open(address);
    const other = await open(address);
    const complaints = complaintsOf(page, scene.origin);
    const row = page.locator("tr", { hasText: "result of read src/f1.ts" });
    const before = await page.locator("#context .context-bar").getAttribute("aria-label");
    await page.getByRole("button", { name: "Evict result of read src/f1.ts" }).click();
    await row.getByText("✕ evicted").waitFor();
    await other.locator("tr", { hasText: "result of read src/f1.ts" }).getByText("✕ evicted").waitFor();
    expect(await page.locator("#context .context-bar").getAttribute("aria-label")).not.toBe(before);
    await page.getByRole("button", { name: "Restore result of read src/f1.ts" }).focus();
    await page.keyboard.press("Enter");
    await row.getByText("✔ sent").waitFor();
    await row.locator("button:focus").waitFor();
    expect(await page.locator("#context .context-bar").getAttribute("aria-label")).toBe(before);
    await page.getByRole("button", { name: "Pin result of read src/f2.ts" }).click();
    await page.locator("tr", { hasText: "result of read src/f2.ts" }).getByText("◆ pinned").waitFor();
    expect(await page.locator(".trim-list").innerText()).not.toContain("src/f2.ts");
    expect(complaints).toEqual([]);
    await page.close();
    await other.close();
  },
  limitMs,
);

test(
  "neither page has a serious fault for assistive technology, in light or in dark",
  async () => {
    const page = await open(address);
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      for (const path of [address, "/context", `${address}&view=request`, "/comms", "/comms?call=C-00002"]) {
        await page.goto(scene.origin + path);
        expect(await faultsOf(page)).toEqual([]);
      }
    }
    await page.close();
  },
  limitMs,
);
