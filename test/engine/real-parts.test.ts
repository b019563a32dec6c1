/** The engine with the real agent loop over HTTP, a real git repository and real documents: only the shell is a double. */
import { afterAll, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Json } from "../../src/domain/gate.ts";
import { Documents } from "../../src/workspace/documents/documents.ts";
import { openRepository } from "../../src/workspace/repository.ts";
import { EngineRig } from "../support/engine-rig.ts";
import { EngineWorld } from "../support/engine-world.ts";
import { HostedThread } from "../support/hosted-thread.ts";
import { MemoryDocuments } from "../support/memory-documents.ts";
import {
  call,
  calls,
  type Reply,
  type SeenRequest,
  scriptedProvider,
  text,
  usage,
} from "../support/scripted-provider.ts";
import { makeTempRepository } from "../support/temp-repository.ts";

const criteria = ["It works."];
const track = { key: "greet", title: "greet", goal: "Greet people.", acceptance_criteria: criteria };
const ticket = {
  key: "hello",
  title: "Say hello",
  description: "Write hello.txt.",
  target_files: ["hello.txt"],
  acceptance_criteria: criteria,
};

const answers: Readonly<Record<string, Reply>> = {
  propose_tracks: calls(call("propose_tracks", { tracks: [track] })),
  propose_tickets: calls(call("propose_tickets", { tickets: [ticket] })),
  report_verdict: calls(call("report_verdict", { verdict: "pass", diagnosis: "It is there." })),
  accept_ticket: calls(call("accept_ticket", {})),
};

/** Answers by the tools that the request offers: no conversation names another's. */
function respond({ body }: SeenRequest): Reply {
  const names = body.tools?.map((tool) => tool.name) ?? [];
  const said = JSON.stringify(body.messages);
  if (names.includes("report_blocked")) {
    if (said.includes("tool_result")) return text("Hello is written.");
    return calls(call("write", { file_path: "hello.txt", content: "hello\n" }));
  }
  if (said.includes("Review ticket")) return answers.accept_ticket ?? text("");
  const name = ["propose_tracks", "propose_tickets", "report_verdict"].find((owed) => names.includes(owed));
  return (name && answers[name]) || text("The cause is unknown.");
}

const cleanups: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const cleanup of cleanups) await cleanup();
});

async function realRun(): Promise<{ rig: EngineRig; root: string; requests: readonly SeenRequest[] }> {
  const { root, remove } = await makeTempRepository({ "readme.md": "A project.\n", ".gitignore": ".signalbox/\n" });
  const provider = scriptedProvider(Array(40).fill(respond));
  const documents = new Documents(root);
  const rig = new EngineRig({
    world: new EngineWorld(),
    settings: {
      review: { qa: true, techLead: true },
      providers: { default: { baseUrl: provider.baseUrl, apiKeyEnv: "" } },
    },
    parts: {
      project: { root, name: "real" },
      repository: await openRepository(root),
      spawnThread: () => new HostedThread(),
      documents: new MemoryDocuments((...all) => documents.writeTrack(...all)),
    },
  });
  cleanups.push(async () => {
    await rig.engine.stop("the test is over");
    await provider.stop();
    await remove();
  });
  await rig.plan("Greet people.");
  return { rig, root, requests: provider.requests };
}

const run = realRun();

test("a goal becomes a commit on the user's branch, through all four tiers", async () => {
  const { rig, root } = await run;
  expect(rig.reports).toEqual([]);
  expect(rig.statuses()).toEqual(["T-001 completed"]);
  expect([...rig.state.tracks.values()][0]?.landing.name).toBe("landed");
  expect(existsSync(join(root, "hello.txt"))).toBe(true);
});

test("each tier's answer arrives under its stream id", async () => {
  const { rig } = await run;
  const { trackId } = [...rig.state.tracks.values()][0] ?? { trackId: "" };
  expect([...rig.engine.streams().keys()]).toEqual([
    "Tier 1 (Orchestrator): E-001",
    `Tier 2 (Tech Lead): ${trackId}`,
    "Tier 3 (Worker): T-001",
    "Tier 4 (QA): T-001",
  ]);
  expect(rig.engine.streams().get("Tier 3 (Worker): T-001")?.text).toContain("Hello is written.");
});

test("what tiers took is what the provider said of their requests", async () => {
  const { rig, requests } = await run;
  const callCounts = [...rig.state.spend.values()].map((leaf) => leaf.callCount);
  expect(callCounts.reduce((sum, count) => sum + count, 0)).toBe(requests.length);
  const inputs = [...rig.state.spend.values()].map((leaf) => leaf.inputTokens);
  expect(inputs.reduce((sum, count) => sum + count, 0)).toBe(requests.length * usage.input_tokens);
});

test("a worker starts with its ticket word for word, and an empty memory", async () => {
  const { requests } = await run;
  const first = requests.find(({ body }) => body.tools?.some((tool) => tool.name === "report_blocked"));
  const said: Json = JSON.stringify(first?.body.messages);
  expect(first?.body.messages.length).toBe(1);
  for (const words of ["T-001", "Say hello", "Write hello.txt.", "It works."]) expect(said).toContain(words);
});

test("the plan on disk carries the ticket's mark and its commit", async () => {
  const { rig, root } = await run;
  const { trackId } = [...rig.state.tracks.values()][0] ?? { trackId: "" };
  const plan = await Bun.file(join(root, "conductor/tracks", trackId, "plan.md")).text();
  const commit = rig.all("ticket.completed")[0]?.commit.slice(0, 7) ?? "";
  expect(plan).toContain("- [x] Task: T-001: Say hello");
  expect(plan).toContain(commit);
});
