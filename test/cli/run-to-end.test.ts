/** The end of a run: what is printed, in which order, and the exit code. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { runToEnd } from "../../src/cli/run-to-end.ts";
import type { Fact } from "../../src/domain/event.ts";
import type { Outcome } from "../../src/projections/summary.ts";
import { type TestWorld, testWorld } from "../support/cli-world.ts";
import { SettlingEngine } from "../support/settling-engine.ts";

let world: TestWorld;
let engine: SettlingEngine;
beforeEach(() => {
  world = testWorld();
  engine = new SettlingEngine();
});
afterEach(() => world.remove());

function run(isJson: boolean, isHeadless = true): Promise<number> {
  return runToEnd(engine, { isJson, isHeadless, after: 0, world });
}

function lines(): { type?: string; error?: { code: string; message: string }; position?: number; outcome?: string }[] {
  return world.said.out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

const trackId = "board_20260101";
const track: Fact = {
  type: "track.created",
  trackId,
  key: "board",
  title: "Board",
  goal: "g",
  acceptanceCriteria: [],
  modules: [],
  dependsOn: [],
  kind: "feature",
};
const openGate = {
  type: "gate.opened",
  gateId: "G-1",
  reason: "A worker starts.",
  payload: {},
  payloadHash: "h",
} as const;
const spawnGate: Fact = { ...openGate, kind: "spawn" };

const waysToEnd: Record<Outcome, Fact[]> = {
  done: [track],
  blocked: [track, { type: "track.blocked", trackId, reason: "Tier 2 gave up." }],
  failed: [track, { type: "track.started", trackId }],
  gate: [track, spawnGate],
  budget: [track, { ...openGate, kind: "budget" }],
};

describe("a run", () => {
  test("prints each event once as it happens, and the summary last", async () => {
    engine.add({ type: "engine.paused", by: "test" });
    const ended = run(true);
    engine.add(track);
    engine.settle();
    expect(await ended).toBe(0);
    expect(lines().map((line) => line.type)).toEqual(["engine.paused", "track.created", "summary"]);
    expect(lines().map((line) => line.position)).toEqual([1, 2, undefined]);
    expect(engine.stops.length).toBeGreaterThan(0);
    expect(engine.listenerCount).toBe(0);
  });

  test.each([
    ["done", 0],
    ["blocked", 1],
    ["failed", 1],
    ["gate", 3],
    ["budget", 4],
  ] satisfies [Outcome, number][])("that ends in %s exits with %d and says why", async (outcome, exitCode) => {
    engine.add(...waysToEnd[outcome]);
    engine.settle();
    expect(await run(true)).toBe(exitCode);
    expect(lines().at(-1)).toMatchObject({ type: "summary", outcome });
    if (exitCode !== 0) {
      expect(lines().at(-2)?.error?.code).toBe(outcome);
      expect(world.said.note.trim().split("\n").at(-1)).toStartWith("signalbox: ");
    }
  });

  test("names the gate that nobody may open, and how to go on", async () => {
    engine.add(spawnGate);
    engine.settle();
    expect(await run(false)).toBe(3);
    expect(world.said.note).toContain("Stopped at the spawn gate G-1");
    expect(world.said.note).toContain("signalbox gates approve G-1");
  });

  test("goes on waiting at a gate when somebody can answer it", async () => {
    engine.add(spawnGate);
    engine.settle();
    const ended = run(true, false);
    await Promise.resolve();
    engine.unsettle();
    engine.add({ type: "gate.withdrawn", gateId: "G-1", kind: "spawn", reason: "It went away." });
    engine.settle();
    expect(await ended).toBe(0);
  });

  test("stops cleanly at an interrupt", async () => {
    const ended = run(true);
    world.interrupt();
    expect(await ended).toBe(130);
    expect(engine.stops[0]).toBe("interrupted");
    expect(world.said.note).toContain("signalbox resume");
  });

  test("shows people one calm line for a change, and no control characters of a model", async () => {
    engine.add({ ...track, title: "Evil\x1b[31m\ntitle" });
    engine.settle();
    expect(await run(false)).toBe(0);
    expect(world.said.note).toBe("03:04:05 · board_20260101 Evil title\n");
    expect(world.said.out).toContain("Done.");
  });
});
