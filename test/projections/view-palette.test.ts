/** What the palette finds: few, the best first, however many there are; and what each of them does. */
import { expect, test } from "bun:test";
import { paletteEntries, paletteLimit } from "../../src/projections/view-palette.ts";
import { FakeEngine } from "../support/fake-engine.ts";
import { commandGate } from "../support/page-scene.ts";
import { gateFact, planFacts, ticketFact, trackId } from "../support/sample-facts.ts";

const pages = [
  { name: "Overview", href: "/" },
  { name: "Usage", href: "/usage" },
];

function labels(engine: FakeEngine, query: string): readonly string[] {
  return paletteEntries(engine.state(), pages, query).map((entry) => entry.label);
}

function planned(): FakeEngine {
  const engine = new FakeEngine();
  engine.add(...planFacts());
  return engine;
}

test("finds one of ten thousand tickets by its number, and shows few", () => {
  const engine = planned();
  const count = 10_000;
  engine.add(...Array.from({ length: count }, (_unset, index) => ticketFact(`T-${index + 10_000}`, [])));
  expect(labels(engine, "t-15432")[0]).toBe("T-15432 Title of T-15432");
  expect(labels(engine, "title").length).toBe(paletteLimit);
});

test("takes words in any order, parts of words, and letters in their order", () => {
  const engine = planned();
  expect(labels(engine, "of title t-002")[0]).toBe("T-002 Title of T-002");
  expect(labels(engine, "t2")[0]).toBe("T-002 Title of T-002");
  expect(labels(engine, "usg")[0]).toBe("Usage");
  expect(labels(engine, "greet")[0]).toBe("Greeting");
  expect(labels(engine, "no such thing")).toEqual([]);
});

test("offers to retry a ticket that has ended, and leads to the levers of one that has not", () => {
  const engine = planned();
  engine.add({ type: "ticket.blocked", ticketId: "T-001", trackId, reason: "It cannot be done." });
  const [retry] = paletteEntries(engine.state(), pages, "retry t-001");
  expect(retry).toMatchObject({
    kind: "action",
    label: "Retry T-001",
    target: { action: "/actions/tickets/T-001/retry" },
  });
  expect(labels(engine, "retry t-002")).toEqual([]);
  const [skip] = paletteEntries(engine.state(), pages, "skip t-002");
  expect(skip?.target).toEqual({ href: "/tickets/T-002#levers" });
});

test("shows the lever of the engine that can be pulled now", () => {
  const engine = planned();
  expect(labels(engine, "pause")[0]).toBe("Pause the engine");
  engine.add({ type: "engine.paused", by: "person" });
  expect(labels(engine, "unpause")[0]).toBe("Unpause the engine");
});

test("begins with what waits, then levers and pages, before anything is typed", () => {
  const engine = planned();
  engine.add(gateFact("G-001"), ...Array.from({ length: 8 }, (_unset, index) => commandGate(`G-10${index}`, "ls")));
  const found = paletteEntries(engine.state(), pages, " ");
  expect(found.map((entry) => entry.kind)).toEqual([
    ...Array.from({ length: 5 }, () => "gate" as const),
    "action",
    "page",
    "page",
    "action",
  ]);
  expect(found[0]).toMatchObject({ label: expect.stringContaining("G-001 Run bun test"), hint: "waits for you" });
});
