/** What goes wrong outside: threads that die, messages that make no sense, effects that cannot be carried out. */
import { expect, test } from "bun:test";
import { defaultSettings } from "../../src/domain/settings.ts";
import { EngineRig, loopTurn } from "../support/engine-rig.ts";
import { EngineWorld, hanging } from "../support/engine-world.ts";
import type { Reply } from "../support/scripted-thread.ts";

function failingWorker(fault: Extract<Reply, { fault: string }>["fault"], timesCount: number): EngineWorld {
  const world = new EngineWorld();
  let count = 0;
  world.model = (turn) =>
    turn.start.role === "worker" && turn.turn === 0 && count++ < timesCount ? { fault } : world.answer(turn);
  return world;
}

test("a thread that dies is an agent that failed; its ticket is tried again", async () => {
  const rig = new EngineRig({ world: failingWorker("die", 1) });
  await rig.plan();
  const failed = rig.all("agent.failed")[0];
  expect(failed).toMatchObject({ code: "crash", isRetryable: true });
  expect(failed?.reason).toContain("It closed without a word");
  expect(rig.statuses()).toEqual(["T-001 completed"]);
});

test("the call of a thread that died is written off, and holds no money any more", async () => {
  const rig = new EngineRig({ world: failingWorker("die", 1) });
  await rig.plan();
  expect(rig.all("call.failed").map((event) => event.code)).toEqual(["lost"]);
  expect(rig.state.reservations.size).toBe(0);
});

test("an exception in an agent's life is in the log with its stack, and on the ticket", async () => {
  const rig = new EngineRig({ world: failingWorker("throw", 9) });
  await rig.plan();
  expect(rig.all("agent.failed")[0]?.stack).toMatch(/The scripted agent threw[\s\S]*scripted-thread\.ts/);
  expect(rig.status("T-001")).toEqual({
    status: "blocked",
    reason: "After 3 attempts: The scripted agent threw.",
  });
  expect(rig.engine.streams().get("Tier 3 (Worker): T-001")?.text).toContain("✗ The scripted agent threw.");
});

test("a message that does not parse ends its thread as a crash that the ticket shows", async () => {
  const rig = new EngineRig({ world: failingWorker("garbage", 9) });
  await rig.plan();
  expect(rig.status("T-001").reason).toContain("a message that does not parse");
});

test("text of an agent that nobody knows is reported, never dropped", async () => {
  const rig = new EngineRig();
  await rig.plan();
  rig.threads[0]?.say({ type: "delta", agentId: "A-9999", kind: "text", text: "hello?" });
  expect(rig.reports).toEqual(["Text came from the agent A-9999, which the log does not know."]);
});

test("a word that comes twice is reported, and changes nothing", async () => {
  const rig = new EngineRig();
  await rig.plan();
  const { position } = rig.state;
  const usage = { inputTokens: 1, outputTokens: 1, cacheReadTokens: 0, cacheWriteTokens: 0 };
  const settled = { type: "call_settled", agentId: "A-0001", callId: "C-00001", turn: 1, content: [], usage };
  rig.threads[0]?.say({ ...settled, stopReason: "end_turn", durationMs: 1, firstByteMs: 1, readsOnly: false });
  expect(rig.reports).toEqual(["settle_call: There is no open call C-00001."]);
  expect(rig.state.position).toBe(position);
});

test.each(["orchestrator", "tech_lead", "qa"] as const)(
  "a %s whose thread dies once does not end the run",
  async (role) => {
    const world = new EngineWorld();
    let count = 0;
    world.model = (turn) => (turn.start.role === role && count++ === 0 ? { fault: "die" } : world.answer(turn));
    const rig = new EngineRig({ world, settings: { review: { qa: true, techLead: true } } });
    await rig.plan();
    expect(rig.statuses()).toEqual(["T-001 completed"]);
  },
);

test("a review whose thread dies once is asked for again, and the run goes on", async () => {
  const world = new EngineWorld();
  let count = 0;
  world.model = (turn) => (turn.start.purpose === "review" && count++ === 0 ? { fault: "die" } : world.answer(turn));
  const rig = new EngineRig({ world, settings: { review: { qa: false, techLead: true } } });
  await rig.plan();
  expect(rig.statuses()).toEqual(["T-001 completed"]);
  expect(rig.all("agent.failed").map((event) => event.reason)).toEqual(["It closed without a word (code 0)."]);
});

test("a thread that speaks for another thread's agent is reported, and changes nothing", async () => {
  // One more than usually share a thread.
  const tickets = Array.from({ length: 9 }, (_, index) => ({ key: `ticket-${index + 1}` }));
  const world = new EngineWorld({ alpha: tickets });
  world.runCommand = hanging;
  const rig = new EngineRig({ world, settings: { workers: { ...defaultSettings.workers, max: 9 } } });
  rig.do({ type: "create_epic", goal: "Build it.", isStarting: true });
  while (rig.all("command.started").length < tickets.length) await loopTurn();
  const { position } = rig.state;
  const [shared, own] = rig.threads;
  const first = shared?.received.findLast(({ type }) => type === "call_allowed");
  own?.say({ type: "ended", agentId: first?.agentId, text: "All done." });
  expect(rig.reports).toEqual([`A thread said "ended" for the agent ${first?.agentId}, which it does not have.`]);
  expect(rig.state.position).toBe(position);
  await rig.engine.stop("the test is over");
});

test("listeners hear of a call after its thread has been answered", async () => {
  const rig = new EngineRig();
  const heard: boolean[] = [];
  const off = rig.engine.onPosition(() => {
    if (rig.all("call.started").length === 0 || heard.length > 0) return;
    heard.push(rig.threads.some(({ received }) => received.some(({ type }) => type === "call_allowed")));
  });
  await rig.plan();
  off();
  expect(heard).toEqual([true]);
});

test.each(["orchestrator", "tech_lead", "qa"] as const)(
  "a %s whose threads all die ends the run with a reason",
  async (role) => {
    const world = new EngineWorld();
    world.model = (turn) => (turn.start.role === role ? { fault: "die" } : world.answer(turn));
    const rig = new EngineRig({ world, settings: { review: { qa: true, techLead: true } } });
    await rig.plan();
    const [epic, track] = [rig.state.epics.get("E-001"), [...rig.state.tracks.values()][0]];
    const blocked = role === "qa" ? rig.status("T-001") : role === "tech_lead" ? track : epic;
    expect(blocked).toMatchObject({ status: "blocked", reason: expect.stringContaining("closed without a word") });
  },
);

test("a provider that gives up blocks the ticket in the end, with the provider's reason", async () => {
  const rig = new EngineRig({ world: failingWorker("provider", 9) });
  await rig.plan();
  expect(rig.status("T-001").reason).toContain("the model is overloaded");
});

test("an effect that fails blocks its subject with a sentence, and tells the terminal", async () => {
  const world = new EngineWorld();
  world.pace = async (label) => {
    if (label.startsWith("commitTicket")) throw new Error("The disk is full: make room, then retry.");
  };
  const rig = new EngineRig({ world });
  await rig.plan();
  expect(rig.status("T-001")).toEqual({ status: "blocked", reason: "The disk is full: make room, then retry." });
  expect(rig.reports[0]).toContain("run_check T-001 failed");
});

test("a track whose branch cannot be made is blocked with the reason", async () => {
  const world = new EngineWorld();
  world.pace = async (label) => {
    if (label.startsWith("prepareTrack")) throw new Error("The branch is checked out elsewhere.");
  };
  const rig = new EngineRig({ world });
  await rig.plan();
  expect([...rig.state.tracks.values()][0]).toMatchObject({
    status: "blocked",
    reason: "The branch is checked out elsewhere.",
  });
});

test("a landing that fails leaves the track completed, and can be asked for again", async () => {
  const world = new EngineWorld();
  let count = 0;
  world.pace = async (label) => {
    if (label === "land" && count++ === 0) throw new Error("The index is locked.");
  };
  const rig = new EngineRig({ world });
  await rig.plan();
  const [trackId = ""] = rig.state.tracks.keys();
  expect(rig.state.tracks.get(trackId)).toMatchObject({
    status: "completed",
    landing: { name: "refused", reason: "The index is locked." },
  });
  rig.do({ type: "start_track", trackId });
  await rig.engine.whenSettled();
  expect(rig.state.tracks.get(trackId)?.landing.name).toBe("landed");
});

test("an agent whose provider is no longer configured fails with what to do, and the run ends", async () => {
  const rig = new EngineRig({ settings: { providers: {} } });
  await rig.plan();
  expect(rig.state.epics.get("E-001")).toMatchObject({
    status: "blocked",
    reason: expect.stringContaining("Add [providers.default] to the config."),
  });
  expect(rig.all("epic.blocked").length).toBe(1);
});

test("a command that breaks the runner is not run again; its ticket is blocked and its agent stopped", async () => {
  const world = new EngineWorld();
  world.runCommand = async () => {
    throw new Error("The shell is gone.");
  };
  const rig = new EngineRig({ world });
  await rig.plan();
  expect(world.ran).toEqual(["edit T-001"]);
  expect(rig.status("T-001")).toEqual({ status: "blocked", reason: "The shell is gone." });
  expect([...rig.state.agents.values()].filter((agent) => agent.status === "running")).toEqual([]);
});

test("a thread that dies while its command runs takes the command with it", async () => {
  const world = new EngineWorld();
  let count = 0;
  const running = Promise.withResolvers<void>();
  world.runCommand = (command) => {
    running.resolve();
    return count++ === 0 ? hanging(command) : Promise.resolve({});
  };
  const rig = new EngineRig({ world });
  rig.do({ type: "create_epic", goal: "Build it.", isStarting: true });
  await running.promise;
  for (const thread of rig.threads) thread.die();
  await rig.engine.whenSettled();
  expect(rig.statuses()).toEqual(["T-001 completed"]);
  expect(rig.all("command.completed").length).toBe(1);
});
