/** A log as a line: whose its events are, where its ticks stand, how its spend grows, and when it has ended. */
import { describe, expect, test } from "bun:test";
import type { Fact } from "../../src/domain/event.ts";
import { evolve } from "../../src/domain/evolve.ts";
import { emptyState, type State } from "../../src/domain/state.ts";
import { isEnded, lineWidth, markOf, neighbours, ownerOf, timeLine } from "../../src/projections/time-line.ts";
import { gate } from "../support/sample-builders.ts";
import { callFacts, gateFact, planFacts, trackId } from "../support/sample-facts.ts";

const nobody = { epicId: null, trackId: null };
const at = "2026-01-02T03:04:05.000Z";

/** Folds facts, and tells of each event whose it is and what mark it makes. */
function told(facts: readonly Fact[]) {
  let state: State = emptyState();
  const events = facts.map((fact, index) => {
    const event = { ...fact, position: index + 1, at };
    state = evolve(state, event);
    const owner = ownerOf(state, event);
    return { type: event.type, ...owner, kind: markOf(event, owner)?.kind ?? null };
  });
  return { state, events };
}

describe("an event on the line", () => {
  test("belongs to the track that it names, or whose agent or gate it is of, and to that track's goal", () => {
    const { events } = told([
      ...planFacts(),
      ...callFacts({ role: "worker", agentId: "A-1", callId: "C-1" }),
      gateFact(),
      { type: "gate.declined", gateId: "G-001", kind: "command", reason: "No.", by: "person" },
      { type: "engine.paused", by: "person" },
    ]);
    const ofTrack = { epicId: "E-001", trackId };
    for (const type of ["track.started", "ticket.created", "call.settled", "gate.opened", "gate.declined"])
      expect(events.find((event) => event.type === type)).toMatchObject(ofTrack);
    expect(events[0]).toMatchObject({ epicId: "E-001", trackId: null });
    expect(events.at(-1)).toMatchObject(nobody);
  });

  test("makes a mark where a run turns: phases, gates and their answers, failures, merges, landings", () => {
    const { events } = told([
      ...planFacts(),
      gateFact(),
      { type: "ticket.blocked", ticketId: "T-001", trackId, reason: "It cannot be done." },
      { type: "track.landed", trackId, branch: "main", commit: "c" },
    ]);
    const kinds = events.filter(({ kind }) => kind !== null).map(({ type, kind }) => `${type} ${kind}`);
    expect(kinds).toEqual([
      "epic.created phase",
      "track.started phase",
      "gate.opened gate",
      "ticket.blocked failure",
      "track.landed landing",
    ]);
  });
});

describe("the drawing", () => {
  const marks = [
    { position: 10, kind: "phase", ...nobody },
    { position: 60, kind: "gate", ...nobody },
    { position: 110, kind: "decision", ...nobody },
  ] as const;

  test("places ticks by position, counts them, and keeps answers of gates in the lower half", () => {
    const line = timeLine({ from: 10, to: 110, marks, spends: [] });
    const row = (kind: string) => line.rows.find((each) => each.kind === kind);
    expect(row("phase")).toMatchObject({ count: 1, path: "M0 0V10" });
    expect(row("gate")).toMatchObject({ count: 1, path: "M500 0V10", lowPath: `M${lineWidth} 6V10` });
    expect(row("landing")).toMatchObject({ count: 0, path: "" });
    expect(line).toMatchObject({ markPositions: [10, 60, 110], phasePositions: [10] });
  });

  test("shows of a scope what lies in it, and of one event a line without a length", () => {
    expect(timeLine({ from: 50, to: 70, marks, spends: [] }).markPositions).toEqual([60]);
    expect(timeLine({ from: 60, to: 60, marks, spends: [] }).rows[1]?.path).toBe("M0 0V10");
  });

  test("lets the spend grow by exact sums up to the top of its box", () => {
    const spends = [20, 60, 110].map((position) => ({ position, usd: 0.1, ...nobody }));
    const line = timeLine({ from: 10, to: 110, marks, spends });
    expect(line.spentUsd).toBe(0.3);
    expect(line.spendPath).toBe("M0 23.5H100V15.8H500V8.2H1000V0.5H1000");
    expect(timeLine({ from: 1, to: 9, marks, spends: [] }).spendPath).toBe("M0 23.5H1000");
  });

  test("is as large with a million marks as the scale allows", () => {
    const many = Array.from({ length: 20_000 }, (_unset, index) => ({ ...marks[1], position: index + 1 }));
    const line = timeLine({ from: 1, to: 20_000, marks: many, spends: [] });
    expect(line.rows[1]?.count).toBe(20_000);
    expect(line.rows[1]?.path.match(/M/g)?.length).toBe(lineWidth + 1);
    expect(line.markPositions.length).toBe(lineWidth + 1);
  });
});

test("the places before and after are those next to a position, also where it is one itself", () => {
  expect(neighbours([3, 7, 9], 7)).toEqual({ before: 3, after: 9 });
  expect(neighbours([3, 7, 9], 1)).toEqual({ before: null, after: 3 });
  expect(neighbours([], 1)).toEqual({ before: null, after: null });
});

test("a line has ended when nothing of it moves or waits", () => {
  const plan = planFacts();
  const end: Fact = { type: "track.completed", trackId, commit: "c" };
  const planned: Fact = { type: "epic.planned", epicId: "E-001", trackIds: [trackId] };
  const ended = told([...plan, planned, end]).state;
  const other = told([
    ...plan,
    planned,
    end,
    { type: "epic.created", epicId: "E-2", goal: "x", isStarting: true },
  ]).state;
  const waits = told([...plan, planned, end, gate("G-9", "land", { trackId }, "Look.", {})]).state;
  const ofTrack = { name: "track", trackId } as const;
  expect([told(plan).state, ended, other, waits].map((state) => isEnded(state, { name: "log" }))).toEqual([
    false,
    true,
    false,
    false,
  ]);
  expect([ended, other, waits].map((state) => isEnded(state, ofTrack))).toEqual([true, true, false]);
  expect(isEnded(other, { name: "epic", epicId: "E-001" })).toBe(true);
});
