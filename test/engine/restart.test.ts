/** Stops, starts and what is between them: nothing is left in flight, nothing is lost, nothing runs twice unasked. */
import { expect, test } from "bun:test";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fold } from "../../src/domain/evolve.ts";
import { EventLog } from "../../src/log/event-log.ts";
import { EngineRig } from "../support/engine-rig.ts";
import { goal, hangingWorld } from "../support/hanging-world.ts";

test("a resting engine writes commands down and starts nothing", async () => {
  const rig = new EngineRig({ parts: { isResting: true } });
  rig.do(goal);
  expect(rig.events.map((event) => event.type)).toEqual(["run.started", "epic.created"]);
  expect(rig.threads).toEqual([]);
  await rig.engine.stop("done");
  expect(rig.isReleased).toBe(true);
});

test("a stop in the middle leaves nothing in flight, and the next start goes on to the end", async () => {
  const { world, begun } = hangingWorld("check", { alpha: [{ key: "one" }, { key: "two", dependsOn: ["one"] }] });
  const first = new EngineRig({ world });
  first.do(goal);
  const command = await begun;
  const next = await first.restart();
  expect(command.signal?.aborted).toBe(true);
  expect(first.isReleased).toBe(true);
  await next.engine.whenSettled();
  expect(next.statuses()).toEqual(["T-001 completed", "T-002 completed"]);
  expect(next.isFoldEqual()).toBe(true);
});

test("the state after a start is the state before the stop, and the log file tells it", async () => {
  const path = join(mkdtempSync(join(tmpdir(), "signalbox-log-")), "log.db");
  const rig = new EngineRig({ log: EventLog.open(path) });
  await rig.plan();
  await rig.engine.stop("a test");
  const log = EventLog.open(path);
  const folded = fold(log.replay());
  log.close();
  expect(Bun.deepEquals(folded, rig.state)).toBe(true);
});

test("streams tell after a restart what they told before it", async () => {
  const first = new EngineRig();
  await first.plan();
  const before = first.engine.streams().get("Tier 3 (Worker): T-001")?.text ?? "";
  const next = await first.restart({ parts: { isResting: true } });
  const after = next.engine.streams().get("Tier 3 (Worker): T-001")?.text ?? "";
  expect(before).toContain("Done with T-001.");
  expect(after).toContain("Done with T-001.");
});

test("a command whose outcome a crash hid is put to a person, and runs again only with leave", async () => {
  const { world, begun } = hangingWorld("runCommand");
  const settings = { gates: { level: "guarded" as const, allow: ["edit *"] } };
  const first = new EngineRig({ world, settings });
  first.do(goal);
  await first.approveAllUntil(begun);
  const next = await first.restart();
  await next.engine.whenSettled();
  expect(next.gate()).toMatchObject({ kind: "unknown", payload: { command: "edit T-001" } });
  expect(world.ran).toEqual(["edit T-001"]);
  await next.approveAll();
  expect(world.ran).toEqual(["edit T-001", "edit T-001"]);
  expect(next.statuses()).toEqual(["T-001 completed"]);
});

test("at the level all a hidden outcome starts the ticket again in a fresh worktree", async () => {
  const { world, begun } = hangingWorld("runCommand");
  const first = new EngineRig({ world });
  first.do(goal);
  await begun;
  const next = await first.restart();
  await next.engine.whenSettled();
  expect(next.all("attempt.started").map((event) => event.isFresh)).toEqual([true, true]);
  expect(next.statuses()).toEqual(["T-001 completed"]);
});

test("a stopped engine refuses commands, and whoever waits for it to settle is told", async () => {
  const { world, begun } = hangingWorld("check");
  const rig = new EngineRig({ world });
  rig.do(goal);
  await begun;
  const settled = rig.engine.whenSettled();
  await rig.engine.stop("a test");
  await settled;
  await rig.engine.whenSettled();
  expect(rig.engine.dispatch(goal)).toMatchObject({ isAccepted: false, rejection: { code: "conflict" } });
  expect(rig.engine.events({ after: 0, limit: 10 })).toEqual([]);
});

test("a second stop is the first one", async () => {
  const rig = new EngineRig();
  await Promise.all([rig.engine.stop("one"), rig.engine.stop("two")]);
  expect(rig.state.position).toBe(2 + 1);
});
