/** A person's levers on a ticket: what they may change, when, and what is refused in words. */
import { describe, expect, test } from "bun:test";
import type { Command } from "../../src/domain/command.ts";
import { bare, preparedTrack, ticket, track } from "../support/facts.ts";
import { given, type Story, settled } from "../support/given.ts";
import { complete, failOnce, finish } from "./steps.ts";

function story(): Story {
  const others = [ticket("T-002", { dependsOn: ["T-001"] }), ticket("T-003", { trackId: "other_20260101" })];
  return settled(bare(), ...preparedTrack(), track({ trackId: "other_20260101" }), ticket("T-001"), ...others);
}

function edit(changes: Extract<Command, { type: "edit_ticket" }>["changes"], ticketId = "T-002"): Command {
  return { type: "edit_ticket", ticketId, changes };
}

describe("an edit", () => {
  test("changes what it names, and nothing else", () => {
    const changed = story()
      .do(edit({ title: "New", verify: "make", model: "big" }))
      .ticket("T-002");
    expect(changed).toMatchObject({ title: "New", verify: "make", model: "big", description: "Description of T-002." });
  });

  test("can take a ticket's own check away again", () => {
    expect(
      story()
        .do(edit({ verify: "make" }), edit({ verify: null }))
        .ticket("T-002").verify,
    ).toBeNull();
  });

  test("of the model holds for the next attempt", () => {
    const one = story().do(edit({ model: "big" }, "T-001"));
    expect(failOnce(one, "T-001").last("attempt.started").model).toBe("big");
  });

  test("of the dependencies may let a ticket start", () => {
    expect(
      story()
        .do(edit({ dependsOn: [] }))
        .ticket("T-002").stage.name,
    ).toBe("preparing");
  });

  test.each([
    ["a cycle", edit({ dependsOn: ["T-002"] }, "T-001"), "cycle"],
    ["itself", edit({ dependsOn: ["T-002"] }), "cycle"],
    ["a ticket of another track", edit({ dependsOn: ["T-003"] }), "no ticket of this track"],
    ["a ticket that does not exist", edit({ dependsOn: ["T-404"] }), "There is no ticket T-404"],
    ["a file outside the project", edit({ targetFiles: ["../x"] }), "not inside the project"],
    ["a context file outside the project", edit({ contextFiles: ["/etc/passwd"] }), "not inside the project"],
  ])("cannot make it need %s", (_name, command, words) => {
    const { code, message } = story().refusal(command);
    expect(code).toBe("invalid");
    expect(message).toContain(words);
  });

  test("of a completed ticket is refused", () => {
    expect(complete(story(), "T-001").refusal(edit({ title: "x" }, "T-001")).code).toBe("conflict");
  });
});

describe("a lever", () => {
  const levers: [string, (ticketId: string) => Command][] = [
    ["cancel", (ticketId) => ({ type: "cancel_ticket", ticketId, reason: "" })],
    ["retry", (ticketId) => ({ type: "retry_ticket", ticketId, by: "person" })],
    ["skip", (ticketId) => ({ type: "skip_ticket", ticketId, reason: "" })],
  ];

  test.each(levers)("on a ticket that does not exist is refused: %s", (_name, lever) => {
    expect(story().refusal(lever("T-404")).code).toBe("not_found");
  });

  test.each(levers)("on a completed ticket is refused: %s", (_name, lever) => {
    expect(complete(story(), "T-001").refusal(lever("T-001")).code).toBe("conflict");
  });

  test("to retry a ticket that is under way is refused", () => {
    expect(finish(story(), "T-001").refusal({ type: "retry_ticket", ticketId: "T-001", by: "p" }).message).toContain(
      "is checking",
    );
  });

  test("to cancel says who did it when no reason is given", () => {
    const one = story().do({ type: "cancel_ticket", ticketId: "T-001", reason: "" });
    expect(one.last("ticket.cancelled").reason).toBe("A person cancelled it.");
    expect(one.ticket("T-002").stage).toMatchObject({ name: "blocked", causeTicketId: "T-001" });
  });

  test("to skip everything finishes the track", () => {
    const one = story().do(
      { type: "skip_ticket", ticketId: "T-001", reason: "" },
      { type: "skip_ticket", ticketId: "T-002", reason: "" },
    );
    expect(one.track("greet_20260101").status).toBe("completed");
  });

  test("to skip the last blocked ticket revives a blocked track", () => {
    const one = story().do({ type: "cancel_ticket", ticketId: "T-001", reason: "" });
    expect(one.track("greet_20260101").status).toBe("blocked");
    one.do({ type: "skip_ticket", ticketId: "T-001", reason: "" });
    expect(complete(one, "T-002").track("greet_20260101").status).toBe("completed");
  });
});

test("starting a track starts what it needs first", () => {
  const needed = { ...track({ trackId: "base_20261123" }) };
  const story = given(needed, track({ trackId: "top_20261123", dependsOn: ["base_20261123"] }));
  story
    .when({ type: "start_track", trackId: "top_20261123" })
    .then({ type: "track.started", trackId: "base_20261123" }, { type: "track.started", trackId: "top_20261123" });
});
