/** A plan that is changed while it runs: what an edit does to an attempt under way, and tickets added, split and put in order. */
import { describe, expect, test } from "bun:test";
import type { Command } from "../../src/domain/command.ts";
import { NewTicket } from "../../src/domain/plan-edit.ts";
import { bare, guarded, preparedTrack, ticket, track, trackId } from "../support/facts.ts";
import { type Story, settled } from "../support/given.ts";
import { callTool, check, complete, finish, openGate, prepare, work } from "./steps.ts";

type Changes = Extract<Command, { type: "edit_ticket" }>["changes"];

function edit(ticketId: string, changes: Changes): Command {
  return { type: "edit_ticket", ticketId, changes };
}

function add(fields: Parameters<typeof NewTicket.parse>[0] & object, to = trackId): Command {
  return { type: "add_ticket", trackId: to, ticket: NewTicket.parse({ title: "More", ...fields }) };
}

/** T-002 needs T-001; T-003 is free. One worker, so T-001 is the one that is started. */
function story(settings = bare({ workers: { max: 1, retries: 2, maxTurns: 60 } })): Story {
  const others = [ticket("T-002", { dependsOn: ["T-001"] }), ticket("T-003")];
  return settled(settings, ...preparedTrack(), ticket("T-001"), ...others);
}

function stages(of: Story): Record<string, string> {
  return Object.fromEntries([...of.state.tickets.values()].map(({ ticketId, stage }) => [ticketId, stage.name]));
}

describe("an edit of a ticket whose attempt is under way", () => {
  test.each([
    ["title", { title: "Another" }],
    ["description", { description: "Another." }],
    ["acceptance criteria", { acceptanceCriteria: ["Another."] }],
    ["target files", { targetFiles: ["src/other.ts"] }],
    ["context files", { contextFiles: ["src/other.ts"] }],
    ["check", { verify: "make other" }],
  ] satisfies [string, Changes][])(
    "ends the attempt when it changes the %s, and starts another afresh",
    (words, changes) => {
      const one = story();
      const agentId = work(one, "T-001");
      one.do(edit("T-001", changes));
      expect(one.state.agents.get(agentId)).toMatchObject({ status: "failed" });
      expect(one.last("attempt.failed")).toMatchObject({
        cause: "interrupted",
        code: "edited",
        isFresh: true,
        reason: `A person changed the ${words} of T-001.`,
      });
      expect(one.last("attempt.started")).toMatchObject({ ticketId: "T-001", attempt: 2, isFresh: true });
      expect(one.ticket("T-001")).toMatchObject({ ...changes, failedCount: 0 });
    },
  );

  test("leaves the attempt alone when it says what is so already", () => {
    const one = story();
    work(one, "T-001");
    one.do(edit("T-001", { title: "Title of T-001", targetFiles: ["src/t-001.ts"], verify: null }));
    expect(one.ticket("T-001").stage.name).toBe("working");
  });

  test("leaves the attempt alone when it changes model, priority and step mode", () => {
    const one = story();
    work(one, "T-001");
    one.do(edit("T-001", { model: "big", priority: "high", isStepMode: true }));
    expect(one.ticket("T-001")).toMatchObject({ stage: { name: "working" }, model: "big", isStepMode: true });
  });

  test("ends the attempt when it then needs a ticket that is not merged, which it waits for", () => {
    const one = story();
    finish(one, "T-001");
    one.do(edit("T-001", { dependsOn: ["T-003"] }));
    expect(one.last("attempt.failed").reason).toBe(
      "A person changed the dependencies (its work lacks T-003) of T-001.",
    );
    expect(stages(one)).toEqual({ "T-001": "todo", "T-002": "todo", "T-003": "preparing" });
    expect(complete(one, "T-003").ticket("T-001").stage.name).toBe("preparing");
  });

  test("starts again when it then needs what was merged after it began, and not when that was before", () => {
    const one = story(bare());
    work(one, "T-001");
    complete(one, "T-003");
    one.do(edit("T-001", { dependsOn: ["T-003"] }));
    expect(one.ticket("T-001").attempts).toHaveLength(2);
    const other = story(bare());
    complete(other, "T-001");
    expect(
      other.do(edit("T-002", { dependsOn: [] }), edit("T-002", { dependsOn: ["T-001"] })).ticket("T-002").attempts,
    ).toHaveLength(1);
  });

  test("is refused while the merge is under way, because it would come too late", () => {
    const one = story();
    finish(one, "T-001");
    check(one, "T-001", 0);
    const commits = { trackCommit: "base", ticketCommit: "ticket-commit", resultTree: "tree" };
    one.do({ type: "begin_merge", ticketId: "T-001", ...commits });
    expect(one.refusal(edit("T-001", { title: "Another" })).message).toContain("T-001 is being merged");
    expect(one.do(edit("T-001", { priority: "low" })).ticket("T-001").stage.name).toBe("merging");
  });

  test("withdraws the gate of the start that was shown, and shows the new one", () => {
    const one = story(guarded());
    one.do(edit("T-001", { isStepMode: true }));
    prepare(one, "T-001");
    const shown = openGate(one, "spawn");
    one.do(edit("T-001", { description: "Another." }));
    expect(one.state.gates.get(shown.gateId)?.status).toBe("withdrawn");
    prepare(one, "T-001");
    expect(openGate(one, "spawn").gateId).not.toBe(shown.gateId);
  });

  test("what was made ready for the attempt before is not taken for the new one", () => {
    const one = story().do(edit("T-001", { title: "Another" }));
    const prepared = { worktree: "w", branch: "b", baseCommit: "base", prompt: "Old.", context: "" };
    const late: Command = { type: "record_prepared_attempt", ticketId: "T-001", attempt: 1, ...prepared };
    expect(one.refusal(late).code).toBe("conflict");
  });
});

describe("step mode, set while the ticket runs,", () => {
  test("asks at the next command, and no more once it is off: what it asked is then decided", () => {
    const rules = { level: "guarded", allow: ["bun test *"] } as const;
    const one = story(guarded({ gates: { level: rules.level, allow: [...rules.allow] } }));
    const agentId = work(one, "T-001");
    one.do(edit("T-001", { isStepMode: true }));
    callTool(one, agentId, "bash", { command: "bun test src" });
    const asked = openGate(one, "command");
    one.do(edit("T-001", { isStepMode: false }));
    expect(one.state.gates.get(asked.gateId)).toMatchObject({ status: "approved", decidedBy: "rule: bun test *" });
  });

  test("asks before a start that is ready", () => {
    const one = story(guarded());
    prepare(one, "T-001");
    one.do(edit("T-001", { isStepMode: true }));
    expect(openGate(one, "spawn").ticketId).toBe("T-001");
    expect(one.effects()).not.toContain("begin_worker T-001");
    one.do(edit("T-001", { isStepMode: false }));
    expect(one.effects()).toContain("begin_worker T-001");
  });
});

test("an edit that takes the blocked dependency away lets the ticket go on, and what it had blocked", () => {
  const one = settled(
    bare(),
    ...preparedTrack(),
    ticket("T-001"),
    ticket("T-002", { dependsOn: ["T-001"] }),
    ticket("T-003", { dependsOn: ["T-002"] }),
  );
  one.do({ type: "cancel_ticket", ticketId: "T-001", reason: "" });
  expect(stages(one)).toEqual({ "T-001": "cancelled", "T-002": "blocked", "T-003": "blocked" });
  one.do(edit("T-002", { dependsOn: [] }));
  expect(stages(one)).toEqual({ "T-001": "cancelled", "T-002": "preparing", "T-003": "todo" });
});

test("a cycle is named from the ticket that is edited", () => {
  const one = settled(
    bare(),
    ...preparedTrack(),
    ticket("T-001"),
    ticket("T-002", { dependsOn: ["T-001"] }),
    ticket("T-003", { dependsOn: ["T-002"] }),
  );
  expect(one.refusal(edit("T-001", { dependsOn: ["T-003"] })).message).toBe(
    "The dependencies would form a cycle: T-001 → T-003 → T-002 → T-001.",
  );
});

describe("a ticket that is added", () => {
  test("joins the last phase with the next id, and starts when it may", () => {
    const one = story(bare()).do(add({ dependsOn: ["T-003"], model: "big", verify: "make" }));
    expect(one.ticket("T-004")).toMatchObject({ phase: "Phase", dependsOn: ["T-003"], model: "big", verify: "make" });
    expect(complete(one, "T-003").last("attempt.started")).toMatchObject({ ticketId: "T-004", model: "big" });
  });

  test("comes after the ticket that it names", () => {
    expect(
      story()
        .do(add({ afterTicketId: "T-001" }))
        .track(trackId).ticketIds,
    ).toEqual(["T-001", "T-004", "T-002", "T-003"]);
  });

  test("opens a finished track again: its checkpoint and its landing are asked anew", () => {
    const one = settled(guarded(), ...preparedTrack(), ticket("T-001"));
    complete(one, "T-001");
    one.do({ type: "record_prepared_landing", trackId, branch: "main", fromCommit: "a", toCommit: "b", diffstat: "" });
    const land = openGate(one, "land");
    one.do(add({}));
    expect(one.state.gates.get(land.gateId)?.status).toBe("withdrawn");
    expect(one.track(trackId)).toMatchObject({ status: "in_progress", landing: { name: "none" }, checkpoints: {} });
    expect(complete(one, "T-002").track(trackId).status).toBe("completed");
  });

  test.each([
    ["needs an unknown ticket", add({ dependsOn: ["T-404"] }), "There is no ticket T-404 that it could need."],
    ["has a file outside the project", add({ targetFiles: ["../x"] }), "not inside the project"],
    ["comes after an unknown ticket", add({ afterTicketId: "T-404" }), "T-404 is no ticket of the track"],
    ["is for no track", add({}, "none"), "There is no track none."],
  ])("is refused when it %s", (_name, command, words) => {
    expect(story().refusal(command).message).toContain(words);
  });

  test("is refused before a track has a plan, and after it has landed", () => {
    expect(settled(bare(), track()).refusal(add({})).message).toContain("has not started");
    expect(settled(bare(), ...preparedTrack()).refusal(add({})).message).toContain("has no plan yet");
    const one = settled(guarded(), ...preparedTrack(), ticket("T-001"));
    complete(one, "T-001").tell({ type: "track.landed", trackId, branch: "main", commit: "c" });
    expect(one.refusal(add({})).message).toContain("has landed in main");
  });
});
