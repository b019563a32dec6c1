/** What is merged is the commit that the engine has checked and people have seen, and no other. */
import { expect, test } from "bun:test";
import { fold } from "../../src/domain/evolve.ts";
import { applied, bare, preparedTrack, ticket } from "../support/facts.ts";
import { known, type Story, settled } from "../support/given.ts";
import { approve, check, finish, merge, openGate } from "./steps.ts";

/** The engine has staged a merge, and found the ticket's branch at a commit. */
function stage(story: Story, ticketCommit: string): Story {
  return story.do({ type: "begin_merge", ticketId: "T-001", trackCommit: "base", ticketCommit, resultTree: "tree" });
}

function queued(settings = bare()): Story {
  const story = settled(settings, ...preparedTrack(), ticket("T-001"));
  finish(story, "T-001");
  return check(story, "T-001", 0);
}

function offer(story: Story): Story {
  const commit = known(story.ticket("T-001").attempts.at(-1)?.checks.at(-1), "check").commit;
  return story.do({
    type: "offer_merge",
    ticketId: "T-001",
    commit,
    trackCommit: "base",
    resultTree: "tree",
    diff: "+ a line",
  });
}

test("a commit that came after the check is checked before it is merged", () => {
  const story = stage(queued(), "by-hand");
  expect(story.last("merge.outdated")).toMatchObject({ checkedCommit: "ticket-commit", ticketCommit: "by-hand" });
  expect(story.all("merge.started")).toEqual([]);
  expect(story.effects()).toEqual(["run_check T-001"]);
  expect(fold(story.events)).toEqual(story.state);
});

test("a commit that came after the approval is asked about again", () => {
  const story = approve(
    offer(queued(applied({ gates: { level: "manual", allow: [] }, review: { qa: false, techLead: false } }))),
    "merge",
  );
  stage(story, "by-hand");
  expect(check(story, "T-001", 0).effects()).toEqual(["offer_merge T-001"]);
  expect(openGate(offer(story), "merge").status).toBe("open");
});

test("a commit that came while the merge was checked is not merged either", () => {
  const story = stage(stage(queued(), "ticket-commit"), "by-hand");
  expect(story.ticket("T-001").stage.name).toBe("checking");
});

test("a merge that is staged anew is written down anew", () => {
  const story = stage(queued(), "ticket-commit");
  story.do({
    type: "begin_merge",
    ticketId: "T-001",
    trackCommit: "moved",
    ticketCommit: "ticket-commit",
    resultTree: "tree",
  });
  expect(story.all("merge.started").map((event) => event.trackCommit)).toEqual(["base", "moved"]);
  expect(merge(story, "T-001").ticket("T-001").stage.name).toBe("completed");
});

test("a branch that moves on after every check blocks its ticket in the end", () => {
  const story = queued();
  for (let count = 0; count < 9; count += 1) check(stage(story, `by-hand-${count}`), "T-001", 0);
  stage(story, "by-hand-again");
  expect(story.ticket("T-001").stage).toMatchObject({ name: "blocked", reason: expect.stringContaining("10 checks") });
});

test("a ticket that was cancelled while its merge was under way is looked up in its track, and what is found is written down", () => {
  const cancelled = () => {
    const story = stage(queued(), "ticket-commit").do({ type: "cancel_ticket", ticketId: "T-001", reason: "" });
    return story.do({ type: "start_engine", version: "1", pid: 7, settings: story.state.settings });
  };
  expect(cancelled().effects()).toEqual(["settle_merge T-001"]);
  const found = cancelled().do({ type: "record_merge", ticketId: "T-001", commit: "m", treeHash: "t" });
  expect(found.last("merge.completed").commit).toBe("m");
  expect(found.effects()).toEqual([]);
  expect(cancelled().do({ type: "abandon_merge", ticketId: "T-001" }).effects()).toEqual([]);
});
