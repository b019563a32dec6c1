/** What a person does to a running engine: cancel, retry, pause, raise a budget, stop and start again. */
import { expect, test } from "bun:test";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fold } from "../../src/domain/evolve.ts";
import { Engine } from "../../src/engine/engine.ts";
import { EventLog } from "../../src/log/event-log.ts";
import { EngineRig } from "../support/engine-rig.ts";
import { type Command, EngineWorld, engineSettings, hanging } from "../support/engine-world.ts";

const goal = { type: "create_epic", goal: "Build it.", isStarting: true } as const;
const price = { input: 1, output: 1, cacheRead: 1, cacheWrite: 1 };

/** A world in which the first command of a kind hangs; `begun` resolves with it. */
function hangingWorld(kind: "check" | "runCommand", plan?: EngineWorld["plan"]) {
  const world = new EngineWorld(plan);
  const begun = Promise.withResolvers<Command>();
  let count = 0;
  world[kind] = (command) => {
    if (count++ > 0) return Promise.resolve({});
    begun.resolve(command);
    return hanging(command);
  };
  return { world, begun: begun.promise };
}

test("cancelling a ticket stops its command and its agent, and frees what it held", async () => {
  const { world, begun } = hangingWorld("runCommand");
  const rig = new EngineRig({ world });
  rig.do(goal);
  const command = await begun;
  rig.do({ type: "cancel_ticket", ticketId: "T-001", reason: "not needed" });
  await rig.engine.whenSettled();
  expect(command.signal?.aborted).toBe(true);
  expect(rig.status("T-001")).toEqual({ status: "cancelled", reason: "not needed" });
  expect([...rig.state.agents.values()].filter((agent) => agent.status === "running")).toEqual([]);
  expect(rig.state.reservations.size).toBe(0);
  expect(rig.all("command.completed")).toEqual([]);
});

test("cancelling a ticket in the middle of a call settles the call", async () => {
  const world = new EngineWorld();
  const calling = Promise.withResolvers<void>();
  const held = Promise.withResolvers<void>();
  world.pace = (label) => {
    if (!label.startsWith("call Tier 3")) return Promise.resolve();
    calling.resolve();
    return held.promise;
  };
  const rig = new EngineRig({ world });
  rig.do(goal);
  await calling.promise;
  rig.do({ type: "cancel_ticket", ticketId: "T-001", reason: "" });
  await rig.untilStopped();
  held.resolve();
  await rig.engine.whenSettled();
  expect(rig.state.reservations.size).toBe(0);
  expect(rig.all("call.failed").at(-1)).toMatchObject({ code: "stopped" });
});

test("cancelling a ticket stops its check", async () => {
  const { world, begun } = hangingWorld("check");
  const rig = new EngineRig({ world });
  rig.do(goal);
  const command = await begun;
  rig.do({ type: "cancel_ticket", ticketId: "T-001", reason: "" });
  await rig.engine.whenSettled();
  expect(command.signal?.aborted).toBe(true);
});

test("a check that belongs to a cancelled attempt says nothing about the next one", async () => {
  const world = new EngineWorld();
  const begun = Promise.withResolvers<void>();
  const late = Promise.withResolvers<{ exitCode: number }>();
  let count = 0;
  world.check = () => {
    begun.resolve();
    return count++ === 0 ? late.promise : Promise.resolve({});
  };
  const rig = new EngineRig({ world });
  rig.do(goal);
  await begun.promise;
  rig.do({ type: "cancel_ticket", ticketId: "T-001", reason: "" });
  rig.do({ type: "retry_ticket", ticketId: "T-001", by: "person" });
  await rig.untilEvent("attempt.finished", (event) => event.attempt === 2);
  late.resolve({ exitCode: 1 });
  await rig.engine.whenSettled();
  expect(rig.all("check.completed").map((check) => [check.attempt, check.exitCode])).toEqual([
    [2, 0],
    [2, 0],
  ]);
  expect(rig.statuses()).toEqual(["T-001 completed"]);
});

test("two tickets of a track are never merged at once", async () => {
  const plan = { alpha: [{ key: "one" }, { key: "two" }, { key: "three" }] };
  const world = new EngineWorld(plan);
  let mergingCount = 0;
  let most = 0;
  world.pace = async (label) => {
    if (label.startsWith("stageMerge")) most = Math.max(most, ++mergingCount);
    if (label.startsWith("publishMerge")) mergingCount -= 1;
    // The ticket with the last id gets there first.
    if (label === "commitTicket T-001") await rig.untilEvent("merge.started");
  };
  const rig: EngineRig = new EngineRig({ world });
  await rig.plan();
  expect(most).toBe(1);
  expect(rig.statuses()).toEqual(["T-001 completed", "T-002 completed", "T-003 completed"]);
});

test("a pause holds new calls, an unpause goes on", async () => {
  const rig = new EngineRig();
  rig.do({ type: "pause_engine", by: "person" });
  await rig.plan();
  expect(rig.all("call.started")).toEqual([]);
  rig.do({ type: "unpause_engine", by: "person" });
  await rig.engine.whenSettled();
  expect(rig.statuses()).toEqual(["T-001 completed"]);
});

test("a pause in the middle lets a running check end, and starts nothing after it", async () => {
  const world = new EngineWorld();
  world.check = async () => {
    rig.do({ type: "pause_engine", by: "person" });
    return {};
  };
  const rig: EngineRig = new EngineRig({ world });
  await rig.plan();
  expect(rig.all("check.completed").length).toBe(1);
  expect(rig.all("merge.started")).toEqual([]);
  world.check = async () => ({});
  rig.do({ type: "unpause_engine", by: "person" });
  await rig.engine.whenSettled();
  expect(rig.statuses()).toEqual(["T-001 completed"]);
});

test("a pause holds the next call of an agent that is in the middle of its work", async () => {
  const world = new EngineWorld();
  world.runCommand = async () => {
    rig.do({ type: "pause_engine", by: "person" });
    return {};
  };
  const rig: EngineRig = new EngineRig({ world });
  await rig.plan();
  expect(rig.all("call.started").filter((call) => call.streamId.startsWith("Tier 3")).length).toBe(1);
  rig.do({ type: "unpause_engine", by: "person" });
  await rig.engine.whenSettled();
  expect(rig.statuses()).toEqual(["T-001 completed"]);
});

test("a reached budget parks its agents, and a raise lets them go on", async () => {
  const models = engineSettings().tiers;
  const names = Object.values(models).flatMap((tier) => tier.models);
  const prices = Object.fromEntries(names.map((name) => [name, price]));
  const settings = { prices, budget: { runUsd: 0.0163 }, gates: { level: "guarded" as const, allow: ["edit *"] } };
  const rig = new EngineRig({ settings });
  await rig.plan();
  await rig.approveAll(["tracks", "tickets"]);
  const gate = rig.gate();
  expect(gate.kind).toBe("budget");
  const { runSpend, reservations } = rig.state;
  expect(runSpend.usd + [...reservations.values()].reduce((sum, held) => sum + held.usd, 0)).toBeLessThanOrEqual(0.0163);
  rig.approve(gate, { ...Object(gate.payload), raiseTo: 5 });
  await rig.approveAll();
  expect(rig.statuses()).toEqual(["T-001 completed"]);
});

test("a budget that nobody may raise ends the run with the limit's reason on the ticket", async () => {
  const rig = new EngineRig({ settings: { budget: { runTokens: 16_300 } } });
  await rig.plan();
  expect(rig.all("budget.reached").length).toBe(1);
  expect(rig.openGates()).toEqual([]);
  expect(rig.status("T-001").reason).toMatch(/budget in tokens is reached/);
  expect(rig.state.runSpend.tokens).toBeLessThanOrEqual(16_300);
});

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

test("a damaged log is refused, and nothing is changed", () => {
  const parts = { log: { replay: () => failingReplay() } };
  expect(() => new EngineRig({ parts: Object(parts) })).toThrow("damaged");
  expect(Engine).toBeDefined();
});

function failingReplay(): never {
  throw new Error("The event log is damaged at position 3.");
}
