/** Serves the page and the API on the loopback interface, and tells other processes of this user where. */
import { join } from "node:path";
import type { EngineApi } from "../engine/engine-api.ts";
import type { ToolsFor } from "../projections/agent-request.ts";
import { Access, projectLabel } from "./access.ts";
import { type AddPages, createApp } from "./app.ts";
import { freshUrl } from "./login.ts";
import { type ServerNames, serverNames } from "./names.ts";
import { removePrivateFile, writePrivateFile } from "./state-file.ts";
import type { TrustQuestion } from "./trust-question.ts";
import type { WebServices } from "./web-services.ts";

// The timeout closes clients that vanished; the heartbeat keeps a quiet but living event stream from being one of them.
const idleTimeoutSeconds = 60;
const heartbeatMs = 15_000;

export interface ServerOptions {
  readonly engine: EngineApi;
  /** 0 to 65535; 0 takes any free port. */
  readonly port: number;
  /** Whether the page is at 127.0.0.1 instead of the project's own label. */
  readonly isPlainHost: boolean;
  /** The project's `.signalbox` directory. */
  readonly stateDir: string;
  readonly version: string;
  /** A fixed API token; absent or empty: a random one. */
  readonly token?: string;
  /** The tools that each kind of agent is offered: `toolsFor` of the agents. */
  readonly toolsFor: ToolsFor;
  readonly pages?: AddPages;
  /** The project's config that waits to be accepted; absent when it is. */
  readonly trust?: TrustQuestion;
  readonly now?: () => number;
  /** Takes what went wrong inside a request; by default it goes to stderr. */
  readonly reportFailure?: (failure: unknown) => void;
}

export interface RunningServer {
  /** The page's address with a one-time token. */
  readonly url: string;
  readonly apiUrl: string;
  readonly port: number;
  readonly label: string;
  /** Another address with a one-time token of its own. */
  freshUrl(): string;
  /** Ends every connection, and removes what told others of the server. */
  stop(): Promise<void>;
}

/** Why the server could not start; `message` is for people. */
export class ServerStartError extends Error {
  override readonly name = "ServerStartError";
  readonly code: "port_in_use" | "port_refused";

  constructor(code: "port_in_use" | "port_refused", message: string, cause: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

/** Starts to serve, writes `server.json` and `token`. Throws `ServerStartError` when the port cannot be had. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const label = projectLabel(options.stateDir);
  const closing = new AbortController();
  const access = new Access({
    stateDir: options.stateDir,
    now: options.now ?? Date.now,
    elapsedMs: options.now ?? (() => performance.now()),
    ...(options.token !== undefined && { token: options.token }),
  });
  // The port is known only once it listens, and the names need it: until then nothing is answered.
  let handle: (request: Request) => Response | Promise<Response> = () => new Response(null, { status: 503 });
  const server = listen(options.port, (request) => handle(request));
  const names = serverNames(server.port ?? options.port, label, options.isPlainHost);
  const services: WebServices = {
    engine: options.engine,
    access,
    names,
    version: options.version,
    toolsFor: options.toolsFor,
    closing: closing.signal,
    heartbeatMs,
    openStreams: new Set(),
    reportFailure: options.reportFailure ?? reportToStderr,
    ...(options.trust && { trust: options.trust }),
  };
  const app = createApp(services, options.pages);
  handle = (request) => app.fetch(withAddress(request, names.apiUrl));
  const withdraw = announce(options.stateDir, access.apiToken, names);
  return {
    url: freshUrl(services),
    apiUrl: names.apiUrl,
    port: names.port,
    label,
    freshUrl: () => freshUrl(services),
    stop: async () => {
      closing.abort();
      withdraw();
      await server.stop(true);
    },
  };
}

/**
 * A request of which Bun could make no address, because its Host is none or it asks for a tunnel, has only a path for one (Bun
 * 1.4.5): a router takes parts of that for the path, and finds no guard there. What the guard judges by is kept; nothing is here.
 */
function withAddress(request: Request, apiUrl: string): Request {
  return /^https?:/.test(request.url)
    ? request
    : new Request(new URL("/no-address", apiUrl).href, { headers: request.headers });
}

function listen(port: number, answer: (request: Request) => Response | Promise<Response>) {
  try {
    return Bun.serve({
      hostname: "127.0.0.1",
      port,
      development: false,
      // Without this a second server of the same process shares the port silently (Bun 1.4.5).
      reusePort: false,
      idleTimeout: idleTimeoutSeconds,
      fetch: answer,
    });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "EADDRINUSE") {
      const message = `Port ${port} is in use by another program. Stop that program, take another port with --port N, or let the system choose one with --port 0.`;
      throw new ServerStartError("port_in_use", message, error);
    }
    const message = `Port ${port} cannot be used here. Take another one (1024 to 65535) with --port N, or --port 0 for any free one.`;
    throw new ServerStartError("port_refused", message, error);
  }
}

/** Writes where the server is; returns the way to take it back. */
function announce(stateDir: string, apiToken: string, names: ServerNames): () => void {
  const addressPath = join(stateDir, "server.json");
  const tokenPath = join(stateDir, "token");
  writePrivateFile(tokenPath, `${apiToken}\n`);
  // The address without a token: one-time tokens are given out on request, and are kept nowhere.
  const address = { url: names.pageUrl, apiUrl: names.apiUrl, pid: process.pid };
  writePrivateFile(addressPath, `${JSON.stringify(address)}\n`);
  return () => {
    removePrivateFile(addressPath);
    removePrivateFile(tokenPath);
  };
}

function reportToStderr(failure: unknown): void {
  const words = failure instanceof Error ? (failure.stack ?? failure.message) : String(failure);
  process.stderr.write(`A request failed inside Signalbox: ${words}\n`);
}
