/** A person's choices reach the real agent loop in the very next request, which is the one that was shown, byte for byte. */
import { afterEach, expect, test } from "bun:test";
import { toolsFor } from "../../src/agents/tools/toolset.ts";
import type { ContextCommandType } from "../../src/domain/command.ts";
import { wireText } from "../../src/domain/next-request.ts";
import { agentRequest } from "../../src/projections/agent-request.ts";
import { contextMap } from "../../src/projections/context-map.ts";
import type { ContextPiece } from "../../src/projections/context-piece.ts";
import { EngineRig } from "../support/engine-rig.ts";
import { EngineWorld } from "../support/engine-world.ts";
import { known } from "../support/given.ts";
import { HostedThread } from "../support/hosted-thread.ts";
import { call, calls, type Reply, type SeenRequest, scriptedProvider, text } from "../support/scripted-provider.ts";

const criteria = ["It works."];
const track = { key: "greet", title: "greet", goal: "Greet people.", acceptance_criteria: criteria };
const ticket = {
  key: "hello",
  title: "Hello",
  description: "Write it.",
  target_files: ["a"],
  acceptance_criteria: criteria,
};

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

/** Looks twice, then is done. */
function respond({ body }: SeenRequest): Reply {
  const names = body.tools?.map((tool) => tool.name) ?? [];
  if (names.includes("propose_tracks")) return calls(call("propose_tracks", { tracks: [track] }));
  if (names.includes("propose_tickets")) return calls(call("propose_tickets", { tickets: [ticket] }));
  const turn = body.messages.filter(({ role }) => role === "assistant").length;
  return turn < 2 ? calls(call("bash", { command: `look ${turn}` }, `toolu_${turn}`)) : text("Done.");
}

/** A run that is paused once its worker has looked a second time: its third request waits, and holds two results. */
async function pausedRun() {
  const provider = scriptedProvider(Array(60).fill(respond));
  const world = new EngineWorld();
  const rig: EngineRig = new EngineRig({
    world,
    settings: { providers: { default: { baseUrl: provider.baseUrl, apiKeyEnv: "" } } },
    parts: { spawnThread: () => new HostedThread() },
  });
  world.runCommand = async ({ command }) => {
    if (command === "look 1") rig.do({ type: "pause_engine", by: "person" });
    return { output: `seen by ${command} ${"word ".repeat(100)}` };
  };
  cleanups.push(async () => {
    await rig.engine.stop("the test is over");
    await provider.stop();
  });
  await rig.plan();
  return { rig, provider };
}

function shown({ engine, state }: EngineRig) {
  const agent = known(
    [...state.agents.values()].find(({ role }) => role === "worker"),
    "worker",
  );
  const events = engine.events({ after: 0, limit: 10_000, agentId: agent.agentId });
  const log = { state, agent, events, unsent: engine.unsent(agent.agentId), toolsFor };
  return { agent, map: contextMap(log).map, sending: wireText(agentRequest(log).request.body).text };
}

function choose(rig: EngineRig, type: ContextCommandType, isMeant: (piece: ContextPiece) => boolean): void {
  const { agent, map } = shown(rig);
  const { ref, name } = known(map.pieces.find(isMeant), "piece");
  rig.do({ type, agentId: agent.agentId, ref, name, by: "person" });
}

async function goOn(rig: EngineRig): Promise<void> {
  rig.do({ type: "unpause_engine", by: "person" });
  await rig.engine.whenSettled();
}

const isFirstResult = ({ name }: ContextPiece) => name === "result of bash look 0";

test("the next request is the one that was shown", async () => {
  const { rig, provider } = await pausedRun();
  const { sending, map } = shown(rig);
  expect(map.openCallCount).toBe(0);
  expect(sending).toContain("seen by look 1");
  const count = provider.requests.length;
  await goOn(rig);
  expect(provider.requests[count]?.text).toBe(sending);
  expect(rig.all("call.started").at(-1)?.request?.hash).toBe(map.requestHash);
});

test("what is evicted while a request waits is not in it any more, and it is the one that is shown then", async () => {
  const { rig, provider } = await pausedRun();
  choose(rig, "evict_context", isFirstResult);
  const { sending } = shown(rig);
  expect(sending).not.toContain("seen by look 0");
  expect(sending).toContain("seen by look 1");
  const count = provider.requests.length;
  await goOn(rig);
  expect(provider.requests[count]?.text).toBe(sending);
  expect(rig.reports).toEqual([]);
  expect(rig.statuses()).toEqual(["T-001 completed"]);
});

test("an eviction that is taken back before the request goes leaves no trace in it", async () => {
  const { rig, provider } = await pausedRun();
  const before = shown(rig).sending;
  choose(rig, "evict_context", isFirstResult);
  choose(rig, "restore_context", isFirstResult);
  const count = provider.requests.length;
  await goOn(rig);
  expect(provider.requests[count]?.text).toBe(before);
});

test("a choice holds after a crash, in the thread that goes on", async () => {
  const { rig, provider } = await pausedRun();
  choose(rig, "evict_context", isFirstResult);
  const { sending } = shown(rig);
  const next = new EngineRig({
    world: rig.world,
    events: rig.cutPower(),
    settings: { providers: { default: { baseUrl: provider.baseUrl, apiKeyEnv: "" } } },
    parts: { spawnThread: () => new HostedThread() },
  });
  cleanups.unshift(() => next.engine.stop("the test is over"));
  await next.engine.whenSettled();
  expect(shown(next).sending).toBe(sending);
  const count = provider.requests.length;
  await goOn(next);
  expect(provider.requests[count]?.text).toBe(sending);
});

test("an exchange is evicted with its call, and the others stay", async () => {
  const { rig, provider } = await pausedRun();
  choose(rig, "evict_context", ({ name }) => name.startsWith("exchange of turn 1 "));
  const count = provider.requests.length;
  await goOn(rig);
  const sent = provider.requests[count]?.text ?? "";
  expect(sent).not.toContain("look 0");
  expect(sent).toContain("seen by look 1");
});

test("an agent that has ended shows the last request that it sent", async () => {
  const { rig, provider } = await pausedRun();
  await goOn(rig);
  const { map, sending } = shown(rig);
  expect(map).toMatchObject({ isNext: false, status: "ended", countedBy: "usage", usedTokens: 115 });
  expect(map.parts.reduce((sum, { tokens }) => sum + tokens, 0)).toBe(115);
  expect(provider.requests.at(-1)?.text).toBe(sending);
});
