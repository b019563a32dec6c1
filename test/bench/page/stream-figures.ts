/** Sixteen agents that talk at once: what the page costs its browser and its server, beside a bare page over the same streams. */
import type { BrowserContext, Page } from "playwright-core";
import { startBrowser } from "../../support/browser-scene.ts";
import { type BenchProject, makeBenchProject } from "../bench-project.ts";
import { floorBinary } from "../binaries.ts";
import { MeasuredProcess } from "../measured-process.ts";
import { cpuSeconds } from "../process-cost.ts";
import { type PageCost, pageCost } from "./page-probe.ts";
import { type StreamProvider, startStreamProvider } from "./stream-provider.ts";

export interface StreamLoad {
  readonly streamCount: number;
  readonly piecesPerSecond: number;
  /** How long one page is watched, in seconds. */
  readonly seconds: number;
}

/** What one program cost under a load. */
export interface StreamCost {
  readonly page: PageCost;
  /** Milliseconds of server CPU for 1,000 pieces, with this many open pages. */
  readonly cpuMs: { readonly none: number; readonly one: number; readonly many: number };
  readonly pieceCount: number;
}

/** Connections that stand for pages in the figure with many. */
export const manyPages = 20;
const config = `
[workers]
max = 64
[gates]
level = "all"
[prices."claude-opus-5-5"]
input = 1.0
output = 1.0
`;

/** Takes the costs of the product's streams page. */
export async function productCost(binary: string, load: StreamLoad): Promise<StreamCost> {
  return await underLoad(load, async (provider, project) => {
    const command = [binary, "serve", "--port", "0", "--no-open", "--json", "--trust", "--unsafe-no-sandbox"];
    await using server = new MeasuredProcess({ command, cwd: project.root, env: project.env });
    const apiUrl = await server.apiUrl();
    const headers = { authorization: `Bearer ${project.env.SIGNALBOX_TOKEN}`, "content-type": "application/json" };
    const goal = JSON.stringify({ goal: "Talk." });
    const stated = await fetch(`${apiUrl}/api/epics`, { method: "POST", headers, body: goal });
    if (!stated.ok) throw new Error(`The goal was refused: ${await stated.text()}`);
    await server.until(provider.allActive.then(() => performance.now()));
    const url = (await printed([binary, "url"], project)).trim();
    const streams = { url: `${apiUrl}/live?page=${encodeURIComponent("/streams")}`, headers };
    return await costs(load, provider, server.pid, streams, async (page) => {
      await page.goto(url);
      await page.getByLabel("Goal", { exact: true }).waitFor();
      await page.goto(`${new URL(url).origin}/streams`);
    });
  });
}

/** Takes the costs of the floor's page. */
export async function floorCost(load: StreamLoad): Promise<StreamCost> {
  return await underLoad(load, async (provider, project) => {
    const command = [await floorBinary("page", project.binFolder)];
    const env = { ...project.env, FLOOR_STREAMS: String(load.streamCount) };
    await using server = new MeasuredProcess({ command, cwd: project.root, env });
    const apiUrl = await server.apiUrl();
    await server.until(provider.allActive.then(() => performance.now()));
    const streams = { url: `${apiUrl}/live`, headers: {} };
    return await costs(load, provider, server.pid, streams, async (page) => {
      await page.goto(apiUrl);
    });
  });
}

async function underLoad(
  load: StreamLoad,
  take: (provider: StreamProvider, project: BenchProject) => Promise<StreamCost>,
): Promise<StreamCost> {
  const provider = startStreamProvider(load.streamCount, load.piecesPerSecond);
  const project = await makeBenchProject(load.streamCount, provider.baseUrl, config);
  try {
    return await take(provider, project);
  } finally {
    provider.end();
    await provider.stop();
    project.removeNow();
  }
}

async function costs(
  load: StreamLoad,
  provider: StreamProvider,
  pid: number,
  streams: { readonly url: string; readonly headers: Record<string, string> },
  open: (page: Page) => Promise<void>,
): Promise<StreamCost> {
  const shortWindow = Math.min(10, load.seconds) * load.streamCount * load.piecesPerSecond;
  const cpu = async (during: () => Promise<unknown>): Promise<number> => {
    const [before, sent] = [cpuSeconds(pid), provider.sentCount()];
    await during();
    return ((cpuSeconds(pid) - before) * 1e6) / (provider.sentCount() - sent);
  };
  const none = await cpu(() => provider.sentMore(shortWindow));
  let page: PageCost | null = null;
  const browser = await startBrowser();
  let one: number;
  try {
    const context: BrowserContext = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    const opened = await context.newPage();
    opened.setDefaultTimeout(60_000);
    await open(opened);
    await opened
      .locator(".stream-text")
      .nth(load.streamCount - 1)
      .waitFor({ state: "attached" });
    one = await cpu(async () => {
      page = await pageCost(opened, load.seconds);
    });
  } finally {
    await browser.close();
  }
  const many = await cpu(() => whileRead(streams, provider.sentMore(shortWindow)));
  if (page === null) throw new Error("The page was not watched.");
  return { page, cpuMs: { none, one, many }, pieceCount: provider.sentCount() };
}

/** Holds as many live connections as `manyPages`, and reads all that they are sent. */
async function whileRead(
  streams: { readonly url: string; readonly headers: Record<string, string> },
  window: Promise<void>,
): Promise<void> {
  const ending = new AbortController();
  const readers = Array.from({ length: manyPages }, async () => {
    const response = await fetch(streams.url, { headers: streams.headers, signal: ending.signal });
    if (!response.ok) throw new Error(`${streams.url} answered ${response.status}.`);
    let byteCount = 0;
    try {
      for await (const part of response.body ?? []) byteCount += part.length;
    } catch (error) {
      if (!ending.signal.aborted) throw error;
    }
    if (byteCount === 0) throw new Error(`${streams.url} sent nothing.`);
  });
  await window;
  ending.abort();
  await Promise.all(readers);
}

async function printed(command: string[], project: BenchProject): Promise<string> {
  const child = Bun.spawn(command, { cwd: project.root, env: { ...project.env }, stdout: "pipe", stderr: "inherit" });
  return await new Response(child.stdout).text();
}
