/** A plan that is changed on the page of its track: by keyboard, with what a change would do before it is made. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { BrowserContext, Page } from "playwright-core";
import { PageScene } from "../support/page-scene.ts";
import { sampleEngine } from "../support/sample-state.ts";

const limitMs = 120_000;
const trackId = "duration_parsing_20261123";

let scene: PageScene;
let visitor: BrowserContext;

beforeAll(async () => {
  scene = await PageScene.start(sampleEngine());
  visitor = await scene.visitor({ viewport: { width: 1280, height: 900 } });
}, limitMs);

afterAll(async () => {
  await scene?.close();
}, limitMs);

async function open(query: string): Promise<Page> {
  const page = await visitor.newPage();
  await page.goto(`${scene.origin}/tracks/${trackId}${query}`);
  await page.locator('html[data-live="on"]').waitFor();
  return page;
}

function ticketOf(ticketId: string) {
  return scene.engine.state().tickets.get(ticketId);
}

test(
  "an edit is previewed, what was typed outlives a live update, and it is applied as it was shown",
  async () => {
    const page = await open("?change=edit&ticket=T-002");
    await page.getByLabel("Description").fill("Do it in another way.");
    await page.getByRole("button", { name: "Preview" }).press("Enter");
    const effect = page.locator('[data-consequence="T-002"]');
    await effect.waitFor();
    expect(await effect.getAttribute("data-kind")).toBe("rerun");
    expect(await effect.innerText()).toContain("Attempt 1 is ended: its work is kept");
    expect(ticketOf("T-002")?.attempts).toHaveLength(1);
    scene.engine.dispatch({ type: "edit_ticket", ticketId: "T-005", changes: { priority: "low" } });
    await page.locator("#plan-row-T-005", { hasText: "low" }).waitFor();
    expect(await page.getByLabel("Description").inputValue()).toBe("Do it in another way.");
    expect(await effect.isVisible()).toBe(true);
    await page.getByRole("button", { name: "Apply" }).press("Enter");
    await page.getByRole("heading", { name: "T-002 is saved." }).waitFor();
    expect(ticketOf("T-002")).toMatchObject({ description: "Do it in another way.", stage: { name: "todo" } });
    expect(ticketOf("T-002")?.attempts.at(-1)?.failure).toMatchObject({ cause: "interrupted", code: "edited" });
    await page.close();
  },
  limitMs,
);

test(
  "a cycle is refused by its name, and nothing is changed",
  async () => {
    const page = await open("?change=edit&ticket=T-003");
    await page.getByLabel("Needs, one ticket a line").fill("T-005");
    await page.getByRole("button", { name: "Apply" }).press("Enter");
    const fault = page.getByRole("alert").filter({ hasText: "cycle" });
    await fault.waitFor();
    expect(await fault.innerText()).toBe("The dependencies would form a cycle: T-003 → T-005 → T-004 → T-003.");
    expect(ticketOf("T-003")?.dependsOn).toEqual(["T-001"]);
    await page.close();
  },
  limitMs,
);

test(
  "a change that would do something else by now is shown again before it is made",
  async () => {
    const page = await open("?change=skip&ticket=T-004");
    await page.getByRole("button", { name: "Preview" }).press("Enter");
    await page.locator('[data-consequence="T-004"]').waitFor();
    const parts = [{ title: "One" }, { title: "Two" }];
    scene.engine.dispatch({ type: "split_ticket", ticketId: "T-005", parts, isChained: false });
    await page.getByRole("button", { name: "Skip the ticket" }).press("Enter");
    await page.getByRole("alert").filter({ hasText: "is not what the preview was made of" }).waitFor();
    expect(ticketOf("T-004")?.stage.name).toBe("todo");
    await page.getByRole("button", { name: "Skip the ticket" }).press("Enter");
    await page.getByRole("heading", { name: "T-004 is skipped." }).waitFor();
    await page.close();
  },
  limitMs,
);

test(
  "the levers of the order put a ticket up and down again, and keep the focus",
  async () => {
    const page = await open("?change=order");
    const order = () => scene.engine.state().tracks.get(trackId)?.ticketIds.indexOf("T-003");
    const before = order() ?? 0;
    const up = page.getByRole("button", { name: "Move T-003 up" });
    await up.focus();
    await page.keyboard.press("Enter");
    await page.locator("tbody tr").first().filter({ hasText: "T-003" }).waitFor();
    expect(order()).toBe(before - 1);
    expect(await page.evaluate("document.activeElement.id")).toBe("up-T-003");
    await page.getByRole("button", { name: "Move T-003 down" }).press("Enter");
    await page.locator("tbody tr").first().filter({ hasText: "T-002" }).waitFor();
    expect(order()).toBe(before);
    await page.close();
  },
  limitMs,
);
