/** A track's spec is changed in place while somebody changes the file by hand; the graph tells by focus why a ticket waits. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { BrowserContext } from "playwright-core";
import { PageScene } from "../support/page-scene.ts";
import { planFacts, trackId } from "../support/sample-facts.ts";

const limitMs = 120_000;
const started = "# Spec\n\none\n\ntwo <b>bold</b>\n\nthree\n";

let scene: PageScene;
let visitor: BrowserContext;

beforeAll(async () => {
  scene = await PageScene.start();
  visitor = await scene.visitor({ viewport: { width: 1280, height: 800 } });
  scene.engine.add(...planFacts());
  scene.engine.disk.put(trackId, "spec", started);
}, limitMs);

afterAll(async () => {
  await scene?.close();
}, limitMs);

const disk = () => scene.engine.disk.readDocument(trackId, "spec");

test(
  "an edit and a hand edit become one text; a clash is shown with both sides, resolved and saved",
  async () => {
    const page = await visitor.newPage();
    await page.goto(`${scene.origin}/tracks/${trackId}`);
    expect(await page.locator("#spec .document b").count()).toBe(0);
    await page.getByText("Edit spec.md").click();
    const box = page.getByLabel("Text of spec.md");
    await box.fill(started.replace("one", "mine"));
    scene.engine.disk.put(trackId, "spec", started.replace("three", "by hand"));
    await page.getByRole("button", { name: "Save spec.md" }).click();
    await page.getByText("together with what was changed on disk").waitFor();
    expect(disk()).toBe(started.replace("one", "mine").replace("three", "by hand"));

    const merged = disk() ?? "";
    await page.locator("#spec .document", { hasText: "by hand" }).waitFor();
    await box.fill(merged.replace("mine", "mine again"));
    scene.engine.disk.put(trackId, "spec", merged.replace("mine", "hand again"));
    await page.getByRole("button", { name: "Save spec.md" }).click();
    await page.getByText("1 place to resolve").waitFor();
    expect(await box.inputValue()).toContain("<<<<<<< yours\nmine again\n=======\nhand again\n>>>>>>> on disk");
    expect(disk()).toContain("hand again");
    await box.fill(merged.replace("mine", "both"));
    await page.getByRole("button", { name: "Save spec.md" }).click();
    await page.locator("#spec .document", { hasText: "both" }).waitFor();
    expect(disk()).toBe(merged.replace("mine", "both"));

    for (const [side, kept] of [
      ["mine", "mine at first"],
      ["what is on disk", "hand at last"],
    ] as const) {
      const before = disk() ?? "";
      const [line = ""] = /^.*(both|mine at first).*$/m.exec(before) ?? [];
      await page.locator("#spec .document", { hasText: line }).waitFor();
      await box.fill(before.replace(line, side === "mine" ? kept : "mine at last"));
      scene.engine.disk.put(trackId, "spec", before.replace(line, side === "mine" ? "hand at first" : kept));
      await page.getByRole("button", { name: "Save spec.md" }).click();
      await page.getByRole("button", { name: `Save with ${side} there` }).click();
      await page.locator("#spec .document", { hasText: kept }).waitFor();
      expect(disk()).toBe(before.replace(line, kept));
    }
    await page.close();
  },
  limitMs,
);

test(
  "a box of the graph says on focus what it waits for, and Escape puts the words away",
  async () => {
    const page = await visitor.newPage();
    await page.goto(`${scene.origin}/tracks/${trackId}`);
    await page.locator('.graph a[href="/tickets/T-002"]').focus();
    const tip = page.getByRole("tooltip");
    await tip.waitFor();
    expect(await tip.textContent()).toContain("Waits for T-001 (todo).");
    await page.keyboard.press("Escape");
    await tip.waitFor({ state: "hidden" });
    await page.close();
  },
  limitMs,
);

test(
  "the graph grows, shrinks and fits by key and by button, and stays so while it is drawn anew",
  async () => {
    const page = await visitor.newPage();
    await page.goto(`${scene.origin}/tracks/${trackId}`);
    await page.locator('html[data-live="on"]').waitFor();
    const widthOf = () => page.locator(".graph svg").evaluate((drawing) => drawing.getBoundingClientRect().width);
    const drawn = await widthOf();
    await page.locator(".graph").focus();
    await page.keyboard.press("+");
    expect(await widthOf()).toBeCloseTo(drawn * 1.5, 0);
    scene.engine.add({ type: "ticket.skipped", ticketId: "T-001", trackId, reason: "Not needed." });
    await page.locator(".graph .node-skipped").waitFor();
    expect(await widthOf()).toBeCloseTo(drawn * 1.5, 0);
    await page.getByRole("button", { name: "Smaller" }).click();
    await page.getByRole("button", { name: "Smaller" }).click();
    expect(await widthOf()).toBeCloseTo(drawn * 0.75, 0);
    await page.setViewportSize({ width: 390, height: 800 });
    await page.getByRole("button", { name: "Fit" }).click();
    expect(await widthOf()).toBeLessThanOrEqual(390);
    await page.close();
  },
  limitMs,
);
