/** The live text of agents: lines that tell of tool calls stand on their own, and leave no empty line behind them. */
import { expect, test } from "bun:test";
import type { Fact } from "../../src/domain/event.ts";
import { makeRedactor } from "../../src/domain/redactor.ts";
import { StreamHub } from "../../src/engine/stream-hub.ts";
import { FakeEngine } from "../support/fake-engine.ts";
import { openedGate } from "../support/page-scene.ts";
import { attempt } from "../support/sample-builders.ts";
import { callFacts, planFacts } from "../support/sample-facts.ts";

const streamId = "Tier 3 (Worker): T-001";

function hubWithStream(): StreamHub {
  const engine = new FakeEngine();
  const hub = new StreamHub();
  const events = engine.add(...planFacts(), ...attempt({ ticketId: "T-001", trackId: "t", attempt: 1 }, "m"));
  for (const event of events) hub.follow(engine.state(), event);
  return hub;
}

test("a tool call's line begins a line of its own, and leaves none empty where a line has just ended", () => {
  const hub = hubWithStream();
  for (const piece of ["\n→ read a\n", "\n→ read b\n", "Done.", "\n→ bash ls\n"]) hub.append(streamId, piece);
  expect(hub.streams.get(streamId)?.text).toBe("→ read a\n→ read b\nDone.\n→ bash ls\n");
});

test("what listeners get, put together by its offsets, is the text", () => {
  const hub = hubWithStream();
  let heard = "";
  hub.onDelta(({ offset, text }) => {
    expect(offset).toBe(heard.length);
    heard += text;
  });
  for (const piece of ["a", "\n→ one\n", "\n→ two\n", "b"]) hub.append(streamId, piece);
  expect(heard).toBe(hub.streams.get(streamId)?.text ?? "");
});

test("a secret that comes in pieces is never shown, and what was held back is shown at the agent's next event", () => {
  const engine = new FakeEngine();
  const hub = new StreamHub(makeRedactor(["key-0123456789"]));
  const events = engine.add(...planFacts(), ...attempt({ ticketId: "T-001", trackId: "t", attempt: 1 }, "m"));
  for (const event of events) hub.follow(engine.state(), event);
  let heard = "";
  hub.onDelta(({ offset, text }) => {
    expect(offset).toBe(heard.length);
    heard += text;
  });
  for (const piece of ["It is ke", "y-01234", "56789. A ke"]) hub.append(streamId, piece);
  expect(heard).toBe("It is [secret]. A ");
  const agentId = hub.streams.get(streamId)?.agentId ?? "";
  for (const event of engine.add({ type: "agent.ended", agentId, text: "" })) hub.follow(engine.state(), event);
  expect(heard).toBe("It is [secret]. A ke");
});

test("a full stream grows by what is added, not by all that it holds, and keeps its end", () => {
  const engine = new FakeEngine();
  let nowMs = 0;
  const hub = new StreamHub(makeRedactor([]), () => nowMs);
  const begun = attempt({ ticketId: "T-001", trackId: "t", attempt: 1 }, "m");
  for (const event of engine.add(...planFacts(), ...begun)) hub.follow(engine.state(), event);
  const pieces = Array.from({ length: 30_000 }, (_, index) => `${String(index).padStart(9, "0")}\n`);
  for (const piece of pieces) hub.append(streamId, piece);
  nowMs = 77;
  hub.append(streamId, "end");
  const stream = hub.streams.get(streamId);
  const whole = `${pieces.join("")}end`;
  expect(stream?.endOffset).toBe(whole.length);
  expect(stream?.text.length).toBeGreaterThanOrEqual(65_536);
  expect(stream?.text.length).toBeLessThanOrEqual(131_072);
  expect(stream?.text).toBe(whole.slice(-(stream?.text.length ?? 0)));
  expect(stream?.lastByteMs).toBe(77);
});

test("a stream names the tools of its last turn until the next request", () => {
  const engine = new FakeEngine();
  const hub = new StreamHub();
  const [started, asked, settled] = callFacts({ role: "worker", agentId: "A-1", callId: "C-1" });
  const used = [
    { type: "text", text: "I look." },
    { type: "tool_use", id: "1", name: "read", input: {} },
  ];
  const tell = (...facts: readonly (Fact | undefined)[]) => {
    for (const event of engine.add(...facts.flatMap((fact) => fact ?? []))) hub.follow(engine.state(), event);
    return hub.streams.get(streamId)?.tools?.names ?? [];
  };
  expect(tell(...planFacts(), started, asked)).toEqual([]);
  expect(tell(settled?.type === "call.settled" ? { ...settled, content: used } : undefined)).toEqual(["read"]);
  expect(tell(asked)).toEqual([]);
});

test("a stream knows when its model answered and when a person was asked, one thing at a time", () => {
  const engine = new FakeEngine();
  const hub = new StreamHub();
  const [started, asked, settled] = callFacts({ role: "worker", agentId: "A-1", callId: "C-1" });
  const tell = (...facts: readonly (Fact | undefined)[]) => {
    for (const event of engine.add(...facts.flatMap((fact) => fact ?? []))) hub.follow(engine.state(), event);
    return hub.streams.get(streamId)?.spans?.map(({ kind, toMs }) => (toMs === null ? `${kind}…` : kind));
  };
  expect(tell(...planFacts(), started, asked)).toEqual(["call…"]);
  const [gate] = [{ ...openedGate("G-1", "command", { command: "ls", cwd: "." }), agentId: "A-1" }];
  expect(tell(settled, gate)).toEqual(["call", "gate…"]);
  expect(tell({ type: "gate.declined", gateId: "G-1", kind: "command", reason: "No.", by: "me" })).toEqual([
    "call",
    "gate",
    "tool…",
  ]);
  expect(tell({ type: "agent.ended", agentId: "A-1", text: "" })).toEqual(["call", "gate", "tool"]);
});
