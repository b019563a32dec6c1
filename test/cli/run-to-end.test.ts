/** The end of a run: what is printed, in which order, and the exit code. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { runToEnd } from "../../src/cli/run-to-end.ts";
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

const track = {
  title: "Board",
  goal: "g",
  acceptanceCriteria: [],
  modules: [],
  dependsOn: [],
  kind: "feature",
} as const;
const spawnGate = {
  type: "gate.opened",
  gateId: "G-1",
  kind: "spawn",
  reason: "A worker starts.",
  payload: {},
  payloadHash: "h",
} as const;

describe("a run", () => {
  test("prints each event once as it happens, and the summary last", async () => {
    engine.add({ type: "epic.created", epicId: "E-1", goal: "Build it", isStarting: true });
    const ended = run(true);
    engine.add({ type: "track.created", trackId: "board_20260101", key: "board", ...track });
    engine.settle("done");
    expect(await ended).toBe(0);
    expect(lines().map((line) => line.type)).toEqual(["epic.created", "track.created", "summary"]);
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
    engine.add({ type: "track.created", trackId: "board_20260101", key: "board", ...track });
    engine.add({ type: "track.blocked", trackId: "board_20260101", reason: "Tier 2 gave up." });
    if (outcome === "gate") engine.add(spawnGate);
    engine.settle(outcome);
    expect(await run(true)).toBe(exitCode);
    expect(lines().at(-1)).toMatchObject({ type: "summary", outcome });
    if (exitCode !== 0) {
      expect(lines().at(-2)?.error?.code).toBe(outcome);
      expect(world.said.note.trim().split("\n").at(-1)).toStartWith("signalbox: ");
    }
  });

  test("names the gate that nobody may open, and how to go on", async () => {
    engine.add(spawnGate);
    engine.settle("gate");
    expect(await run(false)).toBe(3);
    expect(world.said.note).toContain("Stopped at the spawn gate G-1");
    expect(world.said.note).toContain("signalbox gates approve G-1");
  });

  test("goes on waiting at a gate when somebody can answer it", async () => {
    engine.add(spawnGate);
    engine.settle("gate");
    const ended = run(true, false);
    await Promise.resolve();
    engine.unsettle();
    engine.add({
      type: "gate.approved",
      gateId: "G-1",
      kind: "spawn",
      payload: {},
      payloadHash: "h",
      isEdited: false,
      by: "person",
    });
    engine.settle("done");
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
    engine.add({ type: "epic.created", epicId: "E-1", goal: "Evil\x1b[31m\ngoal", isStarting: true });
    engine.settle("done");
    expect(await run(false)).toBe(0);
    expect(world.said.note).toBe("03:04:05 · E-1 goal: Evil goal\n");
    expect(world.said.out).toContain("Done.");
  });
});
