/** What changed between an approval and its execution is seen by the engine: nothing runs, and a new card waits. Gates outlive all. */
import { expect, test } from "bun:test";
import type { Event } from "../../src/domain/event.ts";
import type { Gate } from "../../src/domain/state.ts";
import { decidedTwice, ranWithoutLeave, repeatedCommands } from "../support/agent-ledger.ts";
import { EngineRig } from "../support/engine-rig.ts";
import { bash, EngineWorld } from "../support/engine-world.ts";
import { editWorktree } from "../support/fake-repository.ts";

const settings = { gates: { level: "manual" as const, allow: [] } };

/** A run at its first open gate of a kind; with several gates open, the others stay so. */
async function atGate(kind: Gate["kind"], world = new EngineWorld()): Promise<{ rig: EngineRig; gate: Gate }> {
  const rig = new EngineRig({ world, settings });
  await rig.plan();
  for (let round = 0; round < 50; round += 1) {
    const gate = rig.openGates().find((one) => one.kind === kind);
    if (gate) return { rig, gate };
    for (const other of rig.openGates()) rig.approve(other);
    await rig.engine.whenSettled();
  }
  throw new Error(`No gate of the kind ${kind} opens.`);
}

/** Approves a gate, and gives the gate that is open once nothing moves. */
async function afterApproval(rig: EngineRig, gate: Gate): Promise<Gate> {
  rig.approve(gate);
  await rig.engine.whenSettled();
  return rig.gate();
}

test("a file that changed while the card was open: nothing runs, and the new card names it", async () => {
  const { rig, gate } = await atGate("command");
  editWorktree(rig.world.disk, "T-001");
  const again = await afterApproval(rig, gate);
  expect(again).toMatchObject({ kind: "command", reason: "src/a.ts changed since you looked: +3 -1 lines." });
  expect(rig.state.gates.get(gate.gateId)).toMatchObject({ status: "superseded", supersededBy: again.gateId });
  expect(rig.world.ran).toEqual([]);
  rig.approve(again);
  await rig.engine.whenSettled();
  expect(rig.world.ran).toEqual(["edit T-001"]);
  expect(ranWithoutLeave(rig.events)).toEqual([]);
});

test("a sandbox or variables that are others after a restart are shown before the approved command runs", async () => {
  const { rig, gate } = await atGate("command");
  rig.world.pace = (label) => (label.startsWith("worktreeTree") ? new Promise(() => undefined) : noWait);
  rig.approve(gate);
  rig.world.pace = () => noWait;
  rig.world.profile = {
    environment: ["HOME", "PATH", "TOKEN"],
    sandbox: { ...rig.world.profile.sandbox, network: true },
  };
  const next = new EngineRig({ world: rig.world, settings, events: rig.cutPower() });
  await next.engine.whenSettled();
  expect(next.gate().reason).toContain("The sandbox is now: bubblewrap");
  expect(next.gate().reason).toContain("The command gets TOKEN besides.");
  expect(next.world.ran).toEqual([]);
});

const noWait = Promise.resolve();

test("a worktree that is gone is said, and nothing runs", async () => {
  const { rig, gate } = await atGate("command");
  delete rig.world.disk.tickets["T-001"];
  expect(await afterApproval(rig, gate)).toMatchObject({ reason: "The ticket's worktree is gone." });
  expect(rig.world.ran).toEqual([]);
});

test("two tickets of a track are shown for their merge one after the other, each on the track as it is", async () => {
  const world = new EngineWorld({ alpha: [{ key: "one" }, { key: "two" }] });
  const { rig, gate } = await atGate("merge", world);
  await rig.approveAll(["spawn", "command"]);
  expect(rig.openGates().map(({ kind, ticketId }) => [kind, ticketId])).toEqual([["merge", "T-001"]]);
  expect(rig.status("T-002").reason).toBe("Its merge is shown once that of T-001 is decided.");
  const next = await afterApproval(rig, gate);
  expect(next).toMatchObject({ kind: "merge", ticketId: "T-002" });
  const tip = Object.values(world.disk.tracks)[0]?.tip;
  expect(next.payload).toMatchObject({ trackCommit: tip });
  expect(JSON.stringify(next.payload)).toMatch(/"resultTree":"[0-9a-f]{40}"/);
  await rig.approveAll();
  expect(rig.all("gate.superseded")).toEqual([]);
  expect(rig.statuses()).toEqual(["T-001 completed", "T-002 completed"]);
});

test("a track that someone moved after the merge was approved is shown anew", async () => {
  const { rig, gate } = await atGate("merge");
  const { disk } = rig.world;
  const [track] = Object.values(disk.tracks);
  if (track) track.tip = addCommit(disk, track.tip);
  const again = await afterApproval(rig, gate);
  expect(again.reason).toContain("by a commit that Signalbox did not make");
  expect(rig.all("merge.started")).toEqual([]);
  await rig.approveAll();
  expect(rig.statuses()).toEqual(["T-001 completed"]);
});

function addCommit(disk: EngineWorld["disk"], parent: string): string {
  disk.commits["by-hand"] = { label: "by hand", parents: [parent] };
  return "by-hand";
}

test("a branch of the user that moved after the landing was approved is shown anew", async () => {
  const { rig, gate } = await atGate("land");
  const { disk } = rig.world;
  disk.head = addCommit(disk, disk.head);
  const again = await afterApproval(rig, gate);
  expect(again).toMatchObject({ kind: "land", payload: { fromCommit: "by-hand" } });
  expect(disk.head).toBe("by-hand");
  expect(rig.state.gates.get(gate.gateId)?.status).toBe("superseded");
});

test("a budget that is another one after a restart is shown before a token is spent", async () => {
  const { rig, gate } = await atGate("spawn");
  rig.do({ type: "pause_engine", by: "person" });
  rig.approve(gate);
  const next = await rig.restart({ settings: { ...settings, budget: { runTokens: 9_000_000 } } });
  next.do({ type: "unpause_engine", by: "person" });
  await next.engine.whenSettled();
  expect(next.gate()).toMatchObject({ kind: "spawn", payload: { budget: { limits: { runTokens: 9_000_000 } } } });
  expect(next.all("agent.started").filter(({ role }) => role === "worker")).toEqual([]);
});

const fortyYears = 40 * 365 * 24 * 3600;

test("gates are the same, with the same ids and hashes, after a restart and however many years later", async () => {
  const world = new EngineWorld({ alpha: [{ key: "one" }, { key: "two" }], beta: [{ key: "one" }] });
  const { rig } = await atGate("spawn", world);
  const before = rig.openGates();
  expect(before.length).toBe(3);
  world.jumpClock(fortyYears);
  rig.do({ type: "pause_engine", by: "person" });
  rig.do({ type: "unpause_engine", by: "person" });
  await rig.engine.whenSettled();
  expect(rig.openGates()).toEqual(before);
  const next = await rig.restart();
  world.jumpClock(fortyYears);
  await next.engine.whenSettled();
  expect(next.openGates()).toEqual(before);
  expect(next.all("gate.approved").every(({ by }) => by === "person")).toBe(true);
  await next.approveAll();
  expect(next.statuses().every((line) => line.endsWith(" completed"))).toBe(true);
});

test("a log of before, whose cards know nothing of surroundings, is answered and carried out", async () => {
  const { rig } = await atGate("command");
  const events = rig.cutPower().flatMap(asBefore);
  const renumbered = events.map((event, index): Event => ({ ...event, position: index + 1 }));
  const next = new EngineRig({ world: rig.world, settings, events: renumbered });
  await next.engine.whenSettled();
  expect(next.gate().payload).toEqual({ command: "edit T-001", cwd: expect.any(String) });
  await next.approveAll();
  expect(next.statuses()).toEqual(["T-001 completed"]);
  expect(next.all("gate.superseded")).toEqual([]);
  expect(next.world.ran).toEqual(["edit T-001"]);
});

/** An event as it was written before commands were asked for in two steps. */
function asBefore(event: Event): Event[] {
  if (event.type === "command.requested") return [];
  if (event.type !== "gate.opened" || event.kind !== "command") return [event];
  const { command, cwd } = Object(event.payload);
  return [{ ...event, payload: { command, cwd } }];
}

test("cut between each write of a card's life, with the files changed after the approval: once, or not at all", async () => {
  const world = new EngineWorld();
  world.model = (turn) =>
    turn.start.purpose === "work" && turn.turn === 0
      ? { calls: [bash("edit T-001 --first")] }
      : new EngineWorld(world.plan).answer(turn.start.purpose === "work" ? { ...turn, turn: 1 } : turn);
  const cuts: { position: number; snapshot: ReturnType<EngineWorld["snapshot"]> }[] = [];
  const onAppend = (position: number) => cuts.push({ position, snapshot: world.snapshot() });
  const rig = new EngineRig({ world, settings, onAppend });
  await rig.plan();
  await rig.approveAll(["tracks", "tickets", "spawn"]);
  const from = rig.state.position;
  editWorktree(world.disk, "T-001");
  await rig.approveAll(["command"]);
  const events = rig.events;
  expect(rig.all("gate.superseded").length).toBe(1);
  for (const { position, snapshot } of cuts.filter((cut) => cut.position >= from)) {
    const again = new EngineWorld();
    again.model = world.model;
    again.restore(snapshot);
    const next = new EngineRig({ world: again, settings, events: events.slice(0, position) });
    await next.approveAll();
    const asked = next.all("gate.approved").filter(({ kind }) => kind === "unknown").length;
    expect([position, again.ran.length <= 1 + asked, next.statuses()]).toEqual([position, true, ["T-001 completed"]]);
    expect([...decidedTwice(next.events), ...ranWithoutLeave(next.events), ...repeatedCommands(next.events)]).toEqual(
      [],
    );
    expect(next.isFoldEqual()).toBe(true);
  }
});
