/** Where a plan on disk and the log differ: each difference in a sentence that says which of the two counts. */
import { expect, test } from "bun:test";
import { planDrift } from "../../src/projections/view-documents.ts";
import { preparedTrack, ticket, trackId } from "../support/facts.ts";
import { FakeEngine } from "../support/fake-engine.ts";

type Task = Parameters<typeof planDrift>[2][number];

function task(ticketId: string | null, title: string, changes: Partial<Task> = {}): Task {
  return { ticketId, title, mark: " ", isVerification: false, ...changes };
}

function driftOf(...tasks: readonly Task[]): readonly string[] {
  const engine = new FakeEngine();
  engine.add(...preparedTrack(), ticket("T-001", { title: "Read  the file" }), ticket("T-002", { title: "Write it" }));
  return planDrift(engine.state(), trackId, tasks);
}

const plan = [task("T-001", "Read the file"), task("T-002", "Write it")] as const;

test("a plan that says what the log says differs in nothing, spaces and verifications aside", () => {
  expect(driftOf(...plan, task(null, "Conductor - User Manual Verification", { isVerification: true }))).toEqual([]);
});

test("a line that was taken out, ticked or renamed by hand is told, with what comes of it", () => {
  expect(driftOf(task("T-001", "Read the file", { mark: "x" }), task("T-002", "Write all of it"))).toEqual([
    "T-001 is ticked in the plan, but is not done: the mark goes back. To do without it, skip it.",
    "T-002 is called “Write all of it” in the plan; its worker is told “Write it”. Edit the ticket to change that.",
  ]);
  expect(driftOf(plan[0])).toEqual([
    "T-002 has no line in the plan: it comes back. To take a ticket out, skip or cancel it.",
  ]);
});

test("a line without a ticket asks for one, unless it is done; one of another track is named", () => {
  expect(driftOf(...plan, task(null, "Test it"), task(null, "Old", { mark: "x" }), task("T-009", "Lost"))).toEqual([
    "No ticket yet for “Test it”: add one with this title, and the line becomes its own.",
    "The plan names T-009, which is no ticket of this track.",
  ]);
});

test("many differences are cut, and their number is told; a track without tickets has none", () => {
  const many = Array.from({ length: 20 }, (_none, index) => task(null, `New ${index}`));
  expect(driftOf(...plan, ...many).length).toBe(13);
  expect(driftOf(...plan, ...many).at(-1)).toBe("8 more differences.");
  expect(planDrift(new FakeEngine().state(), trackId, many)).toEqual([]);
});
