/** What a person does to a running engine: cancel, retry, pause, raise a budget. */
import { expect, test } from "bun:test";
import { EngineRig, loopTurn } from "../support/engine-rig.ts";
import { EngineWorld, engineSettings } from "../support/engine-world.ts";
import { goal, hangingWorld } from "../support/hanging-world.ts";

const price = { input: 1, output: 1, cacheRead: 1, cacheWrite: 1 };

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
  const worker = [...rig.state.agents.values()].find(({ role }) => role === "worker");
  rig.do({ type: "cancel_ticket", ticketId: "T-001", reason: "" });
  await rig.untilStopped(worker?.agentId ?? "");
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
  await rig.untilEvent("attempt.started", (event) => event.attempt === 2);
  late.resolve({ exitCode: 1 });
  await rig.engine.whenSettled();
  expect(rig.all("check.completed").map((check) => [check.attempt, check.exitCode])).toEqual([
    [2, 0],
    [2, 0],
  ]);
  expect(rig.statuses()).toEqual(["T-001 completed"]);
});

test("a ticket that is retried is prepared as it is now, not as it was when it was cancelled", async () => {
  const world = new EngineWorld();
  const preparing = Promise.withResolvers<void>();
  const late = Promise.withResolvers<void>();
  world.pace = (label) => {
    if (!label.startsWith("prepareAttempt")) return Promise.resolve();
    preparing.resolve();
    return late.promise;
  };
  const rig = new EngineRig({ world });
  rig.do(goal);
  await preparing.promise;
  rig.do({ type: "cancel_ticket", ticketId: "T-001", reason: "" });
  rig.do({ type: "edit_ticket", ticketId: "T-001", changes: { description: "Do it otherwise." } });
  await loopTurn();
  rig.do({ type: "retry_ticket", ticketId: "T-001", by: "person" });
  late.resolve();
  await rig.engine.whenSettled();
  expect(rig.all("attempt.prepared").map(({ prompt }) => prompt.includes("Do it otherwise."))).toEqual([true]);
});

test("the next merge waits until the check of a cancelled one has left the track's worktree", async () => {
  const world = new EngineWorld({ alpha: [{ key: "one" }, { key: "two" }] });
  const checking = Promise.withResolvers<void>();
  const late = Promise.withResolvers<object>();
  const staged: string[] = [];
  world.pace = async (label) => {
    if (label.startsWith("stageMerge")) staged.push(label);
  };
  world.check = ({ cwd }) => {
    if (cwd !== world.folder || staged.length > 1) return Promise.resolve({});
    checking.resolve();
    return late.promise;
  };
  const rig = new EngineRig({ world });
  rig.do(goal);
  await checking.promise;
  const [first, second] = staged[0] === "stageMerge T-001" ? ["T-001", "T-002"] : ["T-002", "T-001"];
  rig.do({ type: "cancel_ticket", ticketId: first, reason: "" });
  while (rig.state.tickets.get(second)?.stage.name !== "queued") await loopTurn();
  for (let turn = 0; turn < 10; turn += 1) await loopTurn();
  expect(staged).toEqual([`stageMerge ${first}`]);
  late.resolve({});
  await rig.engine.whenSettled();
  expect(rig.status(first).status).toBe("cancelled");
  expect(rig.status(second).status).toBe("completed");
});

test("a ticket that is cancelled in the moment of its merge stays cancelled, and the log says that it is merged", async () => {
  const world = new EngineWorld();
  const publishing = Promise.withResolvers<void>();
  const late = Promise.withResolvers<void>();
  world.pace = (label) => {
    if (!label.startsWith("publishMerge")) return Promise.resolve();
    publishing.resolve();
    return late.promise;
  };
  const rig = new EngineRig({ world });
  rig.do(goal);
  await publishing.promise;
  rig.do({ type: "cancel_ticket", ticketId: "T-001", reason: "too late" });
  await loopTurn();
  late.resolve();
  await rig.engine.whenSettled();
  expect(rig.all("merge.completed").length).toBe(1);
  expect(rig.status("T-001")).toEqual({ status: "cancelled", reason: "too late" });
  const [track] = rig.state.tracks.values();
  expect(track?.tipCommit).toBe(rig.all("merge.completed")[0]?.commit ?? "");
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
    for (let turn = 0; turn < 5; turn += 1) await loopTurn();
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
  expect(runSpend.usd + [...reservations.values()].reduce((sum, held) => sum + held.usd, 0)).toBeLessThanOrEqual(
    0.0163,
  );
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
