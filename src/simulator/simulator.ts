/**
 * The simulator: a Messages API server on the loopback interface that plays a scenario, with faults on demand. It is a
 * real server and no mock of our classes: tests, the demo and other clients of that API reach it over HTTP alone.
 */
import type { CassetteDesk } from "./cassette-desk.ts";
import type { Fault } from "./fault.ts";
import type { Delay } from "./message-stream.ts";
import { answerPage } from "./page-access.ts";
import { RequestHandler } from "./request-handler.ts";
import { RequestLog, type RequestRecord } from "./request-log.ts";
import { parseScenario, type Scenario } from "./scenario.ts";

export interface SimulatorOptions {
  /** Absent or 0: any free port. */
  readonly port?: number;
  readonly scenario?: Scenario;
  /** Answers in the scenario's place. */
  readonly cassette?: CassetteDesk;
  readonly faults?: readonly Fault[];
  /** Prefixes shorter than this are not cached; 0 unless told, the real API wants 1024 or more. */
  readonly minCacheTokens?: number;
  /** Larger requests are a 413; 32 MiB unless told, as in the real API. */
  readonly maxBodyBytes?: number;
  readonly now?: () => number;
  readonly delay?: Delay;
  /** Called when a request's answer is decided, before its body is sent. */
  readonly onRequest?: (record: RequestRecord) => void;
}

/** A running simulator. */
export interface Simulator {
  /** `http://127.0.0.1:PORT`: the `base_url` for its clients. */
  readonly url: string;
  readonly port: number;
  /** The last requests, oldest first (2,000 at most, with the bodies of the last 500). Live: it grows. */
  readonly requests: readonly RequestRecord[];
  /** Breaks open streams off and frees the port. */
  stop(): Promise<void>;
}

/** The port is taken; the message says what to do. */
export class PortInUseError extends Error {
  override readonly name = "PortInUseError";
}

/** Starts a simulator on 127.0.0.1. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const closing = new AbortController();
  const log = new RequestLog(options.onRequest ?? null);
  const handler = new RequestHandler({
    scenario: options.scenario ?? parseScenario({ rules: [] }),
    cassette: options.cassette ?? null,
    faults: options.faults ?? [],
    minCacheTokens: options.minCacheTokens ?? 0,
    maxBodyBytes: options.maxBodyBytes ?? 32 * 1024 * 1024,
    now: options.now ?? Date.now,
    delay: options.delay ?? wait,
    log,
    closing: closing.signal,
  });
  const server = listen(options.port ?? 0, (request) => answerPage(request, (asked) => handler.handle(asked)));
  const port = server.port ?? 0;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    requests: log.records,
    stop: async () => {
      closing.abort();
      await server.stop(true);
    },
  };
}

function listen(port: number, fetch: (request: Request) => Promise<Response>): Bun.Server<undefined> {
  try {
    // A stalled stream is part of the job: no idle timeout may end it. The handler limits bodies in the API's own words.
    return Bun.serve({
      hostname: "127.0.0.1",
      port,
      idleTimeout: 0,
      development: false,
      // With `development: false` Bun would share the port with whoever else asks for it.
      reusePort: false,
      maxRequestBodySize: 256 * 1024 * 1024,
      fetch,
    });
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EADDRINUSE")) throw error;
    throw new PortInUseError(`Port ${port} is in use on 127.0.0.1. Stop what uses it, or choose another with --port.`, {
      cause: error,
    });
  }
}

const wait: Delay = (delayMs, signal) =>
  new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, delayMs);
    if (signal.aborted) done();
    else signal.addEventListener("abort", done, { once: true });
  });
