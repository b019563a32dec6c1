/** Panes of streamed text in a real browser: held and going on, connected again, narrowed down, and nothing twice or lost. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { BrowserContext, Page } from "playwright-core";
import type { LiveStream } from "../../src/domain/live-stream.ts";
import { FakeEngine } from "../support/fake-engine.ts";
import { PageScene } from "../support/page-scene.ts";
import { stream } from "../support/sample-builders.ts";
import { callFacts, gateFact, planFacts, trackId } from "../support/sample-facts.ts";

const limitMs = 120_000;
const worker = "Tier 3 (Worker): T-001";
const lead = `Tier 2 (Tech Lead): ${trackId}`;

let scene: PageScene;
let visitor: BrowserContext;
let said = "";

beforeAll(async () => {
  const engine = new FakeEngine();
  engine.add(...planFacts(), ...callFacts({ role: "worker", agentId: "A-1", callId: "C-1" }));
  scene = await PageScene.start(engine);
  show(stream("worker", "T-001", trackId, "T-001", "running", null, ""));
  show(stream("tech_lead", trackId, trackId, null, "running", null, "The lead thinks."));
  visitor = await scene.visitor();
}, limitMs);

afterAll(async () => {
  await scene?.close();
}, limitMs);

function show(shown: LiveStream): void {
  scene.engine.liveStreams.set(shown.streamId, shown);
}

/** The worker says a piece. */
function say(text: string): void {
  const known = scene.engine.liveStreams.get(worker);
  if (!known) throw new Error("The worker has no stream.");
  said += text;
  show({ ...known, text: said, endOffset: said.length });
  scene.engine.say({ streamId: worker, offset: said.length - text.length, text });
}

async function open(path: string): Promise<Page> {
  const page = await visitor.newPage();
  await page.goto(scene.origin + path);
  await page.locator('html[data-live="on"]').waitFor();
  return page;
}

const textOf = (page: Page, streamId = worker) => page.locator(`[data-stream="${streamId}"] .stream-text`);

/** Waits until the pane ends in a text. */
async function endsIn(page: Page, text: string): Promise<void> {
  await textOf(page)
    .filter({ hasText: new RegExp(`${text}$`) })
    .waitFor();
}

test(
  "a lane that is held keeps its text waiting, counted, also over a redraw, and goes on without loss",
  async () => {
    const page = await open("/streams");
    say("one ");
    await endsIn(page, "one ");
    const follow = page.getByRole("button", { name: "Follow tier 3" });
    await follow.click();
    expect(await follow.getAttribute("aria-pressed")).toBe("false");
    say("two ");
    await follow.filter({ hasText: "4 new characters" }).waitFor();
    scene.engine.add(gateFact("G-100"));
    await page.locator(`[data-stream="${worker}"][data-activity="gate"]`).waitFor();
    say("three ");
    await follow.filter({ hasText: "10 new characters" }).waitFor();
    expect(await follow.getAttribute("aria-pressed")).toBe("false");
    expect(await textOf(page).textContent()).toBe("one ");
    await follow.click();
    await endsIn(page, "three ");
    expect(await textOf(page).textContent()).toBe(said);
    scene.engine.add({ type: "gate.withdrawn", gateId: "G-100", kind: "command", reason: "" });
    await page.close();
  },
  limitMs,
);

test(
  "a connection that breaks and is made again brings no piece twice and leaves none out",
  async () => {
    const page = await open("/streams");
    for (let round = 0; round < 4; round += 1) {
      say(`before ${round} `);
      await endsIn(page, `before ${round} `);
      await page.evaluate("document.getElementById('live')._htmx.sse.reader.cancel()");
      say(`meanwhile ${round} `);
      await endsIn(page, `meanwhile ${round} `);
    }
    expect(await textOf(page).textContent()).toBe(said);
    await page.close();
  },
  limitMs,
);

test(
  "a person who scrolls up reads on undisturbed; what came meanwhile is one click away; the pane stays bounded",
  async () => {
    const page = await open("/streams");
    for (let line = 0; line < 3_000; line += 1) say(`line ${line}\n`);
    await endsIn(page, "line 2999\\s*");
    const pane = textOf(page);
    const before = await pane.textContent();
    expect(before?.length).toBeLessThanOrEqual(16_384);
    expect(said.endsWith(before ?? "none")).toBe(true);
    await pane.evaluate((element) => {
      element.scrollTop = 0;
    });
    say("the newest line\n");
    const resume = page.locator(`[data-stream="${worker}"] .resume`);
    await resume.filter({ hasText: "16 new characters" }).waitFor();
    expect(await pane.evaluate((element) => element.scrollTop)).toBe(0);
    expect(await pane.textContent()).toBe(before);
    await resume.click();
    await endsIn(page, "the newest line\\s*");
    await resume.waitFor({ state: "hidden" });
    await page.getByRole("article", { name: worker }).getByRole("link", { name: "Earlier text" }).click();
    await page.locator("#stream-text pre").filter({ hasText: "the newest line" }).waitFor();
    await page.getByRole("link", { name: "Earlier text" }).click();
    await page.waitForURL("**before=*");
    const whole = await page.locator("#stream-text pre").textContent();
    expect(said).toContain(whole?.trim() ?? "none");
    await page.close();
  },
  limitMs,
);

test(
  "the address narrows the streams down to a track, a tier, a ticket, and the form leads to it",
  async () => {
    const page = await open("/streams?tier=2");
    expect(await page.locator("[data-stream]").count()).toBe(1);
    await textOf(page, lead).waitFor();
    await page.getByLabel("Tier", { exact: true }).selectOption("3");
    await page.getByLabel("Ticket", { exact: true }).fill("T-001");
    await page.getByRole("button", { name: "Filter" }).click();
    await page.waitForURL("**/streams?track=&tier=3&ticket=T-001");
    await textOf(page).waitFor();
    expect(await page.locator("[data-stream]").count()).toBe(1);
    await page.goBack();
    await textOf(page, lead).waitFor();
    await page.close();
  },
  limitMs,
);

test(
  "an agent that falls silent is told stalled by itself, with the seconds counted",
  async () => {
    const known = scene.engine.liveStreams.get(worker);
    if (!known) throw new Error("The worker has no stream.");
    const [, asked] = callFacts({ role: "worker", agentId: "A-1", callId: "C-2" });
    if (asked) scene.engine.add(asked);
    show({ ...known, agentId: "A-1", lastByteMs: Date.now() - 5_000 });
    const page = await open("/streams");
    expect(await page.locator(`[data-stream="${worker}"]`).getAttribute("data-activity")).toBe("thinking");
    await page.locator(`[data-stream="${worker}"][data-activity="stalled"]`).waitFor();
    await page.locator(`[data-stream="${worker}"] .activity .since[data-elapsed$=" s"]`).waitFor();
    await page.close();
  },
  limitMs,
);
