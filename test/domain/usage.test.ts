/** Tokens and money add up: the parts by tier, model, track, ticket and attempt always sum to the total. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { addSpend, callSpend, costUsd, noSpend, type Spend, totalTokens } from "../../src/domain/usage.ts";
import { bare, preparedTrack, ticket } from "../support/facts.ts";
import { settled } from "../support/given.ts";
import { RandomRun } from "./random-run.ts";
import { beginTechLead, failOnce, work } from "./steps.ts";

const count = fc.nat(1_000_000);
const anyUsage = fc.record({
  inputTokens: count,
  outputTokens: count,
  cacheReadTokens: count,
  cacheWriteTokens: count,
});

describe("the cost of a call", () => {
  test("is each kind of token at its price", () => {
    const price = { input: 1, output: 5, cacheRead: 0.1, cacheWrite: 1.25 };
    const usage = {
      inputTokens: 1_000_000,
      outputTokens: 2_000_000,
      cacheReadTokens: 3_000_000,
      cacheWriteTokens: 4_000_000,
    };
    expect(costUsd(usage, price)).toBeCloseTo(1 + 10 + 0.3 + 5);
  });

  test("is unknown, and not nothing, without a price", () => {
    const usage = { ...noSpend, inputTokens: 5 };
    expect(costUsd(usage, undefined)).toBeNull();
    expect(callSpend(usage, null)).toMatchObject({ costUsd: 0, unpricedCallCount: 1, callCount: 1 });
  });
});

test("spend adds up in any order", () => {
  const sum = (parts: readonly Spend[]) => totalTokens(parts.reduce(addSpend, noSpend));
  const isSame = (usages: Parameters<typeof totalTokens>[0][]) => {
    const parts = usages.map((usage) => callSpend(usage, 0));
    return (
      sum(parts) === sum([...parts].reverse()) &&
      sum(parts) === usages.reduce((tokens, usage) => tokens + totalTokens(usage), 0)
    );
  };
  fc.assert(fc.property(fc.array(anyUsage), isSame), { seed: 1 });
});

test("the parts of a run sum to what its calls took, failed and abandoned attempts too", () => {
  const addsUp = (seed: number) => {
    const story = new RandomRun(seed).toEnd();
    const calls = [...story.all("call.settled"), ...story.all("call.failed")];
    const leaves = [...story.state.spend.values()];
    expect(leaves.reduce((sum, leaf) => sum + leaf.callCount, 0)).toBe(calls.length);
    expect(leaves.reduce((sum, leaf) => sum + totalTokens(leaf), 0)).toBe(
      calls.reduce((sum, call) => sum + totalTokens(call.usage), 0),
    );
    for (const [id, agent] of story.state.agents)
      expect(leaves.some((leaf) => leaf.tier === agent.tier) || !calls.some((call) => call.agentId === id)).toBe(true);
  };
  fc.assert(fc.property(fc.integer({ min: 0, max: 2 ** 31 }), addsUp), { seed: 2, numRuns: 50 });
});

test("a call is booked on its tier, model, track, ticket and attempt", () => {
  const story = settled(bare(), ...preparedTrack(), ticket("T-001"));
  const usage = { inputTokens: 1, outputTokens: 2, cacheReadTokens: 3, cacheWriteTokens: 4 };
  const call = (agentId: string) => {
    story.do({
      type: "reserve_call",
      agentId,
      turn: 1,
      tries: 1,
      messages: [],
      tools: [],
      inputTokens: 1,
      maxTokens: 1,
    });
    const { callId } = story.last("call.started");
    story.do({ type: "settle_call", callId, content: [], stopReason: "", usage, durationMs: 1, firstByteMs: 1 });
  };
  failOnce(story, "T-001");
  call(work(story, "T-001"));
  expect([...story.state.spend.values()]).toEqual([
    {
      ...usage,
      tier: 3,
      model: "claude-sonnet-5-5",
      epicId: null,
      trackId: "greet_20260101",
      ticketId: "T-001",
      attempt: 2,
      purpose: "work",
      isFailed: false,
      day: "2026-01-01",
      costUsd: 0,
      callCount: 1,
      unpricedCallCount: 1,
      unpricedTokens: 10,
      estimatedCallCount: 0,
    },
  ]);
  expect(() => beginTechLead(story, "greet_20260101")).toThrow("No agent is needed");
});
