/** The preview of a change of the plan: what it says is what then happens, whatever state the run is in. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { PlanCommand } from "../../src/domain/command.ts";
import { type ConsequenceKind, type Consequences, consequencesOf, isCostly } from "../../src/domain/consequence.ts";
import type { FactType } from "../../src/domain/event.ts";
import { NewTicket } from "../../src/domain/plan-edit.ts";
import { isFinal, isUnderWay } from "../../src/domain/readiness.ts";
import { bare, guarded, preparedTrack, ticket, trackId } from "../support/facts.ts";
import { known, type Story, settled, timeAt } from "../support/given.ts";
import { RandomRun } from "./random-run.ts";
import { beginWorker, check, merge, prepare } from "./steps.ts";

const seed = Number(process.env.SEED ?? 20260101);

function preview(story: Story, command: PlanCommand): Consequences {
  const found = consequencesOf(story.state, command, timeAt(story.events.length + 1));
  if (!found.isAccepted) throw new Error(found.rejection.message);
  return found;
}

function ids(found: Consequences, ...kinds: readonly ConsequenceKind[]): string[] {
  return found.tickets.flatMap(({ kind, ticketId }) => (kinds.includes(kind) ? [ticketId] : [])).sort();
}

/** What the log and the effects say of an edit, told by other means than the preview's. */
function happened(story: Story, edit: () => void) {
  const before = new Map(story.state.tickets);
  const from = story.events.length;
  edit();
  const of = (...types: readonly FactType[]) =>
    story.events.slice(from).flatMap((event) => {
      return types.includes(event.type) && "ticketId" in event ? [event.ticketId ?? ""] : [];
    });
  const started = of("attempt.started").sort();
  const ended = of("attempt.failed", "ticket.skipped", "ticket.cancelled", "ticket.blocked");
  const underWay = [...before.values()].filter(isUnderWay).map(({ ticketId }) => ticketId);
  const lost = underWay.filter((ticketId) => ended.includes(ticketId)).sort();
  return { before, started, lost, created: of("ticket.created").sort() };
}

function expectTruth(story: Story, found: Consequences, edit: () => void): void {
  const { before, started, lost, created } = happened(story, edit);
  expect(ids(found, "rerun", "invalidated")).toEqual(lost);
  expect(ids(found, "rerun", "starts")).toEqual(started);
  expect(found.tickets.flatMap((one) => (one.isNew ? [one.ticketId] : [])).sort()).toEqual(created);
  const effects = story.effects();
  for (const ticketId of started) expect(effects).toContain(`prepare_attempt ${ticketId}`);
  for (const ticketId of ids(found, "waits")) expect(story.ticket(ticketId).stage.name).toBe("todo");
  for (const ticketId of ids(found, "ended")) expect(isFinal(story.ticket(ticketId))).toBe(true);
  for (const ticketId of ids(found, "untouched"))
    expect(story.ticket(ticketId).attempts).toEqual([...(before.get(ticketId)?.attempts ?? [])]);
  const told = new Set(found.tickets.map(({ ticketId }) => ticketId));
  for (const [ticketId, was] of before)
    if (!told.has(ticketId)) expect(story.ticket(ticketId).stage).toEqual(was.stage);
}

test("in any state of any run, an edit does what its preview says", () => {
  const kinds = new Set<string>();
  const property = fc.property(fc.integer({ min: 0, max: 2 ** 31 }), (number) => {
    const run = new RandomRun(number);
    run.onEdit = (command, make) => {
      const found = preview(run.story, command);
      for (const { kind } of found.tickets) kinds.add(kind);
      expectTruth(run.story, found, make);
    };
    run.toEnd();
  });
  fc.assert(property, { seed, numRuns: 500, endOnFailure: true });
  expect([...kinds].sort()).toEqual(["ended", "invalidated", "rerun", "starts", "untouched", "waits"]);
});

/** T-001 is worked on, T-002 needs it, T-003 is worked on, T-004 is free, and there are two workers. */
function working(): Story {
  const workers = { max: 2, retries: 2, maxTurns: 60 };
  const others = [ticket("T-002", { dependsOn: ["T-001"] }), ticket("T-003"), ticket("T-004")];
  const story = settled(bare({ workers }), ...preparedTrack(), ticket("T-001"), ...others);
  for (const ticketId of ["T-001", "T-003"]) beginWorker(prepare(story, ticketId), ticketId);
  return story;
}

/** The worker ends its turn, the check is green, the ticket is merged. */
function ended(story: Story, ticketId: string): Story {
  const agent = known(
    [...story.state.agents.values()].findLast((one) => one.ticketId === ticketId),
    "worker",
  );
  story.do({ type: "end_agent", agentId: agent.agentId, text: "Done." });
  return merge(check(story, ticketId, 0), ticketId);
}

function words(found: Consequences): Record<string, string> {
  return Object.fromEntries(found.tickets.map(({ ticketId, kind, reason }) => [ticketId, `${kind}: ${reason}`]));
}

describe("a preview", () => {
  test("changes nothing", () => {
    const story = working();
    const before = structuredClone(story.state);
    preview(story, { type: "edit_ticket", ticketId: "T-001", changes: { description: "Otherwise." } });
    expect(story.state).toEqual(before);
  });

  test("says in words what is re-run and what goes on", () => {
    const found = preview(working(), {
      type: "edit_ticket",
      ticketId: "T-001",
      changes: { description: "Otherwise." },
    });
    expect(words(found)).toEqual({
      "T-001":
        "rerun: Attempt 1 is ended: its work is kept, and what it cost stays on the books. Attempt 2 starts now, with claude-haiku-5-5.",
      "T-003": "untouched: Attempt 1 goes on as it is.",
    });
    expect(isCostly(found)).toBe(true);
    expect(found.otherCount).toBe(2);
  });

  test("says for what a ticket waits that is invalidated", () => {
    const found = preview(working(), { type: "edit_ticket", ticketId: "T-003", changes: { dependsOn: ["T-002"] } });
    expect(words(found)).toMatchObject({
      "T-003": expect.stringMatching(/^invalidated: .* Needs T-002 first\.$/),
      "T-004": expect.stringMatching(/^starts: Attempt 1 starts now/),
    });
  });

  test("says that a new ticket waits for a worker, and in which order the ready ones start", () => {
    const added = NewTicket.parse({ title: "More", priority: "high" });
    const found = preview(working(), { type: "add_ticket", trackId, ticket: added });
    expect(words(found)["T-005"]).toBe("waits: All 2 workers are busy.");
    expect(found.notes).toEqual(["Next, as workers become free: T-005, T-004."]);
    expect(isCostly(found)).toBe(false);
  });

  test("says what only counts later: the model of the next attempt, and what step mode asks at the level in force", () => {
    const change: PlanCommand = { type: "edit_ticket", ticketId: "T-001", changes: { model: "big", isStepMode: true } };
    expect(preview(working(), change).notes).toEqual([
      "The next attempt at T-001 takes big.",
      "The level is all: step mode asks for nothing of T-001.",
    ]);
    const guardedStory = settled(guarded(), ...preparedTrack(), ticket("T-001"));
    expect(preview(guardedStory, change).notes).toContain(
      "Each start, command and merge of T-001 asks you from now on.",
    );
  });

  test("has another hash for another change, and the same one while only other work goes on", () => {
    const story = working();
    const skip: PlanCommand = { type: "skip_ticket", ticketId: "T-002", reason: "" };
    const { hash } = preview(story, skip);
    expect(preview(story, { ...skip, reason: "Not needed." }).hash).not.toBe(hash);
    expect(preview(ended(story, "T-003"), skip).hash).toBe(hash);
    expect(preview(ended(story, "T-001"), skip).hash).not.toBe(hash);
  });
});
