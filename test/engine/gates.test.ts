/** Gates end to end: nothing runs before its approval, what runs is what was approved, and words reach the model. */
import { expect, test } from "bun:test";
import { payloadHash } from "../../src/domain/gate.ts";
import type { Settings } from "../../src/domain/settings.ts";
import { ranWithoutLeave } from "../support/agent-ledger.ts";
import { EngineRig, type RigOptions } from "../support/engine-rig.ts";
import { bash, EngineWorld } from "../support/engine-world.ts";

const manual: Partial<Settings> = { gates: { level: "manual", allow: ["edit *"] } };
const guarded: Partial<Settings> = { gates: { level: "guarded", allow: [] } };

/** A run that has come to its first gate of a kind, all gates before it approved. */
async function atGate(kind: "spawn" | "command" | "write" | "merge" | "land", options: RigOptions = {}) {
  const rig = new EngineRig({ settings: manual, ...options });
  await rig.plan();
  for (let gate = rig.gate(); gate.kind !== kind; gate = rig.gate()) {
    rig.approve(gate);
    await rig.engine.whenSettled();
  }
  return rig;
}

/** Tool results that the model was given, in order. */
function results(rig: EngineRig): string[] {
  const sent = rig.all("call.started").flatMap((event) => event.messages);
  return sent
    .filter((message) => JSON.stringify(message).includes("tool_result"))
    .map((message) => JSON.stringify(message));
}

test("at the level manual every gate of the contract is asked, one after the other, and the run ends landed", async () => {
  const rig = new EngineRig({ settings: manual });
  await rig.plan();
  await rig.approveAll();
  expect(rig.all("gate.opened").map((gate) => gate.kind)).toEqual([
    "tracks",
    "tickets",
    "spawn",
    "command",
    "merge",
    "checkpoint",
    "land",
  ]);
  expect([...rig.state.tracks.values()][0]?.landing.name).toBe("landed");
});

test("no token is spent on a worker before its spawn gate is approved", async () => {
  const rig = await atGate("spawn");
  expect(rig.all("call.started").filter((call) => call.streamId.startsWith("Tier 3"))).toEqual([]);
  expect(rig.status("T-001")).toEqual({ status: "waiting", reason: "Waits for you to approve its prompt." });
});

test("a worker starts with the edited prompt and model, and nothing else", async () => {
  const rig = await atGate("spawn");
  rig.approve(rig.gate(), { prompt: "Do it my way.", context: "Only this.", model: "my-model" });
  const started = await rig.untilEvent("agent.started", (event) => event.role === "worker");
  expect(started).toMatchObject({ model: "my-model", message: ["Only this.", "Do it my way."] });
});

test("a declined spawn starts nothing, and the ticket says why", async () => {
  const rig = await atGate("spawn");
  rig.decline(rig.gate(), "not today");
  await rig.engine.whenSettled();
  expect(rig.all("agent.started").filter((event) => event.role === "worker")).toEqual([]);
  expect(rig.status("T-001").reason).toBe("A person declined its start: not today");
});

test("a command runs only after its gate, exactly once", async () => {
  const rig = await atGate("command", { settings: { gates: { level: "manual", allow: [] } } });
  expect(rig.world.ran).toEqual([]);
  rig.approve(rig.gate());
  await rig.engine.whenSettled();
  expect(rig.world.ran).toEqual(["edit T-001"]);
  expect(ranWithoutLeave(rig.events)).toEqual([]);
});

test("an edited command is what runs, and the model is told so", async () => {
  const rig = await atGate("command", { settings: { gates: { level: "manual", allow: [] } } });
  const { payload } = rig.gate();
  rig.approve(rig.gate(), { ...Object(payload), command: "edit T-001 --carefully" });
  await rig.engine.whenSettled();
  expect(rig.world.ran).toEqual(["edit T-001 --carefully"]);
  expect(results(rig).at(-1)).toContain("A person changed the command. What ran:\\nedit T-001 --carefully");
});

test("a declined command never runs, and the person's words reach the model", async () => {
  const rig = await atGate("command", { settings: { gates: { level: "manual", allow: [] } } });
  rig.decline(rig.gate(), "use the other file");
  await rig.engine.whenSettled();
  expect(rig.world.ran).toEqual([]);
  expect(results(rig).at(-1)).toContain("A person declined this: use the other file. It was not done.");
});

test("a decision on a stale payload, and a second decision, change nothing", async () => {
  const rig = await atGate("command", { settings: { gates: { level: "manual", allow: [] } } });
  const { gateId, payloadHash } = rig.gate();
  const approve = { type: "approve_gate", gateId, by: "person" } as const;
  expect(rig.engine.dispatch({ ...approve, payloadHash: "0".repeat(64) })).toMatchObject({
    rejection: { code: "stale" },
  });
  rig.approve(rig.gate());
  expect(rig.engine.dispatch({ ...approve, payloadHash })).toMatchObject({ rejection: { code: "conflict" } });
  await rig.engine.whenSettled();
  expect(rig.world.ran).toEqual(["edit T-001"]);
});

test("a command that a rule allows runs without a gate at the level guarded; others ask", async () => {
  const world = new EngineWorld();
  world.model = (turn) => {
    if (turn.start.role !== "worker" || turn.turn > 0) return world.answer(turn);
    return { calls: [bash("edit T-001"), bash("edit T-001; rm -rf /")] };
  };
  const rig = new EngineRig({ world, settings: { gates: { level: "guarded", allow: ["edit *"] } } });
  await rig.plan();
  await rig.approveAll(["tracks", "tickets"]);
  expect(world.ran).toEqual(["edit T-001"]);
  expect(rig.gate().payload).toMatchObject({ command: "edit T-001; rm -rf /" });
});

test("a write outside the target files waits; the edited text is what the thread is told to write", async () => {
  const world = new EngineWorld();
  world.model = (turn) => {
    if (turn.start.role !== "worker" || turn.turn > 0) return world.answer(turn);
    return { calls: [{ name: "write", input: { path: "other.ts", content: "mine" } }] };
  };
  const rig = await atGate("write", { world, settings: guarded });
  rig.approve(rig.gate(), { path: "other.ts", content: "yours" });
  await rig.engine.whenSettled();
  expect(results(rig).at(-1)).toContain("yours");
  expect(rig.all("write.allowed")[0]).toMatchObject({ path: "other.ts", isEdited: true });
});

test("a declined merge sends the worker back with the person's words", async () => {
  const rig = await atGate("merge");
  rig.decline(rig.gate(), "the name is wrong");
  await rig.engine.whenSettled();
  expect(rig.gate()).toMatchObject({
    kind: "spawn",
    payload: { prompt: expect.stringContaining("the name is wrong") },
  });
  expect(rig.all("merge.started")).toEqual([]);
});

test("a commit made by hand after a merge was approved is checked, and asked about anew, before anything is merged", async () => {
  const rig = await atGate("merge");
  const own = rig.world.disk.tickets["T-001"];
  const approved = rig.gate();
  if (own) own.tip = "by-hand";
  rig.approve(approved);
  await rig.engine.whenSettled();
  expect(rig.all("merge.outdated")[0]).toMatchObject({ ticketCommit: "by-hand" });
  expect(rig.gate()).toMatchObject({ kind: "merge", payload: { commit: "by-hand" } });
  expect(rig.all("merge.started")).toEqual([]);
  rig.approve(rig.gate());
  await rig.engine.whenSettled();
  expect(rig.all("merge.started")[0]).toMatchObject({ ticketCommit: "by-hand" });
});

test("a declined landing leaves the user's branch alone", async () => {
  const rig = await atGate("land", { settings: { gates: { level: "guarded", allow: ["edit *"] } } });
  const { head } = rig.world.disk;
  rig.decline(rig.gate(), "later");
  await rig.engine.whenSettled();
  expect(rig.world.disk.head).toBe(head);
  expect([...rig.state.tracks.values()][0]?.landing).toEqual({ name: "declined", reason: "later" });
});

test("a command that waits for a person is withdrawn when its thread dies, and cannot be approved any more", async () => {
  const rig = await atGate("command", { settings: { gates: { level: "manual", allow: [] } } });
  const gate = rig.gate();
  for (const thread of rig.threads) thread.die();
  await rig.engine.whenSettled();
  expect(rig.state.gates.get(gate.gateId)?.status).toBe("withdrawn");
  const { gateId, payloadHash } = gate;
  const late = rig.engine.dispatch({ type: "approve_gate", gateId, payloadHash, by: "person" });
  expect(late).toMatchObject({ isAccepted: false, rejection: { code: "conflict" } });
  expect(rig.world.ran).toEqual([]);
});

test("a tool call that comes again while its agent runs is answered from the log", async () => {
  const world = new EngineWorld();
  const second = Promise.withResolvers<void>();
  world.pace = (label) => (label === "call Tier 3 (Worker): T-001" && world.ran.length > 0 ? second.promise : noWait);
  const rig = new EngineRig({ world });
  rig.do({ type: "create_epic", goal: "Build it.", isStarting: true });
  const { agentId, toolCallId } = await rig.untilEvent("command.completed");
  await rig.untilEvent("call.started", (event) => event.agentId === agentId && event.turn === 2);
  const thread = rig.threads.find((candidate) => candidate.answers(agentId).length > 0);
  const input = { command: "edit T-001" };
  thread?.say({ type: "tool_requested", agentId, requestId: "again", toolCallId, name: "bash", input });
  const answers = thread?.answers(agentId) ?? [];
  expect(answers.map((answer) => answer.content)).toEqual(Array(2).fill("Exit code 0.\nran: edit T-001"));
  second.resolve();
  await rig.engine.whenSettled();
  expect(world.ran).toEqual(["edit T-001"]);
});

const noWait = Promise.resolve();

test("a secret in a command is gone before the gate opens: what is shown, hashed and run are the same bytes", async () => {
  const secret = "key-0123456789";
  const world = new EngineWorld();
  world.runCommand = async () => ({ output: `it is ${secret}` });
  const answer = (turn: Parameters<typeof world.model>[0]) => world.answer(turn);
  world.model = (turn) => {
    const isFirst = turn.start.purpose === "work" && turn.turn === 0;
    return isFirst ? { text: `It is ${secret}.`, calls: [bash(`echo ${secret}`)] } : answer(turn);
  };
  const rig = await atGate("command", { world, parts: { apiKey: () => secret } });
  const gate = rig.gate();
  expect(gate.payload).toMatchObject({ command: "echo [secret]" });
  expect(gate.payloadHash).toBe(payloadHash(gate.payload));
  rig.approve(gate);
  await rig.approveAll();
  expect(world.ran).toContain("echo [secret]");
  expect(rig.all("command.completed")[0]?.output).toBe("it is [secret]");
  expect(JSON.stringify([rig.events, [...rig.engine.streams().values()]])).not.toContain(secret);
  expect(rig.isFoldEqual()).toBe(true);
});
