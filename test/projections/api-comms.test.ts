/** The provider traffic from the log: one entry a call, whatever came of it. */
import { expect, test } from "bun:test";
import type { Fact } from "../../src/domain/event.ts";
import { apiComms } from "../../src/projections/api-comms.ts";
import { FakeEngine } from "../support/fake-engine.ts";
import { callFacts } from "../support/sample-facts.ts";

const call = { callId: "C-002", agentId: "A-001", streamId: "Tier 3 (Worker): T-001", turn: 2 };
const failed: Fact = {
  type: "call.failed",
  ...call,
  code: "overloaded",
  reason: "The provider is overloaded.",
  status: 529,
  text: "half an ans",
  usage: { inputTokens: 9, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 },
  costUsd: null,
  durationMs: 50,
};

test("an entry is made when the call starts, and completed by its outcome", () => {
  const engine = new FakeEngine();
  const [agent, started, settled] = callFacts({ role: "worker", agentId: "A-001", callId: "C-001" });
  if (!agent || started?.type !== "call.started" || !settled) throw new Error("three facts make a call");
  engine.add(agent, started);
  expect(apiComms(engine.log)).toMatchObject([
    { callId: "C-001", tier: 3, status: "running", endedAt: null, durationMs: null },
  ]);
  engine.add(settled, { ...started, ...call }, failed);
  const calls = apiComms(engine.log, "Tier 3 (Worker): T-001", { isFull: true });
  expect(calls).toMatchObject([
    {
      status: "settled",
      stopReason: "end_turn",
      request: { tools: ["read"] },
      response: { content: [{ text: "Done." }] },
    },
    {
      status: "failed",
      reason: "The provider is overloaded.",
      usage: { inputTokens: 9 },
      response: { content: [{ text: "half an ans" }] },
    },
  ]);
});
