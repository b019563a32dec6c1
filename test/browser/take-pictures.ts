/**
 * Takes the README's pictures from the demo, in a real browser, into conductor/pictures/. Run by hand after the look has
 * changed; it answers the demo's gates through the API and stops where a page has something to show.
 */
import { copyFile, mkdir, mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { BrowserContext, Page } from "playwright-core";
import { z } from "zod";
import { listening, startBrowser } from "../support/browser-scene.ts";
import { binaryPath, launch } from "../support/e2e-binary.ts";

const folder = resolve(import.meta.dir, "../../conductor/pictures");
const size = { width: 1320, height: 850 };
const largestBytes = 200_000;

const Gates = z.array(
  z.object({
    gateId: z.string(),
    kind: z.string(),
    status: z.string(),
    ticketId: z.string().optional(),
    payloadHash: z.string(),
  }),
);
type Gate = z.infer<typeof Gates>[number];

const home = await mkdtemp(join(tmpdir(), "signalbox-pictures-"));
const token = "pictures";
// The demo's check names the binary by its path: one in a temporary folder, not the one of this checkout.
const binary = join(home, "signalbox");
await copyFile(binaryPath(), binary);
process.env.SIGNALBOX_E2E_BINARY = binary;
const demo = launch(["demo", "--no-open", "--port", "0", "--json"], {
  cwd: home,
  home,
  env: { SIGNALBOX_TOKEN: token },
});
const { url, apiUrl = "" } = await listening(demo);
const browser = await startBrowser();
try {
  await mkdir(folder, { recursive: true });
  const context = await browser.newContext({ viewport: size, reducedMotion: "reduce" });
  context.setDefaultTimeout(60_000);
  const page = await context.newPage();
  await page.goto(url);
  await takeAll(context, page);
} finally {
  await browser.close();
  demo.kill("SIGINT");
  await demo.finished;
  await rm(home, { recursive: true, force: true });
}

async function takeAll(context: BrowserContext, page: Page): Promise<void> {
  const isPlanning = (gate: Gate) => gate.kind === "tracks" || gate.kind === "tickets" || gate.kind === "spawn";
  await approveUntil(page, isPlanning, '[data-stream^="Tier 3"] .stream-text:has-text("wrote")');
  await take(page, "overview-light.png");
  await page.emulateMedia({ colorScheme: "dark" });
  await take(page, "overview-dark.png");
  await page.emulateMedia({ colorScheme: "light" });
  await page.goto(`${new URL(url).origin}/gates`);
  await page.locator('[data-gate-kind="merge"]').first().waitFor();
  await page.locator(".gate button[value=approve]:enabled").first().waitFor();
  await take(page, "gate-card.png", ".gate");

  const isWork = (gate: Gate) => gate.kind !== "command" && gate.kind !== "land";
  await approveUntil(page, isWork, '[data-gate-kind="command"] >> nth=1');
  const ticketId = await ticketWithTwoAttempts();
  const ticket = await context.newPage();
  await ticket.goto(`${new URL(url).origin}/tickets/${ticketId}`);
  const track = await ticket.locator("#ticket a").first().getAttribute("href");
  // Text makes large pictures: a lower window holds less of it.
  await ticket.setViewportSize({ ...size, height: 690 });
  await ticket.evaluate("document.getElementById('attempts').scrollIntoView()");
  await take(ticket, "ticket.png");
  await ticket.setViewportSize(size);
  await ticket.goto(new URL(url).origin + track);
  await ticket.evaluate("document.getElementById('graph').scrollIntoView()");
  await take(ticket, "track.png");
  await takeTheRest(ticket);
}

/** The pages that show best what a run has left behind; one of them on a phone, in the dark. */
async function takeTheRest(page: Page): Promise<void> {
  const pages = { "streams.png": "/streams", "usage.png": "/usage", "time-line.png": "/timeline" };
  for (const [name, path] of Object.entries(pages)) {
    await page.goto(new URL(url).origin + path);
    await take(page, name);
  }
  await page.goto(`${new URL(url).origin}/context`);
  const worker = page.getByRole("link", { name: /Tier 3/ }).first();
  await page.goto(new URL((await worker.getAttribute("href")) ?? "", url).href);
  await take(page, "context.png");
  await page.setViewportSize({ width: 390, height: 780 });
  await page.emulateMedia({ colorScheme: "dark" });
  await page.goto(`${new URL(url).origin}/gates`);
  await page.locator(".gate button[value=approve]:enabled").first().waitFor();
  await take(page, "phone-dark.png");
}

/** A picture of what the window shows, or of one thing on the page. */
async function take(page: Page, name: string, selector?: string): Promise<void> {
  // The time line shows the past, of which nothing is live.
  await page.locator('html[data-live="on"], .past-mark').first().waitFor();
  const path = join(folder, name);
  if (selector === undefined) await page.screenshot({ path });
  else await page.locator(selector).first().screenshot({ path });
  const { size: bytes } = await stat(path);
  console.log(`${name}: ${Math.round(bytes / 1_000)} kB`);
  if (bytes > largestBytes) throw new Error(`${name} is larger than ${largestBytes} bytes: show less of the page.`);
}

/** Approves the gates that are chosen, as they come, until the page shows what is looked for. */
async function approveUntil(page: Page, isChosen: (gate: Gate) => boolean, selector: string): Promise<void> {
  const ending = new AbortController();
  const approving = approveEach(isChosen, ending.signal);
  await page.locator(selector).first().waitFor();
  ending.abort();
  await approving;
}

/** Follows the log: whenever a gate has opened, approves those that are chosen. */
async function approveEach(isChosen: (gate: Gate) => boolean, signal: AbortSignal): Promise<void> {
  const headers = { authorization: `Bearer ${token}`, accept: "text/event-stream" };
  const response = await fetch(`${apiUrl}/api/events?after=0`, { headers });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  signal.addEventListener("abort", () => void reader?.cancel());
  for (let piece = await reader?.read(); piece && !piece.done; piece = await reader?.read()) {
    if (!piece.value.includes("gate.opened")) continue;
    for (const gate of await openGates()) if (isChosen(gate) && !signal.aborted) await approve(gate);
  }
}

async function openGates(): Promise<readonly Gate[]> {
  return Gates.parse(await ask("/api/gates")).filter((gate) => gate.status === "open");
}

async function approve({ gateId, payloadHash }: Gate): Promise<void> {
  await ask(`/api/gates/${gateId}/decision`, {
    method: "POST",
    body: JSON.stringify({ decision: "approve", payloadHash }),
  });
}

async function ticketWithTwoAttempts(): Promise<string> {
  const State = z.object({ tickets: z.array(z.object({ ticketId: z.string(), attemptCount: z.number() })) });
  const { tickets } = State.parse(await ask("/api/state"));
  return (tickets.find((ticket) => ticket.attemptCount > 1) ?? tickets[0])?.ticketId ?? "T-001";
}

async function ask(path: string, init: RequestInit = {}): Promise<unknown> {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const response = await fetch(apiUrl + path, { ...init, headers });
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
  return await response.json();
}
