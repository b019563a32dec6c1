/** Live events: in order, each once, resumed after a position; deltas beside them; a slow client costs nothing. */
import { describe, expect, test } from "bun:test";
import { z } from "zod";
import { DeltaQueue } from "../../src/web/api/delta-queue.ts";
import { ApiError } from "../../src/web/api/schemas.ts";
import { gateFact, planFacts, ticketFact } from "../support/sample-facts.ts";
import { SseReader } from "../support/sse-reader.ts";
import { type WebApp, webApp } from "../support/web-app.ts";

const streamId = "Tier 3 (Worker): T-001";

async function listen({ ask }: WebApp, query = "", headers: Record<string, string> = {}): Promise<SseReader> {
  const answer = await ask(`/api/events${query}`, { headers: { accept: "text/event-stream", ...headers } });
  expect(answer.headers.get("content-type")).toStartWith("text/event-stream");
  return new SseReader(answer);
}

describe("the event stream", () => {
  test("sends what was, then what comes, with position and type", async () => {
    const web = webApp();
    web.engine.add(...planFacts().slice(0, 2));
    const stream = await listen(web);
    const past = await stream.take(2);
    expect(past.map(({ id, event }) => [id, event])).toEqual([
      ["1", "epic.created"],
      ["2", "track.created"],
    ]);
    expect(JSON.parse(past[0]?.data ?? "")).toEqual(JSON.parse(JSON.stringify(web.engine.log[0])));
    web.engine.add(gateFact());
    expect(await stream.next()).toMatchObject({ id: "3", event: "gate.opened" });
    await stream.cancel();
  });

  test("resumes after a position: Last-Event-ID wins over after", async () => {
    const web = webApp();
    web.engine.add(...planFacts());
    const byQuery = await listen(web, "?after=3");
    expect((await byQuery.take(2)).map((frame) => frame.id)).toEqual(["4", "5"]);
    const byHeader = await listen(web, "?after=1", { "last-event-id": "4" });
    expect(await byHeader.next()).toMatchObject({ id: "5" });
    const bySpoiltHeader = await listen(web, "?after=4", { "last-event-id": "nonsense" });
    expect(await bySpoiltHeader.next()).toMatchObject({ id: "5" });
    for (const stream of [byQuery, byHeader, bySpoiltHeader]) await stream.cancel();
  });

  test("sends only the types that were asked for", async () => {
    const web = webApp();
    web.engine.add(...planFacts());
    const stream = await listen(web, "?type=gate.*");
    web.engine.add(gateFact(), ticketFact("T-003", []), gateFact("G-002"));
    expect((await stream.take(2)).map((frame) => frame.id)).toEqual(["6", "8"]);
    await stream.cancel();
  });

  test("sends deltas without an id, beside events", async () => {
    const web = webApp();
    const stream = await listen(web);
    // The first read opens the stream: nothing is kept for a client that has not begun to read.
    const first = stream.next();
    web.engine.say({ streamId, offset: 7, text: "one\ntwo" });
    expect(await first).toEqual({ event: "delta", data: JSON.stringify({ streamId, offset: 7, text: "one\ntwo" }) });
    await stream.cancel();
  });

  test("misses no event and holds no more than a bounded text when the client is slow", async () => {
    const web = webApp();
    web.engine.add(...planFacts());
    const stream = await listen(web, "?after=5");
    const first = stream.next();
    web.engine.say({ streamId, offset: 0, text: "start" });
    await first;
    const letters = "abcdefghij".repeat(100);
    for (let index = 0; index < 2000; index++) {
      web.engine.say({ streamId, offset: 5 + index * letters.length, text: letters });
      web.engine.add(ticketFact(`T-${index + 10}`, []));
    }
    const positions: number[] = [];
    let text = "";
    let endOffset = 0;
    while (positions.length < 2000) {
      const frame = await stream.next();
      if (frame?.id !== undefined) positions.push(Number(frame.id));
      if (frame?.event !== "delta") continue;
      const delta = z.object({ offset: z.number(), text: z.string() }).parse(JSON.parse(frame.data ?? ""));
      text += delta.text;
      endOffset = delta.offset + delta.text.length;
    }
    expect(positions).toEqual(Array.from({ length: 2000 }, (_, index) => index + 6));
    expect(text.length).toBeLessThanOrEqual(64_000);
    expect(endOffset).toBe(5 + 2000 * letters.length);
    await stream.cancel();
  });

  test("says that it lives when there is nothing to say", async () => {
    const stream = await listen(webApp(undefined, { heartbeatMs: 5 }));
    await stream.next({ isComment: true });
    expect(await stream.next({ isComment: true })).toEqual({ comment: "hb" });
    await stream.cancel();
  });

  test("listens to nothing any more once the client is gone", async () => {
    const web = webApp();
    web.engine.add(...planFacts());
    const stream = await listen(web);
    await stream.next();
    expect(web.engine.listenerCount).toBe(2);
    await stream.cancel();
    expect(web.engine.listenerCount).toBe(0);
    expect(web.services.openStreams.size).toBe(0);
  });

  test("never listens for a HEAD request", async () => {
    const web = webApp();
    await web.ask("/api/events", { method: "HEAD", headers: { accept: "text/event-stream" } });
    expect(web.engine.listenerCount).toBe(0);
  });

  test("ends when the server stops", async () => {
    const web = webApp();
    const stream = await listen(web);
    const next = stream.next();
    web.closing.abort();
    expect(await next).toBeNull();
  });

  test("is refused with words when too many are open", async () => {
    const web = webApp();
    for (let index = 0; index < 64; index++) web.services.openStreams.add({});
    const answer = await web.ask("/api/events", { headers: { accept: "text/event-stream" } });
    expect(answer.status).toBe(503);
    expect(ApiError.parse(await answer.json()).error.message).toContain("event streams");
  });
});

describe("waiting text", () => {
  test("is joined where it fits, and begins anew where it does not", () => {
    const queue = new DeltaQueue();
    queue.push({ streamId: "a", offset: 0, text: "one" });
    queue.push({ streamId: "b", offset: 9, text: "x" });
    queue.push({ streamId: "a", offset: 3, text: "two" });
    expect(queue.takeAll()).toEqual([
      { streamId: "a", offset: 0, text: "onetwo" },
      { streamId: "b", offset: 9, text: "x" },
    ]);
    expect(queue.takeAll()).toEqual([]);
    queue.push({ streamId: "a", offset: 0, text: "old" });
    queue.push({ streamId: "a", offset: 50, text: "new" });
    expect(queue.takeAll()).toEqual([{ streamId: "a", offset: 50, text: "new" }]);
  });

  test("loses its oldest part first, never half a character", () => {
    const queue = new DeltaQueue();
    queue.push({ streamId: "a", offset: 0, text: `${"😀".repeat(40_000)}x` });
    const [piece] = queue.takeAll();
    expect(piece?.text.isWellFormed()).toBe(true);
    expect((piece?.offset ?? 0) + (piece?.text.length ?? 0)).toBe(80_001);
    expect(piece?.text.length).toBeLessThanOrEqual(64_000);
  });

  test("is kept for so many streams only", () => {
    const queue = new DeltaQueue();
    for (let index = 0; index < 200; index++) queue.push({ streamId: `${index}`, offset: 0, text: "x" });
    expect(queue.takeAll().length).toBe(64);
  });
});
