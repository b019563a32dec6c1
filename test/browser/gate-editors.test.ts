/** Gate cards edited, answered together, and turned into rules, by hand in a browser. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { BrowserContext, Page } from "playwright-core";
import { applied, gate, preparedTrack, ticket, trackId } from "../support/facts.ts";
import { PageScene } from "../support/page-scene.ts";

const limitMs = 90_000;
const sandbox = { tier: "bubblewrap", network: false, writes: "worktree", processes: 9, memoryBytes: 9 };

let scene: PageScene;
let visitor: BrowserContext;

beforeAll(async () => {
  scene = await PageScene.start();
  scene.engine.add(applied({ gates: { level: "guarded", allow: [] } }), ...preparedTrack());
  for (const ticketId of ["T-001", "T-002"]) scene.engine.add(ticket(ticketId));
  visitor = await scene.visitor({ viewport: { width: 1280, height: 900 } });
}, limitMs);

afterAll(async () => {
  await scene?.close();
}, limitMs);

function ask(gateId: string, command: string, ticketId = "T-001"): void {
  const payload = { command, cwd: `worktrees/${ticketId}`, sandbox };
  scene.engine.dispatched.length = 0;
  scene.engine.add(gate(gateId, "command", payload, { ticketId }));
}

async function open(): Promise<Page> {
  const page = await visitor.newPage();
  await page.goto(`${scene.origin}/gates`);
  await page.locator('html[data-live="on"]').waitFor();
  return page;
}

test(
  "a field is put into the JSON and the JSON into the field, and what differs stands there before the answer",
  async () => {
    ask("G-1", "bun test a");
    const page = await open();
    const card = page.locator('[data-gate="G-1"]');
    const [field, json] = ["Command", "Payload"].map((name) => card.getByRole("textbox", { name }));
    await field?.fill("bun test b");
    await card.locator("ins", { hasText: "b" }).waitFor();
    expect(await json?.inputValue()).toContain('"command": "bun test b"');
    await json?.fill('{"command":"ls","cwd":"worktrees/T-001"}');
    await card.locator("ins", { hasText: "ls" }).waitFor();
    expect(await card.getByRole("textbox", { name: "Command" }).inputValue()).toBe("ls");
    await card.getByRole("button", { name: "Approve" }).click();
    await card.waitFor({ state: "detached" });
    expect(scene.engine.dispatched).toMatchObject([{ type: "approve_gate", payload: { command: "ls" } }]);
    await page.close();
  },
  limitMs,
);

test(
  "a tick gives the same answer to what asks the same, and a rule shows what it would do before it is saved and revoked",
  async () => {
    ask("G-2", "bun test c");
    ask("G-3", "bun test c", "T-002");
    const page = await open();
    const head = page.locator('[data-gate="G-2"]');
    await head.getByRole("checkbox").check();
    await head.getByRole("button", { name: "Decline" }).click();
    await page.locator('[data-gate="G-3"]').waitFor({ state: "detached" });
    expect(scene.engine.dispatched.map(({ type }) => type)).toEqual(["decline_gate", "decline_gate"]);
    ask("G-4", "bun test d");
    const card = page.locator('[data-gate="G-4"]');
    await card.getByText("Always allow commands like this").click();
    await card.getByText("Saving it lets run at once what waits in G-4.").waitFor();
    await card.getByRole("button", { name: "Save this rule" }).click();
    await page.locator('[data-rule="R-001"]').waitFor();
    await page.getByRole("button", { name: "Revoke the rule R-001" }).click();
    await page.locator('[data-rule="R-001"].revoked').waitFor();
    expect(scene.engine.state().gates.get("G-4")?.decidedBy).toBe("rule R-001: bun test *");
    await page.close();
  },
  limitMs,
);

test(
  "tickets as a form and as JSON are one text: a field, a ticket more, a ticket less, and the JSON back into the form",
  async () => {
    scene.engine.dispatched.length = 0;
    const tickets = ["ant", "bee"].map((key) => ({
      key,
      title: `Count ${key}s`,
      description: "",
      target_files: [],
      acceptance_criteria: [],
    }));
    scene.engine.add(gate("G-5", "tickets", { tickets }, { trackId }));
    const page = await open();
    const card = page.locator('[data-gate="G-5"]');
    const json = card.getByRole("textbox", { name: "Payload" });
    const holds = async (text: string) => {
      await card
        .locator("ins", { hasText: text.slice("Count ".length) })
        .first()
        .waitFor();
      expect(await json.inputValue()).toContain(`"title": "${text}"`);
    };
    await card.getByText("Edit as a form: 2 tickets").click();
    await card.getByRole("textbox", { name: "Ticket 1: Title" }).fill("Count emus");
    await holds("Count emus");
    await card.getByRole("button", { name: "Add a ticket" }).click();
    await card.getByRole("textbox", { name: "Ticket 3: Title" }).fill("Count cats");
    await holds("Count cats");
    await card.getByRole("button", { name: "Take ticket 2 out" }).click();
    await card.getByRole("textbox", { name: "Ticket 3: Title" }).waitFor({ state: "detached" });
    expect(await card.getByRole("textbox", { name: "Ticket 2: Title" }).inputValue()).toBe("Count cats");
    await json.fill((await json.inputValue()).replace("Count cats", "Count cows"));
    await holds("Count cows");
    expect(await card.getByRole("textbox", { name: "Ticket 2: Title" }).inputValue()).toBe("Count cows");
    await json.fill('{"tickets":1}');
    await card.getByText("This JSON does not fit into the fields.").waitFor();
    await page.close();
  },
  limitMs,
);

test(
  "keys edit the gate that has the focus, tick what asks the same, and open the rule for it",
  async () => {
    ask("G-6", "bun test keys");
    ask("G-7", "bun test keys", "T-002");
    const page = await open();
    const card = page.locator('[data-gate="G-6"]');
    await card.focus();
    await page.keyboard.press("e");
    expect(
      await card.getByRole("textbox", { name: "Command" }).evaluate((box) => box === box.ownerDocument.activeElement),
    ).toBe(true);
    await page.keyboard.press("Escape");
    await card.focus();
    await page.keyboard.press("x");
    expect(await card.getByRole("checkbox").isChecked()).toBe(true);
    await page.keyboard.press("r");
    await card.getByRole("button", { name: "Save this rule" }).waitFor();
    await page.close();
  },
  limitMs,
);

test(
  "at a phone's width nothing is wider than the page: gates, their editors and the rules, every button within reach",
  async () => {
    const page = await open();
    await page.setViewportSize({ width: 390, height: 844 });
    for (const fold of await page.locator(".gate-fields > summary, .rule-lever > summary").all()) await fold.click();
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(390);
    const buttons = page.locator(".gate button:visible, #rules button:visible, #rules summary:visible");
    expect(await buttons.count()).toBeGreaterThan(8);
    for (const button of await buttons.all()) {
      const box = await button.boundingBox();
      expect(box?.x).toBeGreaterThanOrEqual(0);
      expect((box?.x ?? 0) + (box?.width ?? 999)).toBeLessThanOrEqual(390);
    }
    await page.close();
  },
  limitMs,
);
