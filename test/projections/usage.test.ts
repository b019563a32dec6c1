/** The accounting: whatever was spent, the parts sum to the total. */
import { describe, expect, test } from "bun:test";
import { emptyState } from "../../src/domain/state.ts";
import { apiBudget } from "../../src/projections/budget.ts";
import { apiUsage } from "../../src/projections/usage.ts";
import { FakeEngine } from "../support/fake-engine.ts";
import { callFacts, planFacts } from "../support/sample-facts.ts";

describe("usage", () => {
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
