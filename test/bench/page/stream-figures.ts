/** Sixteen agents that talk at once: what the page costs its browser and its server, beside a bare page over the same streams. */
import type { BrowserContext, Page } from "playwright-core";
import { startBrowser } from "../../support/browser-scene.ts";
import type { BenchProject } from "../bench-project.ts";
import { type PageCost, pageCost } from "./page-probe.ts";
import { cpuMicrosOfPiece, type LoadedServer, type StreamLoad, underFloor, underProduct } from "./stream-load.ts";

export interface WatchedLoad extends StreamLoad {
  /** How long one page is watched, in seconds. */
  readonly seconds: number;
}

/** What one program cost under a load. */
export interface StreamCost {
  readonly page: PageCost;
  /** Milliseconds of server CPU for 1,000 pieces, with this many open pages. */
  readonly cpuMs: { readonly none: number; readonly one: number; readonly many: number };
}

/** Connections that stand for pages in the figure with many. */
export const manyPages = 20;

/** Takes the costs of the product's streams page. */
export async function productCost(binary: string, load: WatchedLoad): Promise<StreamCost> {
  return await underProduct(binary, load, async (server) => {
    const url = (await printed([binary, "url"], server.project)).trim();
    return await costs(load, server, async (page) => {
      await page.goto(url);
      await page.getByLabel("Goal", { exact: true }).waitFor();
      await page.goto(`${new URL(url).origin}/streams`);
    });
  });
}

/** Takes the costs of the floor's page. */
export async function floorCost(load: WatchedLoad): Promise<StreamCost> {
  return await underFloor(
    load,
    async (server) =>
      await costs(load, server, async (page) => {
        await page.goto(server.apiUrl);
      }),
  );
}

async function costs(
  load: WatchedLoad,
  server: LoadedServer,
  open: (page: Page) => Promise<void>,
): Promise<StreamCost> {
  const shortWindow = Math.min(10, load.seconds) * load.streamCount * load.piecesPerSecond;
  const aWhile = () => server.provider.sentMore(shortWindow);
  const none = await cpuMicrosOfPiece(server, aWhile);
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
    one = await cpuMicrosOfPiece(server, async () => {
      page = await pageCost(opened, load.seconds);
    });
  } finally {
    await browser.close();
  }
  const many = await cpuMicrosOfPiece(server, () => whileRead(server, aWhile()));
  if (page === null) throw new Error("The page was not watched.");
  return { page, cpuMs: { none, one, many } };
}

/** Holds as many live connections as `manyPages`, and reads all that they are sent. */
async function whileRead({ liveUrl, headers }: LoadedServer, window: Promise<void>): Promise<void> {
  const ending = new AbortController();
  const readers = Array.from({ length: manyPages }, async () => {
    const response = await fetch(liveUrl, { headers: { ...headers }, signal: ending.signal });
    if (!response.ok) throw new Error(`${liveUrl} answered ${response.status}.`);
    let byteCount = 0;
    try {
      for await (const part of response.body ?? []) byteCount += part.length;
    } catch (error) {
      if (!ending.signal.aborted) throw error;
    }
    if (byteCount === 0) throw new Error(`${liveUrl} sent nothing.`);
  });
  await window;
  ending.abort();
  await Promise.all(readers);
}

async function printed(command: string[], project: BenchProject): Promise<string> {
  const child = Bun.spawn(command, { cwd: project.root, env: { ...project.env }, stdout: "pipe", stderr: "inherit" });
  return await new Response(child.stdout).text();
}
