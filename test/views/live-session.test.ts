/** Live frames: whole fragments with the position as id, only those that changed; text by offset, escaped and bounded. */
import { expect, test } from "bun:test";
import type { LiveStream } from "../../src/engine/engine-api.ts";
import { commsPage } from "../../src/web/pages/comms-page.tsx";
import { gatesPage } from "../../src/web/pages/gates-page.tsx";
import { frames } from "../../src/web/pages/live-response.ts";
import { LiveSession } from "../../src/web/pages/live-session.ts";
import { streamsPage } from "../../src/web/pages/streams-page.tsx";
import { FakeEngine } from "../support/fake-engine.ts";
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
  engine.add(gateFact("G-002"));
  const after = card(session.stateFrame());
  expect(before).toContain('data-gate="G-001"');
  expect(after).toBe(before);
});

test("text comes as deltas from where the browser is, escaped, without an id", () => {
  const engine = engineWithStream("one ");
  const session = new LiveSession(engine, streamsPage(engine), "nonce");
  expect(dataOf(session.stateFrame())).toContain('hx-swap="innerHTML">one </hx-partial>');
  expect(session.deltaFrame()).toBeNull();
  setText(engine, "one <b>two</b>\nthree", 20);
  const frame = session.deltaFrame();
  expect(frame).not.toContain("id:");
  expect(dataOf(frame)).toMatch(
    /hx-target="#stream-[0-9a-f]+-text" hx-swap="beforeend">&lt;b&gt;two&lt;\/b&gt;\nthree<\/hx-partial>$/,
  );
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
  expect(messages[1]).toContain('hx-swap="innerHTML">said before the pane was there<');
});

test("a pane that is further behind than the kept text is replaced as a whole", () => {
  const engine = engineWithStream("one");
  const session = new LiveSession(engine, streamsPage(engine), "nonce");
  session.stateFrame();
  setText(engine, "tail", 50_000);
  expect(dataOf(session.deltaFrame())).toContain('hx-swap="innerHTML">tail</hx-partial>');
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
  expect(dataOf(session.deltaFrame())).toContain(">🚀<");
});

test("half a surrogate pair waits for its other half also where a pane is new", () => {
  const engine = engineWithStream("a\ud83d");
  const session = new LiveSession(engine, streamsPage(engine), "nonce");
  expect(dataOf(session.stateFrame())).toContain(">a</hx-partial>");
  setText(engine, "a\ud83d\ude80", 3);
  expect(dataOf(session.deltaFrame())).toContain(">🚀<");
});

test("redrawing lanes leaves the text of panes alone", () => {
  const engine = engineWithStream("said before");
  const session = new LiveSession(engine, streamsPage(engine), "nonce");
  session.stateFrame();
  setText(engine, "new", 3, "Tier 1 (Orchestrator): E-001", "orchestrator");
  const data = dataOf(session.stateFrame());
  expect(data).not.toContain("said before");
  expect(data).toContain(">new</hx-partial>");
});

test("the provider traffic is drawn again for a call, and not for other events", () => {
  const engine = engineWithStream("");
  const page = commsPage(engine, new URLSearchParams({ stream: "T-001" }));
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
  const reader = frames({ engine, heartbeatMs: 60_000 }, streamsPage(engine), stop.signal, "nonce");
  expect((await reader.next()).value).toContain('hx-target="#lanes"');
  setText(engine, "one two", 7);
  engine.say({ streamId: id, offset: 3, text: " two" });
  expect(dataOf((await reader.next()).value ?? null)).toContain('beforeend"> two<');
  engine.add({ type: "engine.paused", by: "person" });
  expect((await reader.next()).value).toContain(`id: ${engine.state().position}\n`);
  const last = reader.next();
  stop.abort();
  expect((await last).done).toBe(true);
  expect(engine.listenerCount).toBe(0);
});
