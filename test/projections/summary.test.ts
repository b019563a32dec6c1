/** The last line of a run: its shape, and which outcome it names. */
import { describe, expect, test } from "bun:test";
import type { Fact } from "../../src/domain/event.ts";
import { summary } from "../../src/projections/summary.ts";
import { FakeEngine } from "../support/fake-engine.ts";
import { gateFact, planFacts, trackId } from "../support/sample-facts.ts";

const completed = (ticketId: string): Fact => ({ type: "ticket.completed", ticketId, trackId, commit: "c0ffee0" });
const blocked = (ticketId: string): Fact => ({
  type: "ticket.blocked",
  ticketId,
  trackId,
  reason: "It cannot be done.",
});
const planned: Fact = { type: "epic.planned", epicId: "E-001", trackIds: [trackId] };
const finished: Fact = { type: "track.completed", trackId, commit: "c0ffee0" };

function outcome(...facts: Fact[]) {
  const engine = new FakeEngine();
  engine.add(...planFacts(), planned, ...facts);
  return summary(engine.state()).outcome;
}

describe("the summary", () => {
  test("has the contract's shape", () => {
    const engine = new FakeEngine();
    engine.add(...planFacts(), planned, completed("T-001"), blocked("T-002"));
    const { usage, ...rest } = summary(engine.state());
    expect(rest).toEqual({
      type: "summary",
      outcome: "blocked",
      tracks: [{ trackId, title: "Greeting", status: expect.any(String) }],
      tickets: [
        { ticketId: "T-001", trackId, title: "Title of T-001", status: "completed", attemptCount: 0 },
        {
          ticketId: "T-002",
          trackId,
          title: "Title of T-002",
          status: "blocked",
          reason: "It cannot be done.",
          attemptCount: 0,
        },
      ],
    });
    expect(usage.total.callCount).toBe(0);
  });

  test("says done when every ticket is, and a skipped one counts as that", () => {
    expect(outcome(completed("T-001"), completed("T-002"), finished)).toBe("done");
    expect(
      outcome(completed("T-001"), { type: "ticket.skipped", ticketId: "T-002", trackId, reason: "no need" }, finished),
    ).toBe("done");
  });

  test("says blocked when some are and the rest is done", () => {
    expect(
      outcome(completed("T-001"), blocked("T-002"), { type: "track.blocked", trackId, reason: "One is blocked." }),
    ).toBe("blocked");
  });

  test("says gate when a person must decide, budget when money is the matter", () => {
    expect(outcome(gateFact())).toBe("gate");
    const reached: Fact = {
      type: "budget.reached",
      limit: "runUsd",
      scopeId: "run",
      agentId: "A-1",
      reason: "Reached.",
    };
    expect(outcome(reached)).toBe("budget");
    expect(outcome(gateFact(), reached)).toBe("budget");
  });

  test("says failed when work is left that nothing holds up", () => {
    expect(outcome(completed("T-001"))).toBe("failed");
  });

  test("is about the present run: what an earlier one left blocked does not count", () => {
    const engine = new FakeEngine();
    engine.add(...planFacts(), planned, blocked("T-001"), blocked("T-002"));
    engine.add({
      type: "track.created",
      trackId: "other",
      key: "other",
      title: "Other",
      goal: "x",
      acceptanceCriteria: [],
      modules: [],
      dependsOn: [],
      kind: "chore",
    });
    engine.add(
      { type: "run.started", trackIds: ["other"] },
      { type: "track.started", trackId: "other" },
      { type: "track.completed", trackId: "other", commit: "c0ffee0" },
    );
    expect(summary(engine.state(), { trackIds: ["other"] })).toMatchObject({
      outcome: "done",
      tracks: [{ trackId: "other" }],
    });
    expect(summary(engine.state(), { outcome: "gate" }).outcome).toBe("gate");
  });
});
