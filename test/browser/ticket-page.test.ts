/** A ticket's page in a real browser: folds stay as they are over a redraw, a folded file comes when it is opened, all text is one link away. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { BrowserContext, Page } from "playwright-core";
import { FakeEngine } from "../support/fake-engine.ts";
import { PageScene } from "../support/page-scene.ts";
import { attempt, check } from "../support/sample-builders.ts";
import { planFacts, trackId } from "../support/sample-facts.ts";

const limitMs = 120_000;
const ref = { ticketId: "T-001", trackId, attempt: 1 };
const lines = Array.from({ length: 3_000 }, (_, index) => `line ${index}`);
const added = Array.from({ length: 400 }, (_, index) => `+const value${index} = ${index};`).join("\n");
const diff = `diff --git a/a.ts b/a.ts
--- a/a.ts
+++ b/a.ts
@@ -1,1 +1,1 @@
-const a = 1;
+const a = 2;
diff --git a/big.ts b/big.ts
new file mode 100644
--- /dev/null
+++ b/big.ts
@@ -0,0 +1,400 @@
${added}
`;

let scene: PageScene;
let visitor: BrowserContext;

beforeAll(async () => {
  const engine = new FakeEngine();
  const red = check(ref, 1, `\u001b[31mred words\u001b[0m\n${lines.join("\n")}`);
  engine.add(...planFacts(), ...attempt(ref, "m"), red.type === "check.completed" ? { ...red, diff } : red);
  scene = await PageScene.start(engine);
  visitor = await scene.visitor();
}, limitMs);

afterAll(async () => {
  await scene?.close();
}, limitMs);

async function open(): Promise<Page> {
  const page = await visitor.newPage();
  await page.goto(`${scene.origin}/tickets/T-001`);
  await page.locator('html[data-live="on"]').waitFor();
  return page;
}

test(
  "a long output shows its ends in colours, and all of it on a page of its own",
  async () => {
    const page = await open();
    const shown = page.locator('[id^="check-"]').first();
    expect(await shown.locator(".ansi-1").first().textContent()).toBe("red words");
    expect(await shown.textContent()).not.toContain("line 1500");
    await shown.getByRole("link", { name: "Show all of it" }).click();
    await page.waitForURL("**/tickets/T-001/output?at=*");
    const whole = await page.locator("#part pre").textContent();
    expect(whole?.trim()).toBe(`red words\n${lines.join("\n")}`);
    await page.close();
  },
  limitMs,
);

test(
  "a folded file comes in colours when it is opened, and stays open and whole over a redraw",
  async () => {
    const page = await open();
    const file = page.locator("details", { has: page.locator("summary code", { hasText: /^big\.ts$/ }) }).last();
    expect(await file.locator(".hunks").count()).toBe(0);
    await file.locator("summary").click();
    await file.locator(".hljs-keyword").nth(399).waitFor();
    const prompt = page.locator("details", { hasText: "Prompt as proposed" }).last();
    await prompt.locator("summary").click();
    scene.engine.add({ type: "diagnosis.recorded", ...ref, agentId: "A-qa", text: "The value is wrong." });
    await page.locator("#attempts").getByText("The value is wrong.").waitFor();
    expect(await file.locator(".add").count()).toBe(400);
    expect(await prompt.evaluate((element) => element.hasAttribute("open"))).toBe(true);
    await page.close();
  },
  limitMs,
);

test(
  "without a script a folded file is a link away",
  async () => {
    const page = await visitor.newPage();
    const answer = await page.goto(`${scene.origin}/tickets/T-001`);
    const href = /href="([^"]*\/diff\?[^"]*)"/.exec((await answer?.text()) ?? "")?.[1] ?? "none";
    await page.goto(scene.origin + href.replaceAll("&amp;", "&"));
    expect(await page.locator(".hunks .add").count()).toBe(400);
    const missing = await page.goto(`${scene.origin}/tickets/T-002/output?at=1`);
    expect(missing?.status()).toBe(404);
    await page.close();
  },
  limitMs,
);
