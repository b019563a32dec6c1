/** Gate cards edited, answered together, and turned into rules, by hand in a browser. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { BrowserContext, Page } from "playwright-core";
import { applied, gate, preparedTrack, ticket } from "../support/facts.ts";
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
