/** The web application over a fake engine, tried without a socket: `ask` sends what a program with the API token sends. */

import { afterAll } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Hono } from "hono";
import { toolsFor } from "../../src/agents/tools/toolset.ts";
import { Access } from "../../src/web/access.ts";
import { type AddPages, createApp } from "../../src/web/app.ts";
import { serverNames } from "../../src/web/names.ts";
import type { WebServices } from "../../src/web/web-services.ts";
import { FakeEngine } from "./fake-engine.ts";

export const label = "abcdefghijklmnop";

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A folder for state files, removed after the test file. */
export function temporaryStateDir(): string {
  const folder = mkdtempSync(join(tmpdir(), "signalbox-web-"));
  folders.push(folder);
  return folder;
}

export interface WebApp {
  readonly app: Hono;
  readonly engine: FakeEngine;
  readonly services: WebServices;
  readonly failures: unknown[];
  readonly closing: AbortController;
  ask(path: string, init?: RequestInit): Promise<Response>;
  /** Sends JSON. */
  send(method: string, path: string, body: unknown): Promise<Response>;
}

export function webApp(addPages?: AddPages, changes: Partial<WebServices> = {}): WebApp {
  const engine = new FakeEngine();
  const closing = new AbortController();
  const failures: unknown[] = [];
  const access = new Access({
    stateDir: temporaryStateDir(),
    now: () => 1_000_000,
    elapsedMs: () => 1_000_000,
    token: "api-token",
  });
  const services: WebServices = {
    engine,
    access,
    names: serverNames(4747, label, false),
    version: "1.2.3",
    toolsFor,
    closing: closing.signal,
    heartbeatMs: 60_000,
    openStreams: new Set(),
    reportFailure: (failure) => failures.push(failure),
    ...changes,
  };
  const app = createApp(services, addPages);
  const ask = async (path: string, init: RequestInit = {}) => {
    const headers = new Headers(init.headers);
    headers.set("host", "127.0.0.1:4747");
    headers.set("authorization", "Bearer api-token");
    return await app.request(`http://127.0.0.1:4747${path}`, { ...init, headers });
  };
  const send = (method: string, path: string, body: unknown) => ask(path, { method, body: JSON.stringify(body) });
  return { app, engine, services, failures, closing, ask, send };
}
