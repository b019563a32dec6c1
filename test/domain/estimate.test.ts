/** Estimates rest on what this project's finished work took, and are written down before the work they are of begins. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { plainJson } from "../../src/domain/decision.ts";
import { expectTickets, expectTracks, rangeOf } from "../../src/domain/estimate.ts";
import type { Event, Fact } from "../../src/domain/event.ts";
import { estimatesView, planEstimate } from "../../src/projections/view-estimates.ts";
import { ticketProposal } from "../support/facts.ts";
import { FakeEngine } from "../support/fake-engine.ts";
import { attempt, call, ticket, track } from "../support/sample-builders.ts";

const trackId = "first_20260101";
const nextId = "next_20260102";

/** A finished track whose tickets cost these dollars each; null: their model has no price. */
function finished(costs: readonly (number | null)[]): FakeEngine {
  const engine = new FakeEngine();
  engine.add(track(trackId, "First", "A goal."), { type: "track.started", trackId });
  costs.forEach((costUsd, index) => {
    const ticketId = `T-00${index + 1}`;
    const owner = { ticketId, trackId, attempt: 1 };
    engine.add(ticket(ticketId, trackId, ticketId, []), ...attempt(owner, "small"));
    engine.add(...call("worker", ticketId, owner, "small", costUsd, 1_000, 100));
    engine.add({ type: "ticket.completed", ticketId, trackId, commit: "c0ffee" });
  });
  engine.add({ type: "track.completed", trackId, commit: "c0ffee" }, track(nextId, "Next", "Another goal."));
  return engine;
}

function started(engine: FakeEngine): readonly Event[] {
  const result = engine.dispatch({ type: "start_track", trackId: nextId });
  return result.isAccepted ? result.events : [];
}

describe("an estimate", () => {
  test("is not made up: without finished work there is none, and no event", () => {
    const engine = new FakeEngine();
    engine.add(track(nextId, "Next", "A goal."));
    expect([expectTickets(engine.state(), 3), expectTracks(engine.state(), 1)]).toEqual([null, null]);
    expect(started(engine).map((event) => event.type)).toEqual(["track.started"]);
    const payload = plainJson({ tickets: [ticketProposal("a")] });
    expect(planEstimate(engine.state(), { kind: "tickets", payload })).toMatchObject([
      { text: expect.stringContaining("no history yet") },
    ]);
  });

  test("of tickets is a range around what as many tickets took, with what it rests on", () => {
    const expected = expectTickets(finished([0.1, 0.2, 0.3]).state(), 2);
    expect(expected).toMatchObject({ sampleCount: 3, basis: "3 finished tickets of this project" });
    expect(expected?.usd?.middle).toBeCloseTo(0.4);
    expect(expected?.usd?.low).toBeLessThan(0.4);
    expect(expected?.usd?.high).toBeGreaterThan(0.5);
  });

  test("of a track is written down as it starts, and says afterwards whether it held", () => {
    const engine = finished([0.1, 0.2]);
    expect(started(engine).map((event) => event.type)).toEqual(["track.started", "estimate.recorded"]);
    expect(estimatesView(engine.state())).toMatchObject({ finishedCount: 0, rows: [{ verdict: null }] });
    engine.add(...call("tech_lead", nextId, { trackId: nextId }, "small", 0.29, 1_000, 100));
    const done: Fact = { type: "track.completed", trackId: nextId, commit: "c0ffee" };
    engine.add(done);
    expect(estimatesView(engine.state())).toMatchObject({
      finishedCount: 1,
      insideCount: 1,
      rows: [{ trackId: nextId, actual: "$0.2900", verdict: "inside" }],
    });
  });

  test("that did not hold says on which side", () => {
    const engine = finished([0.1, 0.2]);
    started(engine);
    engine.add(...call("tech_lead", nextId, { trackId: nextId }, "small", 5, 1_000, 100));
    engine.add({ type: "track.completed", trackId: nextId, commit: "c0ffee" });
    expect(estimatesView(engine.state())).toMatchObject({ insideCount: 0, rows: [{ verdict: "above" }] });
  });

  test("is in tokens where the work it rests on has no price", () => {
    const expected = expectTickets(finished([0.1, null]).state(), 1);
    expect(expected?.usd).toBeUndefined();
    expect(expected?.tokens.middle).toBeGreaterThan(1_000);
  });
});

test("a range holds its middle, grows with what it is of, and narrows with what it rests on", () => {
  const amounts = fc.array(fc.double({ min: 0.001, max: 10, noNaN: true }), { minLength: 1, maxLength: 12 });
  const holds = (samples: number[], count: number) => {
    const range = rangeOf(samples, count);
    const more = rangeOf(samples, count + 1);
    const surer = rangeOf([...samples, ...samples, ...samples, ...samples, ...samples], count);
    return (
      range.low >= 0 &&
      range.low <= range.middle &&
      range.middle <= range.high &&
      more.high > range.high &&
      surer.high <= range.high + 1e-9
    );
  };
  fc.assert(fc.property(amounts, fc.integer({ min: 1, max: 30 }), holds));
});
