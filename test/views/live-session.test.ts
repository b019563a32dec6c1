/** Live frames: whole fragments with the position as id, only those that changed; text by offset, escaped and bounded. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import type { LiveStream } from "../../src/domain/live-stream.ts";
import { commsPage } from "../../src/web/pages/comms-page.tsx";
import { gatesPage } from "../../src/web/pages/gates-page.tsx";
import { drawLanes } from "../../src/web/pages/lanes.ts";
import { frames } from "../../src/web/pages/live-response.ts";
import { LiveSession } from "../../src/web/pages/live-session.ts";
import { drawnClock } from "../../src/web/pages/stream-clock.tsx";
import { StreamFeed } from "../../src/web/pages/stream-feed.ts";
import { streamsPage } from "../../src/web/pages/streams-page.tsx";
import { gate } from "../support/facts.ts";
import { FakeEngine } from "../support/fake-engine.ts";
import { known } from "../support/given.ts";
import { callFacts, gateFact, planFacts } from "../support/sample-facts.ts";

const id = "Tier 3 (Worker): T-001";

function engineWithStream(text: string): FakeEngine {
  const engine = new FakeEngine();
  engine.add(...planFacts());
  setText(engine, text, text.length);
  return engine;
}

function setText(
  engine: FakeEngine,
  text: string,
  endOffset: number,
  streamId = id,
  role: LiveStream["role"] = "worker",
): void {
  const stream: LiveStream = {
    streamId,
    role,
    agentId: "A-1",
    epicId: null,
    trackId: null,
    ticketId: "T-001",
    status: "running",
    reason: null,
    text,
    endOffset,
    startedAt: "2026-01-02T03:04:05.000Z",
    endedAt: null,
  };
  engine.liveStreams.set(streamId, stream);
}

/** What follows `data: ` in every line, as a browser puts it together. */
function dataOf(frame: string | null): string {
  return (frame ?? "")
    .split("\n")
    .filter((line) => line.startsWith("data: "))
    .map((line) => line.slice(6))
    .join("\n");
}

test("the first frame redraws every region; the next only those that changed, with the position as id", () => {
  const engine = new FakeEngine();
  engine.add(...planFacts());
  const session = new LiveSession(engine, gatesPage(engine), "nonce");
  expect(session.stateFrame()).toStartWith(`id: ${engine.state().position}\n`);
  expect(session.stateFrame()).toBeNull();
  engine.add({ type: "ticket.skipped", ticketId: "T-002", trackId: "none", reason: "" });
  expect(session.stateFrame()).toBeNull();
  engine.add(gateFact());
  const frame = session.stateFrame();
  expect(frame).toStartWith(`id: ${engine.state().position}\n`);
  expect([...dataOf(frame).matchAll(/<hx-partial hx-target="([^"]+)"/g)].map((match) => match[1])).toEqual([
    "#status",
    "#gates",
  ]);
});

test("a card that did not change is drawn the same, byte for byte, when another one comes", () => {
  const engine = new FakeEngine();
  engine.add(...planFacts(), gateFact("G-001"));
  const session = new LiveSession(engine, gatesPage(engine), "nonce");
  const card = (frame: string | null) => /<article id="[^"]+" class="gate"[\s\S]*?<\/article>/.exec(dataOf(frame))?.[0];
  const before = card(session.stateFrame());
  engine.add(gate("G-002", "command", { command: "make", cwd: "." }));
  const after = card(session.stateFrame());
  expect(before).toContain('data-gate="G-001"');
  expect(after).toBe(before);
});

/** The pieces of text in a frame: `[element id, from, to, text, replaces all]`. */
function piecesOf(frame: string | null): unknown[] {
  const data = /event: panes\ndata: (.*)\n\n$/.exec(frame ?? "")?.[1];
  return data === undefined ? [] : JSON.parse(data).panes;
}

const paneId = expect.stringMatching(/^stream-[0-9a-f]+-text$/);

test("text comes as pieces from where the browser is, without an id", () => {
  const engine = engineWithStream("one ");
  const session = new LiveSession(engine, streamsPage(engine), "nonce");
  expect(piecesOf(session.stateFrame())).toEqual([[paneId, 0, 4, "one ", true]]);
  expect(session.deltaFrame()).toBeNull();
  const text = "one <b>two</b>\nthree";
  setText(engine, text, text.length);
  const frame = session.deltaFrame();
  expect(frame).not.toContain("id:");
  expect(piecesOf(frame)).toEqual([[paneId, 4, text.length, "<b>two</b>\nthree", false]]);
  expect(session.deltaFrame()).toBeNull();
});

test("the text of a new pane comes in a message after the pane: a message's targets are looked up before it is swapped", () => {
  const engine = new FakeEngine();
  engine.add(...planFacts());
  const session = new LiveSession(engine, streamsPage(engine), "nonce");
  session.stateFrame();
  setText(engine, "said before the pane was there", 30);
  engine.add({ type: "engine.paused", by: "person" });
  const messages = (session.stateFrame() ?? "").trimEnd().split("\n\n");
  expect(messages).toHaveLength(2);
  expect(messages[0]).toStartWith("id: ");
  expect(messages[0]).toContain(`data-stream="${id}"`);
  expect(messages[0]).not.toContain("said before");
  expect(messages[1]).toContain('"said before the pane was there",true]');
});

test("a pane that is further behind than the kept text is replaced as a whole", () => {
  const engine = engineWithStream("one");
  const session = new LiveSession(engine, streamsPage(engine), "nonce");
  session.stateFrame();
  setText(engine, "tail", 50_000);
  expect(piecesOf(session.deltaFrame())).toEqual([[paneId, 49_996, 50_000, "tail", true]]);
});

test("one frame never holds more of a stream than a pane does", () => {
  const engine = engineWithStream("");
  const session = new LiveSession(engine, streamsPage(engine), "nonce");
  session.stateFrame();
  setText(engine, "x".repeat(200_000), 200_000);
  expect((session.deltaFrame() ?? "").length).toBeLessThan(11_000);
});

test("a character that arrives in two halves is sent once, whole", () => {
  const engine = engineWithStream("a");
  const session = new LiveSession(engine, streamsPage(engine), "nonce");
  session.stateFrame();
  setText(engine, "a\ud83d", 2);
  expect(session.deltaFrame()).toBeNull();
  setText(engine, "a\ud83d\ude80", 3);
  expect(piecesOf(session.deltaFrame())).toEqual([[paneId, 1, 3, "🚀", false]]);
});

test("half a surrogate pair waits for its other half also where a pane is new", () => {
  const engine = engineWithStream("a\ud83d");
  const session = new LiveSession(engine, streamsPage(engine), "nonce");
  expect(piecesOf(session.stateFrame())).toEqual([[paneId, 0, 1, "a", true]]);
  setText(engine, "a\ud83d\ude80", 3);
  expect(piecesOf(session.deltaFrame())).toEqual([[paneId, 1, 3, "🚀", false]]);
});

test("redrawing lanes leaves the text of panes alone", () => {
  const engine = engineWithStream("said before");
  const session = new LiveSession(engine, streamsPage(engine), "nonce");
  session.stateFrame();
  setText(engine, "new", 3, "Tier 1 (Orchestrator): E-001", "orchestrator");
  const frame = session.stateFrame();
  expect(frame).not.toContain("said before");
  expect(piecesOf(frame)).toEqual([[paneId, 0, 3, "new", true]]);
});

test("the provider traffic is drawn again for a call, and not for other events", () => {
  const engine = engineWithStream("");
  const page = known(commsPage({ engine, toolsFor: () => [] }, new URLSearchParams({ stream: "T-001" })), "page");
  const before = page.draw(false);
  engine.add({ type: "engine.paused", by: "person" });
  expect(page.draw(false)).toBe(before);
  engine.add(...callFacts({ role: "worker", agentId: "A-1", callId: "C-1", costUsd: 0.1 }));
  expect(String(page.draw(false).regions.at(-1)?.content)).toContain("T-001");
  expect(String(before.regions.at(-1)?.content)).toContain("No call here.");
});

test("a connection sends what happens and lets go of the engine when it ends", async () => {
  const engine = engineWithStream("one");
  const stop = new AbortController();
  const visitor = { nonce: "nonce", held: null };
  const reader = frames({ engine, heartbeatMs: 60_000 }, streamsPage(engine), stop.signal, visitor);
  expect((await reader.next()).value).toContain('hx-target="#lanes"');
  setText(engine, "one two", 7);
  engine.say({ streamId: id, offset: 3, text: " two" });
  expect(piecesOf((await reader.next()).value ?? null)).toEqual([[paneId, 3, 7, " two", false]]);
  engine.add({ type: "engine.paused", by: "person" });
  expect((await reader.next()).value).toContain(`id: ${engine.state().position}\n`);
  const last = reader.next();
  stop.abort();
  expect((await last).done).toBe(true);
  expect(engine.listenerCount).toBe(0);
});

test("a browser that comes back gets what it lacks, and nothing twice", () => {
  const engine = engineWithStream("one two ");
  const feedId = StreamFeed.of(engine).id;
  const pane = streamsPage(engine).draw(false).panes[0]?.elementId ?? "";
  const back = (offset: number, feed = feedId) => {
    const held = { feedId: feed, offsets: new Map([[pane, offset]]) };
    return piecesOf(new LiveSession(engine, streamsPage(engine), "nonce", held).stateFrame());
  };
  expect(back(4)).toEqual([[paneId, 4, 8, "two ", false]]);
  expect(back(8)).toEqual([]);
  expect(back(9)).toEqual([[paneId, 0, 8, "one two ", true]]);
  expect(back(4, "another")).toEqual([[paneId, 0, 8, "one two ", true]]);
});

test("pages share what was gathered for one of them, and one that fell behind gets it from the stream", async () => {
  const engine = engineWithStream("");
  const feed = StreamFeed.of(engine);
  const sessions = [1, 2].map(() => new LiveSession(engine, streamsPage(engine), "nonce"));
  for (const session of sessions) session.stateFrame();
  // Somebody listens all the time: otherwise nothing is gathered.
  let sealed = (): void => undefined;
  const stop = feed.listen(() => sealed());
  const say = async (text: string) => {
    const before = engine.liveStreams.get(id)?.text ?? "";
    setText(engine, before + text, before.length + text.length);
    const { promise, resolve } = Promise.withResolvers<void>();
    sealed = resolve;
    engine.say({ streamId: id, offset: before.length, text });
    await promise;
  };
  await say("one ");
  expect(sessions.map((session) => piecesOf(session.deltaFrame()))).toEqual(
    Array(2).fill([[paneId, 0, 4, "one ", false]]),
  );
  await say("two ");
  expect(feed.after(id, 4)[0]).toBe(feed.after(id, 4)[0]);
  await say("three ");
  const late = new LiveSession(engine, streamsPage(engine), "nonce");
  expect(piecesOf(late.stateFrame())).toEqual([[paneId, 0, 14, "one two three ", true]]);
  expect(piecesOf(sessions[0]?.deltaFrame() ?? null)).toEqual([
    [paneId, 4, 8, "two ", false],
    [paneId, 8, 14, "three ", false],
  ]);
  stop();
});

/** Any pieces, any moments at which two pages read: what each has put together is what was said. */
test("put together by its offsets, what a page gets is the text, whenever it reads and whenever it comes back", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.string({ unit: "binary", maxLength: 20 }), fc.nat(3)), { maxLength: 40 }),
      (steps) => {
        const engine = engineWithStream("");
        const feed = StreamFeed.of(engine);
        let session = new LiveSession(engine, streamsPage(engine), "nonce");
        let [shown, end, said] = ["", 0, ""];
        const take = (frame: string | null) => {
          for (const piece of piecesOf(frame)) {
            const [, from, to, text, isWhole] = piece as [string, number, number, string, boolean]; // What `panesMessage` writes.
            expect(isWhole || from === end).toBe(true);
            shown = isWhole ? text : shown + text;
            end = to;
          }
        };
        take(session.stateFrame());
        for (const [text, what] of steps) {
          said += text;
          setText(engine, said, said.length);
          if (what === 1) take(session.deltaFrame());
          if (what === 2) {
            const pane = streamsPage(engine).draw(false).panes[0]?.elementId ?? "";
            const held = { feedId: feed.id, offsets: new Map([[pane, end]]) };
            session = new LiveSession(engine, streamsPage(engine), "nonce", held);
            take(session.stateFrame());
          }
        }
        take(session.deltaFrame());
        expect(said.slice(0, end).length).toBe(end);
        expect(said.length - end).toBeLessThanOrEqual(1);
        if (!/[^\x20-\x7e]/.test(said)) expect(shown).toBe(said);
      },
    ),
  );
});

test("the clock of the streams is drawn once a second for all pages, and comes when it is due; a page that opens has the present one", () => {
  const engine = engineWithStream("one");
  const startMs = 1_000_000;
  const drawn = (nowMs: number, isFresh = false) =>
    drawnClock(engine, { lanes: drawLanes(engine, false, 4).lanes, nowMs, scope: "", isFresh });
  const first = drawn(startMs);
  engine.add(gateFact("G-001"));
  expect(drawn(startMs + 900).content).toBe(first.content);
  expect(drawn(startMs + 900).changesAtMs).toBe(startMs + 1_000);
  expect(drawn(startMs + 1_000).content).not.toBe(first.content);
  expect(drawn(startMs + 1_100, true).content).not.toBe(drawn(startMs + 900, true).content);
});
