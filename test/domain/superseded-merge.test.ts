/** Starts, merges and landings that are not what was approved do not come about; merges of one track are shown one by one. */
import { describe, expect, test } from "bun:test";
import { applied, guarded, preparedTrack, ticket, trackId } from "../support/facts.ts";
import { type Story, settled } from "../support/given.ts";
import { approve, beginWorker, check, finish, merge, openGate, prepare } from "./steps.ts";

describe("a worker's start", () => {
  function prepared(): Story {
    return prepare(settled(applied({ budget: { runUsd: 5 } }), ...preparedTrack(), ticket("T-001")), "T-001");
  }

  function restartWith(story: Story, changes: Partial<Story["state"]["settings"]>): Story {
    const settings = { ...story.state.settings, ...changes };
    return story.do({ type: "start_engine", version: "1", pid: 2, settings });
  }

  test("is shown with the limits that hold for it", () => {
    expect(openGate(prepared(), "spawn").payload).toMatchObject({
      prompt: "Do T-001.",
      budget: { maxTurns: 60, maxTokens: 16_000, limits: { runUsd: 5 } },
    });
  });

  test("does not come about with another budget than was shown", () => {
    const story = approve(prepared(), "spawn");
    restartWith(story, { budget: { runUsd: 50 }, workers: { max: 4, retries: 2, maxTurns: 600 } });
    expect(() => beginWorker(story, "T-001")).toThrow();
    const again = openGate(story, "spawn");
    expect(again.reason).toContain("600 turns, 16000 tokens an answer, at most $50 for the run");
    expect(again.reason).toContain("It was: 60 turns");
    expect(story.ticket("T-001").stage).toMatchObject({ name: "spawning", isAllowed: false });
    expect(story.effects()).toEqual([]);
    approve(story, "spawn");
    expect(beginWorker(story, "T-001")).toBe("A-0001");
  });

  test("is as approved when something else in the settings changed", () => {
    const story = approve(prepared(), "spawn");
    restartWith(story, { verify: { command: "other", timeoutMs: 1 } });
    expect(beginWorker(story, "T-001")).toBe("A-0001");
    expect(story.all("gate.superseded")).toEqual([]);
  });
});

describe("merges of one track", () => {
  function both(): Story {
    const settings = applied({ review: { qa: false, techLead: false } });
    const story = settled(settings, ...preparedTrack(), ticket("T-001"), ticket("T-002"));
    for (const ticketId of ["T-001", "T-002"]) check(finish(story, ticketId), ticketId, 0);
    return story;
  }

  function show(story: Story, ticketId: string, trackCommit = "base"): Story {
    const commits = { commit: "ticket-commit", trackCommit, resultTree: "tree", diff: "" };
    return story.do({ type: "offer_merge", ticketId, ...commits });
  }

  test("are shown one at a time, in the order of the queue", () => {
    const story = both();
    expect(story.effects()).toEqual(["offer_merge T-001"]);
    expect(show(story, "T-001").effects()).toEqual([]);
    expect(approve(story, "merge").effects()).toEqual(["merge_ticket T-001"]);
    expect(merge(story, "T-001").effects()).toEqual(["offer_merge T-002"]);
  });

  test.each<[string, (story: Story) => unknown]>([
    ["cancelled", (story) => story.do({ type: "cancel_ticket", ticketId: "T-001", reason: "" })],
    ["skipped", (story) => story.do({ type: "skip_ticket", ticketId: "T-001", reason: "" })],
    ["in conflict", (story) => story.do({ type: "record_conflict", ticketId: "T-001", files: ["a"] })],
    [
      "declined",
      (story) => {
        const { gateId, payloadHash: hash } = openGate(story, "merge");
        story.do({ type: "decline_gate", gateId, payloadHash: hash, reason: "no", by: "p" });
      },
    ],
  ])("go on when the one that is shown is %s", (_what, end) => {
    const story = show(both(), "T-001");
    end(story);
    expect(story.effects()).toContain("offer_merge T-002");
  });

  test("are shown again when the track has moved, with the ticket that moved it", () => {
    const story = show(both(), "T-001");
    approve(story, "merge");
    const shown = openGateOf(show(merge(story, "T-001"), "T-002", "base"));
    approve(story, "merge");
    story.do({
      type: "begin_merge",
      ticketId: "T-002",
      trackCommit: "merge-of-T-001",
      ticketCommit: "ticket-commit",
      resultTree: "tree-2",
    });
    expect(story.all("merge.started").length).toBe(1);
    const again = openGate(story, "merge");
    expect(again.reason).toBe("The track moved from base to merge-o, because T-001 was merged.");
    expect(again.payload).toMatchObject({ trackCommit: "merge-of-T-001", resultTree: "tree-2" });
    expect(story.state.gates.get(shown)).toMatchObject({ status: "superseded", supersededBy: again.gateId });
    expect(story.effects()).toEqual([]);
  });

  test("are shown again when the result is another one", () => {
    const story = approve(show(both(), "T-001"), "merge");
    const commits = { trackCommit: "base", ticketCommit: "ticket-commit", resultTree: "surprise" };
    story.do({ type: "begin_merge", ticketId: "T-001", ...commits });
    expect(openGate(story, "merge").reason).toBe("The merge now gives the tree surpris, not tree.");
  });

  test("are superseded when the ticket's branch moved, and shown again once it is checked", () => {
    const story = approve(show(both(), "T-001"), "merge");
    const commits = { trackCommit: "base", ticketCommit: "by-hand", resultTree: "tree" };
    story.do({ type: "begin_merge", ticketId: "T-001", ...commits });
    expect(story.last("gate.superseded").reason).toContain("moved from ticket- to by-hand since you looked");
    expect(story.effects()).toContain("run_check T-001");
  });

  test("do not begin without an approval", () => {
    const commits = { trackCommit: "base", ticketCommit: "ticket-commit", resultTree: "tree" };
    expect(both().refusal({ type: "begin_merge", ticketId: "T-001", ...commits }).code).toBe("conflict");
  });
});

describe("a landing", () => {
  function prepared(): Story {
    const story = settled(guarded(), ...preparedTrack(), ticket("T-001"));
    merge(check(finish(story, "T-001"), "T-001", 0), "T-001");
    return landable(story, "from-one");
  }

  function landable(story: Story, fromCommit: string): Story {
    const commits = { fromCommit, toCommit: `to-${fromCommit}`, diffstat: "" };
    return story.do({ type: "record_prepared_landing", trackId, branch: "main", ...commits });
  }

  test("is shown again when the user's branch has moved", () => {
    const story = landable(approve(prepared(), "land"), "other-one");
    const again = openGate(story, "land");
    expect(again.reason).toBe("Your branch main moved from from-on to other-o since you looked.");
    expect(story.last("gate.superseded").byGateId).toBe(again.gateId);
    expect(story.effects()).toEqual([]);
    expect(approve(story, "land").effects()).toEqual([`land_track ${trackId}`]);
  });

  test("that was refused leaves no approval behind that says it was done", () => {
    const story = approve(prepared(), "land");
    story.do({ type: "refuse_landing", trackId, reason: "The tree is dirty." });
    expect(story.last("gate.superseded")).toMatchObject({ reason: "Nothing was landed. The tree is dirty." });
  });
});

function openGateOf(story: Story): string {
  return openGate(story, "merge").gateId;
}
