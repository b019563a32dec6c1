/**
 * The page over an engine in memory, served in this process, with a Chromium in front of it: for what a page must do with
 * states that a whole run reaches slowly. Everything is on loopback and ends with `close`.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { toolsFor } from "../../src/agents/tools/toolset.ts";
import type { Fact } from "../../src/domain/event.ts";
import { type GateKind, type Json, payloadHash } from "../../src/domain/gate.ts";
import type { AddPages } from "../../src/web/app.ts";
import type { PageServices } from "../../src/web/pages/page-services.ts";
import { registerPages } from "../../src/web/pages/register-pages.tsx";
import { type RunningServer, startServer } from "../../src/web/server.ts";
import { startBrowser } from "./browser-scene.ts";
import { FakeEngine } from "./fake-engine.ts";

export class PageScene {
  readonly engine: FakeEngine;
  readonly browser: Browser;
  server: RunningServer;
  readonly #stateDir: string;

  private constructor(parts: { engine: FakeEngine; browser: Browser; server: RunningServer; stateDir: string }) {
    this.engine = parts.engine;
    this.browser = parts.browser;
    this.server = parts.server;
    this.#stateDir = parts.stateDir;
  }

  /** `services` are what the pages get besides an engine, such as a way to change settings. */
  static async start(engine = new FakeEngine(), port = 0, services: Partial<PageServices> = {}): Promise<PageScene> {
    const stateDir = mkdtempSync(join(tmpdir(), "signalbox-page-"));
    const pages: AddPages = (app, support) => registerPages(app, { ...support, ...services });
    const options = { isPlainHost: false, version: "0.0.0", toolsFor, pages };
    const [server, browser] = await Promise.all([startServer({ engine, port, stateDir, ...options }), startBrowser()]);
    return new PageScene({ engine, browser, server, stateDir });
  }

  get origin(): string {
    return new URL(this.server.url).origin;
  }

  /** A browser profile of its own, logged in. */
  async visitor(options: BrowserContextOptions = {}): Promise<BrowserContext> {
    const context = await this.browser.newContext({ reducedMotion: "reduce", ...options });
    context.setDefaultTimeout(60_000);
    const page = await context.newPage();
    await page.goto(this.server.freshUrl());
    await page.locator("#main").waitFor();
    await page.close();
    return context;
  }

  /** Ends the server and starts it again at the same port, with the sessions that it has; `between` sees the time without it. */
  async restart(between: () => Promise<void>): Promise<void> {
    const { port } = this.server;
    await this.server.stop();
    await between();
    this.server = await serve(this.engine, port, this.#stateDir);
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.server.stop();
    rmSync(this.#stateDir, { recursive: true, force: true });
  }
}

async function serve(engine: FakeEngine, port: number, stateDir: string): Promise<RunningServer> {
  const options = { isPlainHost: false, version: "0.0.0", toolsFor, pages: registerPages };
  return await startServer({ engine, port, stateDir, ...options });
}

/** Waits until an expression holds in the page; Playwright's own wait needs the `eval` that the page's policy forbids. */
export async function untilTrue(page: Page, expression: string): Promise<void> {
  await page.evaluate(`new Promise((resolve) => {
    const look = async () => (await (${expression})) ? resolve() : setTimeout(look, 20);
    void look();
  })`);
}

/** The event that opens a gate with this payload. */
export function openedGate(gateId: string, kind: GateKind, payload: Json, reason = "A person decides."): Fact {
  return { type: "gate.opened", gateId, kind, reason, payload, payloadHash: payloadHash(payload) };
}

/** The event that opens a gate for a command. */
export function commandGate(gateId: string, command: string): Fact {
  return openedGate(gateId, "command", { command, cwd: "." });
}
