/** The live text of agents: lines that tell of tool calls stand on their own, and leave no empty line behind them. */
import { expect, test } from "bun:test";
import { makeRedactor } from "../../src/domain/redactor.ts";
import { StreamHub } from "../../src/engine/stream-hub.ts";
import { FakeEngine } from "../support/fake-engine.ts";
import { attempt } from "../support/sample-builders.ts";
import { planFacts } from "../support/sample-facts.ts";

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
