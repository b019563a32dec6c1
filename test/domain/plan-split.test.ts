/** Tickets that are split while a plan runs, and the order in which a plan's tickets start. */
import { describe, expect, test } from "bun:test";
import type { Command } from "../../src/domain/command.ts";
import { readyTickets } from "../../src/domain/readiness.ts";
import { bare, preparedTrack, ticket, trackId } from "../support/facts.ts";
import { type Story, settled } from "../support/given.ts";
import { complete, failOnce, work } from "./steps.ts";

type Changes = Extract<Command, { type: "edit_ticket" }>["changes"];

function edit(ticketId: string, changes: Changes): Command {
  return { type: "edit_ticket", ticketId, changes };
}

function split(ticketId: string, isChained: boolean): Command {
  return { type: "split_ticket", ticketId, parts: [{ title: "One" }, { title: "Two" }], isChained };
}

function story(settings = bare({ workers: { max: 1, retries: 2, maxTurns: 60 } })): Story {
  const others = [ticket("T-002", { dependsOn: ["T-001"] }), ticket("T-003")];
  return settled(settings, ...preparedTrack(), ticket("T-001"), ...others);
}

function stages(of: Story): Record<string, string> {
  return Object.fromEntries([...of.state.tickets.values()].map(({ ticketId, stage }) => [ticketId, stage.name]));
}

describe("a ticket that is split", () => {
  test("is skipped; its parts have what it had, and what needed it needs them all", () => {
    const one = story().do(
      edit("T-002", { model: "big" }),
      split("T-002", false),
      edit("T-003", { dependsOn: ["T-001"] }),
    );
    expect(one.ticket("T-002").stage).toEqual({ name: "skipped", reason: "Split into T-004, T-005." });
    const parts = ["T-004", "T-005"].map((ticketId) => one.ticket(ticketId));
    for (const part of parts)
      expect(part).toMatchObject({ phase: "Phase", dependsOn: ["T-001"], targetFiles: ["src/t-002.ts"], model: "big" });
    expect(parts[1]?.description).toContain('Part 2 of 2 of "Title of T-002"');
    expect(one.track(trackId).ticketIds).toEqual(["T-001", "T-002", "T-004", "T-005", "T-003"]);
  });

  test("as a chain has what needed it wait for the last part", () => {
    const one = story().do(split("T-001", true));
    expect(["T-004", "T-005", "T-002"].map((ticketId) => one.ticket(ticketId).dependsOn)).toEqual([
      [],
      ["T-004"],
      ["T-005"],
    ]);
  });

  test("while it runs ends its attempt, and its money stays on it", () => {
    const one = story();
    const agentId = work(one, "T-001");
    one.do(split("T-001", false));
    expect(one.state.agents.get(agentId)?.status).toBe("failed");
    expect(one.ticket("T-001").attempts.at(-1)?.endedAt).not.toBeNull();
    expect(stages(one)).toMatchObject({ "T-001": "skipped", "T-004": "preparing", "T-005": "todo", "T-002": "todo" });
  });

  test("after it was blocked lets what it had blocked wait for its parts", () => {
    const one = story(bare({ workers: { max: 1, retries: 0, maxTurns: 60 } }));
    failOnce(one, "T-001");
    expect(stages(one)).toMatchObject({ "T-001": "blocked", "T-002": "blocked" });
    one.do(split("T-001", true));
    expect(one.ticket("T-002")).toMatchObject({ stage: { name: "todo" }, dependsOn: ["T-005"] });
  });

  test("cannot be one that is done, or skipped", () => {
    expect(complete(story(), "T-001").refusal(split("T-001", false)).message).toContain("T-001 is completed");
    const skipped = story().do({ type: "skip_ticket", ticketId: "T-001", reason: "" });
    expect(skipped.refusal(split("T-001", false)).code).toBe("conflict");
  });
});

describe("the order of a plan", () => {
  function ready(of: Story): string[] {
    return readyTickets(of.state, 9).map(({ ticketId }) => ticketId);
  }

  function free(): Story {
    const tickets = ["T-002", "T-003", "T-004"].map((ticketId) => ticket(ticketId));
    return settled(
      bare({ workers: { max: 1, retries: 2, maxTurns: 60 } }),
      ...preparedTrack(),
      ticket("T-001"),
      ...tickets,
    );
  }

  test("decides which of equal tickets starts first", () => {
    const one = free().do({ type: "move_ticket", ticketId: "T-004", beforeTicketId: "T-002" });
    expect(ready(one)).toEqual(["T-004", "T-002", "T-003"]);
    expect(complete(one, "T-001").last("attempt.started").ticketId).toBe("T-004");
  });

  test("comes after priority, and null is its end", () => {
    const one = free().do(
      { type: "move_ticket", ticketId: "T-002", beforeTicketId: null },
      edit("T-003", { priority: "low" }),
    );
    expect(ready(one)).toEqual(["T-004", "T-002", "T-003"]);
  });

  test("stays when a ticket is put where it is, and is refused for what is merged or is elsewhere", () => {
    const one = free();
    const count = one.events.length;
    one.do({ type: "move_ticket", ticketId: "T-002", beforeTicketId: "T-003" });
    expect(one.events.length).toBe(count);
    expect(one.refusal({ type: "move_ticket", ticketId: "T-002", beforeTicketId: "T-404" }).code).toBe("invalid");
    expect(complete(one, "T-001").refusal({ type: "move_ticket", ticketId: "T-001", beforeTicketId: null }).code).toBe(
      "conflict",
    );
  });
});
