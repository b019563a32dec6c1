/** What a run gives the engine to do: a goal, or tracks, also those that nobody but their documents knows. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runCli } from "../../src/cli/run-cli.ts";
import { startEpic, startTracks } from "../../src/cli/start-work.ts";
import { runGit } from "../../src/workspace/git.ts";
import { type TestWorld, testWorld } from "../support/cli-world.ts";
import { SettlingEngine } from "../support/settling-engine.ts";

let world: TestWorld;
let engine: SettlingEngine;
beforeEach(() => {
  world = testWorld();
  engine = new SettlingEngine(world.cwd);
});
afterEach(() => world.remove());

function writeTrack(trackId: string, mark: " " | "x"): void {
  const folder = join(world.cwd, "conductor", "tracks", trackId);
  mkdirSync(folder, { recursive: true });
  const status = mark === "x" ? "completed" : "new";
  const metadata = { track_id: trackId, type: "bug", status, created_at: "", updated_at: "", description: "Mend it" };
  writeFileSync(join(folder, "metadata.json"), JSON.stringify(metadata));
  writeFileSync(join(folder, "spec.md"), "# Spec\n\nIt breaks at midnight.\n\n## Acceptance Criteria\n\n- It holds\n");
  writeFileSync(
    join(folder, "plan.md"),
    `# Plan\n\n## Phase 1: Mend\n- [x] Task: Look\n- [${mark}] Task: Mend the clock\n`,
  );
}

describe("tracks", () => {
  test("that people wrote by hand are taken in with their spec and open tasks, and started", () => {
    writeTrack("clock_20260101", " ");
    writeTrack("old_20250101", "x");
    expect(startTracks(engine, [])).toEqual(["clock_20260101"]);
    expect(engine.dispatched.map((command) => command.type)).toEqual(["import_track", "start_run", "start_track"]);
    const track = engine.state().tracks.get("clock_20260101");
    expect(track).toMatchObject({ kind: "bug", acceptanceCriteria: ["It holds"], status: "planning" });
    expect(track?.goal).toContain("It breaks at midnight.");
    expect(track?.goal).toContain("- Mend: Mend the clock");
    expect(track?.goal).not.toContain("Look");
  });

  test("that nobody knows are refused with those that there are", () => {
    writeTrack("clock_20260101", " ");
    expect(() => startTracks(engine, ["clok"])).toThrow('There is no track "clok". Tracks: clock_20260101.');
    expect(engine.dispatched).toEqual([]);
  });

  test("none at all, or none left, is wrong usage", () => {
    expect(() => startTracks(engine, [])).toThrow("There is no track under conductor/tracks/ yet.");
    writeTrack("old_20250101", "x");
    expect(() => startTracks(engine, [])).toThrow("Every track under conductor/tracks/ is finished.");
  });
});

describe("a goal", () => {
  test("wakes a paused engine, and begins a run of its own", () => {
    engine.add({ type: "engine.paused", by: "person" });
    expect(startEpic(engine, " Build it ", true)).toBe("E-001");
    expect(engine.state().isPaused).toBe(false);
    expect(engine.state().epics.get("E-001")).toMatchObject({ goal: "Build it", isStarting: true });
    expect(engine.log.filter((event) => event.type === "run.started")).toHaveLength(1);
  });

  test("is refused when it is empty", () => {
    expect(() => startEpic(engine, " \n", true)).toThrow("The goal is empty.");
  });
});

describe("init", () => {
  test("makes the documents once, is trusted, and never overwrites", async () => {
    await runGit(world.cwd, ["init", "--quiet"]);
    writeFileSync(join(world.cwd, "package.json"), '{"scripts":{"test":"bun test"}}');
    expect(await runCli(["init", "--json", "--yes"], world)).toBe(0);
    const { created } = JSON.parse(world.said.out);
    expect(created).toContain("conductor/signalbox.toml");
    expect(await Bun.file(join(world.cwd, "config-home", "signalbox", "trusted.json")).exists()).toBe(true);
    writeFileSync(join(world.cwd, "conductor", "product.md"), "mine");
    expect(await runCli(["init"], world)).toBe(0);
    expect(world.said.out).toContain("nothing was changed");
    expect(await Bun.file(join(world.cwd, "conductor", "product.md")).text()).toBe("mine");
  });
});
