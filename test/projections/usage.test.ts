/** The accounting: whatever was spent, the parts sum to the total. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { emptyState, type State } from "../../src/domain/state.ts";
import type { SpendLeaf } from "../../src/domain/usage.ts";
import { apiBudget } from "../../src/projections/budget.ts";
import { apiUsage, type UsageRow } from "../../src/projections/usage.ts";
import { FakeEngine } from "../support/fake-engine.ts";
import { callFacts, planFacts } from "../support/sample-facts.ts";

const tokens = fc.nat(10_000_000);
const idOrNull = (prefix: string) => fc.option(fc.nat(3).map((index) => `${prefix}-${index}`));

const leaf: fc.Arbitrary<SpendLeaf> = fc
  .record({
    inputTokens: tokens,
    outputTokens: tokens,
    cacheReadTokens: tokens,
    cacheWriteTokens: tokens,
    costUsd: fc.double({ min: 0, max: 1000, noNaN: true }),
    callCount: fc.integer({ min: 1, max: 50 }),
    isUnpriced: fc.boolean(),
    tier: fc.constantFrom(1 as const, 2 as const, 3 as const, 4 as const),
    model: fc.constantFrom("a", "b", "c"),
    epicId: idOrNull("E"),
    trackId: idOrNull("K"),
    ticketId: idOrNull("T"),
    attempt: fc.option(fc.integer({ min: 1, max: 3 })),
  })
  .map(({ isUnpriced, ...rest }) => ({
    ...rest,
    costUsd: isUnpriced ? 0 : rest.costUsd,
    unpricedCallCount: isUnpriced ? rest.callCount : 0,
  }));

function stateWith(leaves: readonly SpendLeaf[]): State {
  const state = emptyState();
  leaves.forEach((item, index) => {
    state.spend.set(String(index), item);
  });
  return state;
}

const counts = [
  "inputTokens",
  "outputTokens",
  "cacheReadTokens",
  "cacheWriteTokens",
  "callCount",
  "unpricedCallCount",
] as const;

describe("usage", () => {
  test("every way of parting it sums to the total", () => {
    fc.assert(
      fc.property(fc.array(leaf, { maxLength: 40 }), (leaves) => {
        const { total, byTier, byModel, byTrack, byTicket, byAttempt } = apiUsage(stateWith(leaves));
        const partings: readonly (readonly UsageRow[])[] = [byTier, byModel, byTrack, byTicket, byAttempt];
        for (const parts of partings) {
          for (const name of counts) expect(parts.reduce((sum, part) => sum + part[name], 0)).toBe(total[name]);
          const cost = parts.reduce((sum, part) => sum + (part.costUsd ?? 0), 0);
          expect(Math.abs(cost - (total.costUsd ?? 0))).toBeLessThan(1e-6);
        }
      }),
      { numRuns: 200 },
    );
  });

  test("money is unknown, not zero, where no call has a price", () => {
    const engine = new FakeEngine();
    engine.add(
      ...planFacts(),
      ...callFacts({ role: "worker", agentId: "A-1", callId: "C-1", costUsd: null, model: "free" }),
    );
    engine.add(...callFacts({ role: "qa", agentId: "A-2", callId: "C-2", costUsd: 0.25 }));
    const usage = apiUsage(engine.state());
    expect(usage.byModel).toMatchObject([
      { model: "free", costUsd: null, unpricedCallCount: 1 },
      { model: "model-a", costUsd: 0.25 },
    ]);
    expect(usage.total).toMatchObject({ costUsd: 0.25, callCount: 2, unpricedCallCount: 1 });
  });

  test("has a row for each tier, also where nothing was spent", () => {
    expect(apiUsage(emptyState()).byTier).toMatchObject(
      [1, 2, 3, 4].map((tier) => ({ tier, inputTokens: 0, costUsd: 0 })),
    );
  });

  test("a call of a worker counts for its tier, track, ticket and attempt", () => {
    const engine = new FakeEngine();
    engine.add(...planFacts(), ...callFacts({ role: "worker", agentId: "A-1", callId: "C-1" }));
    expect(apiUsage(engine.state()).byAttempt).toMatchObject([
      { ticketId: "T-001", attempt: 1, inputTokens: 100, cacheWriteTokens: 7 },
    ]);
  });
});

test("the budget says what a limit holds, spent and reserved", () => {
  const engine = new FakeEngine();
  engine.add(...planFacts(), ...callFacts({ role: "worker", agentId: "A-1", callId: "C-1", costUsd: 0.1 }));
  const [, started] = callFacts({ role: "worker", agentId: "A-1", callId: "C-2", costUsd: 0.3 });
  if (started) engine.add(started);
  const state = engine.state();
  expect(apiBudget(state).limits).toEqual([]);
  state.settings = { ...state.settings, budget: { runUsd: 1, ticketUsd: 0.5 } };
  expect(apiBudget(state).limits).toMatchObject([
    { limit: "runUsd", scopeId: "run", max: 1, used: 0.1, reserved: 0.3, isReached: false },
    { limit: "ticketUsd", scopeId: "T-001", max: 0.5, used: 0.1, reserved: 0.3 },
    { limit: "ticketUsd", scopeId: "T-002", max: 0.5, used: 0, reserved: 0 },
  ]);
});
