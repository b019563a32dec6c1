/** A run from its goal to landed code, and what a person sees of it on the way. */
import { expect, test } from "bun:test";
import { spawnedTwice } from "../support/agent-ledger.ts";
import { EngineRig } from "../support/engine-rig.ts";
import { EngineWorld, engineSettings } from "../support/engine-world.ts";
import { MemoryDocuments } from "../support/memory-documents.ts";

const twoTracks = { alpha: [{ key: "one" }, { key: "two", dependsOn: ["one"] }], beta: [{ key: "one" }] };
const allTiers = { review: { qa: true, techLead: true } };

async function finished(): Promise<EngineRig> {
  const rig = new EngineRig({ world: new EngineWorld(twoTracks), settings: allTiers });
  await rig.plan();
  return rig;
}

test("a run goes from its goal to landed tracks", async () => {
  const rig = await finished();
  expect(rig.statuses()).toEqual(["T-001 completed", "T-002 completed", "T-003 completed"]);
  expect([...rig.state.tracks.values()].map((track) => track.landing.name)).toEqual(["landed", "landed"]);
  expect(rig.reports).toEqual([]);
});

test("folding the log gives the live state", async () => {
  const rig = await finished();
  expect(rig.isFoldEqual()).toBe(true);
});

test("a ticket starts only when what it depends on is merged", async () => {
  const rig = await finished();
  const merged = rig.all("ticket.completed").find((event) => event.ticketId === "T-001");
  const started = rig.all("attempt.started").find((event) => event.ticketId === "T-002");
  expect(started?.position).toBeGreaterThan(merged?.position ?? Number.POSITIVE_INFINITY);
});

test("no agent is started twice for the same work", async () => {
  const rig = await finished();
  expect(spawnedTwice(rig.events)).toEqual([]);
});

test("every answer stands under exactly its own stream id, and two tracks do not mix", async () => {
  const rig = await finished();
  const streams = rig.engine.streams();
  const [alpha, beta] = [...rig.state.tracks.keys()];
  expect([...streams.keys()].sort()).toEqual([
    "Tier 1 (Orchestrator): E-001",
    `Tier 2 (Tech Lead): ${alpha}`,
    `Tier 2 (Tech Lead): ${beta}`,
    "Tier 3 (Worker): T-001",
    "Tier 3 (Worker): T-002",
    "Tier 3 (Worker): T-003",
    "Tier 4 (QA): T-001",
    "Tier 4 (QA): T-002",
    "Tier 4 (QA): T-003",
  ]);
  for (const ticketId of ["T-001", "T-002", "T-003"]) {
    const { text = "", trackId } = streams.get(`Tier 3 (Worker): ${ticketId}`) ?? {};
    expect(text).toContain(`Done with ${ticketId}.`);
    expect([...new Set(text.match(/T-\d+/g))]).toEqual([ticketId]);
    expect(trackId).toBe(rig.state.tickets.get(ticketId)?.trackId ?? "");
  }
});

test("deltas are told once, in order, each at its offset", async () => {
  const rig = new EngineRig();
  const told = new Map<string, string>();
  rig.engine.onDelta(({ streamId, offset, text }) => {
    const before = told.get(streamId) ?? "";
    expect(offset).toBe(before.length);
    told.set(streamId, before + text);
  });
  await rig.plan();
  const live = [...rig.engine.streams()].map(([streamId, stream]) => [streamId, stream.text]);
  expect([...told]).toEqual(live.filter(([, text]) => text !== "") as [string, string][]); // Pairs of strings, both.
});

test("usage of each tier is the sum of what the provider charged it, failed calls included", async () => {
  const world = new EngineWorld(twoTracks);
  world.model = (turn) => (turn.start.role === "worker" && turn.tries === 1 ? { fault: "retry" } : world.answer(turn));
  const rig = new EngineRig({ world, settings: allTiers });
  await rig.plan();
  for (const tier of [1, 2, 3, 4]) {
    const charged = world.charged.filter((call) => call.tier === tier).map(({ usage }) => usage);
    const leaves = [...rig.state.spend.values()].filter((leaf) => leaf.tier === tier);
    for (const part of ["inputTokens", "outputTokens", "cacheReadTokens", "cacheWriteTokens"] as const) {
      const sum = charged.reduce((total, usage) => total + usage[part], 0);
      expect(sum).toBeGreaterThan(0);
      expect(leaves.reduce((total, leaf) => total + leaf[part], 0)).toBe(sum);
    }
    expect(leaves.reduce((total, leaf) => total + leaf.callCount, 0)).toBe(charged.length);
  }
  expect(rig.all("call.failed").length).toBe(6);
});

test("documents are written as the plan moves on", async () => {
  const rig = await finished();
  const { track, tickets } = rig.documents.get([...rig.state.tracks.keys()][0] ?? "") ?? {};
  expect(track?.status).toBe("completed");
  expect(tickets?.map((ticket) => ticket.stage.name)).toEqual(["completed", "completed"]);
});

test("documents that cannot be written are reported, and the run goes on", async () => {
  const writeTrack = () => {
    throw new Error("the disk is full");
  };
  const rig = new EngineRig({ parts: { documents: new MemoryDocuments(writeTrack) } });
  await rig.plan();
  expect(rig.reports[0]).toContain("could not be written: the disk is full");
  expect(rig.statuses()).toEqual(["T-001 completed"]);
});

test("a red check is diagnosed, and the next attempt is told the diagnosis and gets the next model", async () => {
  const world = new EngineWorld();
  let count = 0;
  world.check = async () => ({ exitCode: count++ === 0 ? 1 : 0, output: "1 fail" });
  const rig = new EngineRig({ world });
  await rig.plan();
  expect(rig.all("diagnosis.recorded").map((event) => event.text)).toEqual(["The cause is in T-001."]);
  expect(rig.all("attempt.prepared")[1]?.prompt).toContain("The cause is in T-001.");
  const { models } = engineSettings().tiers.worker;
  expect(rig.all("attempt.started").map((event) => event.model)).toEqual(models.slice(0, 2));
  expect(rig.statuses()).toEqual(["T-001 completed"]);
});

test("a check that stays red blocks the ticket with the reason, and all that depends on it", async () => {
  const world = new EngineWorld({ alpha: [{ key: "one" }, { key: "two", dependsOn: ["one"] }] });
  world.check = async () => ({ exitCode: 1 });
  const rig = new EngineRig({ world });
  await rig.plan();
  expect(rig.status("T-001").reason).toBe("After 3 attempts: The check ended with exit code 1: The cause is in T-001.");
  expect(rig.status("T-002")).toEqual({ status: "blocked", reason: "It needs T-001, which is blocked." });
  expect([...rig.state.tracks.values()][0]?.status).toBe("blocked");
});

test("a merge conflict starts the ticket afresh on the track as it is", async () => {
  const world = new EngineWorld();
  let count = 0;
  world.hasConflict = () => count++ === 0;
  const rig = new EngineRig({ world });
  await rig.plan();
  expect(rig.all("attempt.started").map((event) => event.isFresh)).toEqual([true, true]);
  expect(rig.statuses()).toEqual(["T-001 completed"]);
});

test("a tech lead plans from the user's files, and reviews a ticket's own", async () => {
  const rig = new EngineRig({ settings: { review: { qa: false, techLead: true } } });
  await rig.plan();
  const starts = rig.threads.flatMap(({ received }) => received.filter((message) => message.type === "start"));
  const leads = starts.filter((start) => start.role === "tech_lead");
  const { worktree } = rig.all("attempt.prepared")[0] ?? {};
  expect(leads.map(({ purpose, root }) => ({ purpose, root }))).toEqual([
    { purpose: "tickets", root: rig.engine.project.root },
    { purpose: "review", root: worktree ?? "" },
  ]);
});

test("of the first workers one goes ahead, and the others ask once it has been answered", async () => {
  const rig = await finished();
  const isWorkers = ({ agentId }: { agentId: string }) => rig.state.agents.get(agentId)?.role === "worker";
  const firsts = rig.all("call.started").filter((call) => call.turn === 1 && isWorkers(call));
  const answered = rig.all("call.settled").find(isWorkers)?.position ?? 0;
  expect(firsts.length).toBeGreaterThan(1);
  expect(firsts.filter(({ position }) => position < answered)).toHaveLength(1);
});
