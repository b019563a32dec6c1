/** A running `serve` of the binary, used over HTTP alone: requests with the token, and the live events as they come. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Launched } from "./e2e-binary.ts";
import type { Site } from "./e2e-project.ts";
import { type SseFrame, SseReader } from "./sse-reader.ts";

export const ServedGate = z.looseObject({
  gateId: z.string(),
  kind: z.string(),
  payload: z.record(z.string(), z.unknown()),
  payloadHash: z.string(),
  status: z.string(),
});
export type ServedGate = z.infer<typeof ServedGate>;

const Listening = z.object({ type: z.literal("listening"), url: z.string(), apiUrl: z.string(), pid: z.number() });
const LiveEvent = z.looseObject({ type: z.string(), position: z.number() });
type LiveEvent = z.infer<typeof LiveEvent>;
const Delta = z.object({ streamId: z.string(), offset: z.number(), text: z.string() });

export interface Answer {
  readonly status: number;
  /** What a stranger's own JSON.parse gives: tests compare it, and nothing else relies on its shape. */
  readonly body: ReturnType<typeof JSON.parse>;
}

/** The live events of a server, in the order in which they came. */
export class Feed {
  readonly events: LiveEvent[] = [];
  readonly frames: SseFrame[] = [];
  readonly deltas: z.infer<typeof Delta>[] = [];
  readonly #reader: SseReader;
  #waiting: { fits: (event: LiveEvent) => boolean; resolve: (event: LiveEvent) => void }[] = [];

  constructor(response: Response) {
    this.#reader = new SseReader(response);
    void this.#read();
  }

  /** The first event that fits, come or still to come. */
  event(fits: (event: LiveEvent) => boolean): Promise<LiveEvent> {
    const seen = this.events.find(fits);
    return seen ? Promise.resolve(seen) : new Promise((resolve) => this.#waiting.push({ fits, resolve }));
  }

  close(): Promise<void> {
    return this.#reader.cancel();
  }

  /** Ends with the connection, however that ends: the server may be killed by the test. */
  async #read(): Promise<void> {
    for (;;) {
      const frame = await this.#reader.next().catch(() => null);
      if (!frame) return;
      this.frames.push(frame);
      if (frame.event === "delta") this.deltas.push(Delta.parse(JSON.parse(frame.data ?? "")));
      else this.#take(LiveEvent.parse(JSON.parse(frame.data ?? "")));
    }
  }

  #take(event: LiveEvent): void {
    this.events.push(event);
    const fitting = this.#waiting.filter(({ fits }) => fits(event));
    this.#waiting = this.#waiting.filter((waiter) => !fitting.includes(waiter));
    for (const { resolve } of fitting) resolve(event);
  }
}

export class Served {
  readonly listening: z.infer<typeof Listening>;
  readonly process: Launched;
  readonly token: string;

  private constructor(process: Launched, listening: z.infer<typeof Listening>, token: string) {
    this.process = process;
    this.listening = listening;
    this.token = token;
  }

  /** Starts `serve` on a free port and waits until it listens. */
  static async start(site: Site, args: readonly string[] = []): Promise<Served> {
    return await Served.of(site, ["serve", "--trust", ...args]);
  }

  /** Starts any command that serves the page. */
  static async of(site: Site, args: readonly string[]): Promise<Served> {
    const process = site.start([...args, "--json", "--port", "0", "--no-open"]);
    const listening = Listening.parse(await process.line(({ type }) => type === "listening"));
    const token = await readFile(join(site.repository.root, ".signalbox/token"), "utf8");
    return new Served(process, listening, token.trim());
  }

  async send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const response = await fetch(new URL(path, this.listening.apiUrl), {
      method,
      headers: { authorization: `Bearer ${this.token}`, "content-type": "application/json", ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get("content-type")?.includes("json");
    return { status: response.status, body: isJson ? JSON.parse(text) : text };
  }

  async get(path: string) {
    return (await this.send("GET", path)).body;
  }

  /** Listens to the live events after a position. */
  async feed(headers: Record<string, string> = {}, query = ""): Promise<Feed> {
    const response = await fetch(new URL(`/api/events${query}`, this.listening.apiUrl), {
      headers: { authorization: `Bearer ${this.token}`, accept: "text/event-stream", ...headers },
    });
    return new Feed(response);
  }

  /** The gate of this kind, once it has been opened. */
  async gate(feed: Feed, kind: string, fits: (event: LiveEvent) => boolean = () => true): Promise<ServedGate> {
    const opened = await feed.event((event) => event.type === "gate.opened" && event.kind === kind && fits(event));
    return ServedGate.parse(await this.get(`/api/gates/${String(opened.gateId)}`));
  }

  decide(gate: ServedGate, decision: Record<string, unknown> = { decision: "approve" }): Promise<Answer> {
    const { gateId, payloadHash } = gate;
    return this.send("POST", `/api/gates/${gateId}/decision`, { payloadHash, ...decision });
  }
}
