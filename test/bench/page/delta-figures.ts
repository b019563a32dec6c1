/** How old text is when it comes out of a server's stream, and what each piece of it costs the server: read over bare connections, without a browser. */
import { connect } from "node:net";
import type { Bench } from "../figures.ts";
import { type Figure, figure } from "../measure.ts";
import { cpuMicrosOfPiece, type LoadedServer, underFloor, underProduct } from "./stream-load.ts";

/** More characters than a time takes, with its marks. */
const keptLength = 200;
const load = { streamCount: 16, piecesPerSecond: 100 };

/** The API's stream sends each piece as it comes, the page's gathers them: both beside a bare server that sends them on as they come. */
export async function deltaFigures({ binary, rounds, isFull }: Bench): Promise<Figure[]> {
  const seconds = isFull ? 20 : rounds === 1 ? 0.5 : 1.5;
  const pieceCount = seconds * load.streamCount * load.piecesPerSecond;
  const ours = await underProduct(binary, load, async (server) => ({
    unread: await unread(server, pieceCount),
    api: await read(server, `${server.apiUrl}/api/events?after=${Number.MAX_SAFE_INTEGER}`, pieceCount),
    page: await read(server, server.liveUrl, pieceCount),
  }));
  const floor = await underFloor(load, async (server) => ({
    unread: await unread(server, pieceCount),
    page: await read(server, server.liveUrl, pieceCount),
  }));
  const cpu = (id: string, words: string, micros: number, bareMicros: number) =>
    figure(`delta-cpu-${id}`, `E  server CPU of a piece, ${words}`, { ours: [micros], floor: [bareMicros] }, "µs");
  const delay = (id: string, words: string, delaysMs: readonly number[]) =>
    figure(`delta-${id}`, `E  provider's byte to text, ${words}`, { ours: delaysMs, floor: floor.page.delaysMs });
  return [
    delay("api", "the API's stream", ours.api.delaysMs),
    delay("page", "the page's stream, gathered for 100 ms", ours.page.delaysMs),
    cpu("unread", "nobody reads", ours.unread, floor.unread),
    cpu("api", "the API's stream is read", ours.api.cpuMicros, floor.page.cpuMicros),
    cpu("page", "one page is open", ours.page.cpuMicros, floor.page.cpuMicros),
  ];
}

/** The server's CPU while nobody reads, after a while that does not count. */
async function unread(server: LoadedServer, pieceCount: number): Promise<number> {
  await server.provider.sentMore(pieceCount / 2);
  return await cpuMicrosOfPiece(server, () => server.provider.sentMore(pieceCount));
}

/** Reads a stream while so many pieces are said: how old each stamped one was when it came, and the server's CPU. */
async function read(server: LoadedServer, url: string, pieceCount: number) {
  const reader = new StampReader(new URL(url), server.headers);
  try {
    await reader.opened;
    reader.sinceMs = nowMs();
    const cpuMicros = await cpuMicrosOfPiece(server, () => server.provider.sentMore(pieceCount));
    return { cpuMicros, delaysMs: reader.delaysMs };
  } finally {
    reader.close();
  }
}

/** A bare connection that looks for the times in what it is sent, and nothing else. */
class StampReader {
  /** Of texts that were said after `sinceMs`: what a stream begins with is older. */
  readonly delaysMs: number[] = [];
  sinceMs = Number.POSITIVE_INFINITY;
  /** Resolves when the first text with a time in it has come. */
  readonly opened: Promise<void>;
  readonly #socket;
  #rest = "";

  constructor(url: URL, headers: Readonly<Record<string, string>>) {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.opened = promise;
    const lines = Object.entries({ host: url.host, connection: "close", accept: "text/event-stream", ...headers });
    const head = [`GET ${url.pathname}${url.search} HTTP/1.1`, ...lines.map(([name, value]) => `${name}: ${value}`)];
    this.#socket = connect(
      Number(url.port),
      url.hostname,
      () => void this.#socket.write(`${head.join("\r\n")}\r\n\r\n`),
    );
    this.#socket.setEncoding("utf8");
    this.#socket.on("data", (part) => {
      if (this.#take(String(part)) > 0) resolve();
    });
    this.#socket.on("error", reject);
    this.#socket.on("end", () => reject(new Error(`${url} ended, and last said: ${this.#rest}`)));
  }

  /** How many times were found. */
  #take(part: string): number {
    const now = nowMs();
    this.#rest += part;
    const found = [...this.#rest.matchAll(/⟨([0-9.]+)⟩/g)];
    for (const [, stamp] of found) if (Number(stamp) >= this.sinceMs) this.delaysMs.push(now - Number(stamp));
    const last = found.at(-1);
    // What may be the beginning of a time waits for the rest of it.
    this.#rest = this.#rest.slice(Math.max(last ? last.index + last[0].length : 0, this.#rest.length - keptLength));
    return found.length;
  }

  close(): void {
    this.#socket.destroy();
  }
}

/** Milliseconds since 1970, with their fractions, as the provider writes them. */
function nowMs(): number {
  return performance.timeOrigin + performance.now();
}
