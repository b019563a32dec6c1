/** From a ticket's start to its end: which ticket may go, what a red check leads to, and how a block spreads and heals. */
import { describe, expect, test } from "bun:test";
import { ticketStatus } from "../../src/domain/ticket-status.ts";
import { applied, bare, guarded, preparedTrack, ticket, trackId } from "../support/facts.ts";
import { type Story, settled } from "../support/given.ts";
import { beginQa, callTool, check, complete, diagnose, failOnce, finish, prepare, work } from "./steps.ts";

function withTickets(...tickets: ReturnType<typeof ticket>[]): Story {
  return settled(bare(), ...preparedTrack(), ...tickets);
}

function stages(story: Story): Record<string, string> {
  return Object.fromEntries([...story.state.tickets.values()].map((one) => [one.ticketId, one.stage.name]));
}

function reason(story: Story, ticketId: string): string | null {
  return ticketStatus(story.state, story.ticket(ticketId)).reason;
}

describe("a ticket starts", () => {
  test("when what it depends on is merged, and not before", () => {
    const story = withTickets(ticket("T-001"), ticket("T-002", { dependsOn: ["T-001"] }));
    expect(stages(story)).toEqual({ "T-001": "preparing", "T-002": "todo" });
    expect(reason(story, "T-002")).toBe("Needs T-001 first.");
    expect(stages(complete(story, "T-001"))).toEqual({ "T-001": "completed", "T-002": "preparing" });
  });

  test("when a worker is free; a ticket that is checked holds none", () => {
    const workers = { max: 1, retries: 2, maxTurns: 60 };
    const story = settled(bare({ workers }), ...preparedTrack(), ticket("T-001"), ticket("T-002"));
    expect(reason(story, "T-002")).toBe("All 1 workers are busy.");
    expect(stages(finish(story, "T-001"))).toEqual({ "T-001": "checking", "T-002": "preparing" });
  });

  test("when no ticket of its track works on the same files", () => {
    const story = withTickets(ticket("T-001", { targetFiles: ["src/**"] }), ticket("T-002"));
    expect(reason(story, "T-002")).toBe("T-001 works on the same files.");
    expect(stages(complete(story, "T-001"))).toMatchObject({ "T-002": "preparing" });
  });

  test("with the high priority first, then in the order of ids", () => {
    const workers = { max: 1, retries: 2, maxTurns: 60 };
    const tickets = [
      ticket("T-001", { priority: "low" }),
      ticket("T-002"),
      ticket("T-003", { priority: "high" }),
      ticket("T-004"),
    ];
    const story = settled(bare({ workers }), { type: "engine.paused", by: "p" }, ...preparedTrack(), ...tickets);
    story.tell({ type: "engine.unpaused", by: "p" });
    for (const next of ["T-003", "T-002", "T-004", "T-001"]) {
      expect(story.last("attempt.started").ticketId).toBe(next);
      complete(story, next);
    }
  });

  test("not while the engine is paused", () => {
    const story = settled(bare(), { type: "engine.paused", by: "p" }, ...preparedTrack(), ticket("T-001"));
    expect(stages(story)).toEqual({ "T-001": "todo" });
    expect(stages(story.do({ type: "unpause_engine", by: "p" }))).toEqual({ "T-001": "preparing" });
  });
});

describe("a red check", () => {
  test("is diagnosed, and the next attempt gets the diagnosis, the files, and the next model", () => {
    const story = withTickets(ticket("T-001"));
    finish(story, "T-001");
    expect(check(story, "T-001", 1).effects()).toEqual(["begin_diagnosis T-001"]);
    diagnose(story, "T-001", "A comma lacks.");
    expect(story.last("attempt.failed")).toMatchObject({ cause: "check", isFinal: false, isFresh: false });
    expect(story.last("attempt.failed").reason).toBe("The check ended with exit code 1: A comma lacks.");
    expect(story.last("attempt.started")).toMatchObject({ attempt: 2, model: "claude-sonnet-5-5", isFresh: false });
  });

  test("blocks the ticket once no retry is left, with the last reason", () => {
    const story = withTickets(ticket("T-001"));
    for (let count = 0; count < 3; count += 1) failOnce(story, "T-001");
    expect(story.all("attempt.started").map((event) => event.model)).toEqual([
      "claude-haiku-5-5",
      "claude-sonnet-5-5",
      "claude-opus-5-5",
    ]);
    expect(reason(story, "T-001")).toStartWith("After 3 attempts: The check ended with exit code 1");
    expect(story.track(trackId).status).toBe("blocked");
    expect(story.effects()).toEqual([]);
  });

  test("is one too when the time ran out with exit code 0", () => {
    const story = withTickets(ticket("T-001"));
    finish(story, "T-001");
    check(story, "T-001", 0, "ticket", true);
    expect(story.ticket("T-001").stage.name).toBe("diagnosing");
    expect(diagnose(story, "T-001").last("attempt.failed").reason).toStartWith("The check ran out of time");
  });

  test("is a failed attempt as well when nobody can diagnose it", () => {
    const story = withTickets(ticket("T-001"));
    finish(story, "T-001");
    check(story, "T-001", 1);
    const agentId = beginQa(story, "T-001", "diagnosis");
    story.do({ type: "fail_agent", agentId, code: "provider", reason: "Overloaded.", isRetryable: false });
    expect(story.last("attempt.failed").reason).toContain("no diagnosis could be made (Overloaded.)");
    expect(story.ticket("T-001").stage.name).toBe("preparing");
  });

  test("on the merged tree keeps the ticket out of the track", () => {
    const story = withTickets(ticket("T-001"));
    finish(story, "T-001");
    check(story, "T-001", 0);
    story.do({
      type: "begin_merge",
      ticketId: "T-001",
      trackCommit: "base",
      ticketCommit: "ticket-commit",
      resultTree: "tree",
    });
    check(story, "T-001", 1, "merged");
    diagnose(story, "T-001");
    expect(story.last("attempt.failed")).toMatchObject({ cause: "merged_check", isFresh: false });
    expect(story.track(trackId).tipCommit).toBe("base");
  });
});

describe("a worker", () => {
  test("that reports that it is blocked is one failed attempt, with its words", () => {
    const story = withTickets(ticket("T-001"));
    callTool(story, work(story, "T-001"), "report_blocked", { reason: "The file does not exist." });
    expect(story.last("attempt.failed")).toMatchObject({
      cause: "blocked",
      reason: "The worker is blocked: The file does not exist.",
    });
  });

  test("whose thread died is tried again; one that was refused is not", () => {
    const story = withTickets(ticket("T-001"));
    const fail = (agentId: string, isRetryable: boolean) =>
      story.do({ type: "fail_agent", agentId, code: "crash", reason: "It died.", stack: "at x", isRetryable });
    fail(work(story, "T-001"), true);
    expect(story.last("agent.failed")).toMatchObject({ stack: "at x" });
    expect(stages(story)).toEqual({ "T-001": "preparing" });
    fail(work(story, "T-001"), false);
    expect(reason(story, "T-001")).toBe("After 2 attempts: It died.");
  });

  test("whose model refuses is tried once with the next model, and with no other", () => {
    const story = withTickets(ticket("T-001"));
    const refuse = () =>
      story.do({
        type: "fail_agent",
        agentId: work(story, "T-001"),
        code: "refused",
        reason: "The model refused: no.",
        isRetryable: false,
      });
    refuse();
    expect(story.last("attempt.started")?.model).not.toBe(story.ticket("T-001").attempts[0]?.model);
    refuse();
    expect(reason(story, "T-001")).toBe("After 2 attempts: The model refused: no.");
  });

  test("is not started twice, nor for a ticket that has moved on", () => {
    const story = withTickets(ticket("T-001"));
    const agentId = work(story, "T-001");
    expect(story.effects()).toEqual([`run_agent ${agentId}`]);
    expect(() => work(story, "T-001")).toThrow("moved on");
  });

  test("whose ticket is cancelled is stopped, and what comes of it counts no more", () => {
    const story = withTickets(ticket("T-001"));
    const agentId = work(story, "T-001");
    story.do({ type: "cancel_ticket", ticketId: "T-001", reason: "Not needed." });
    story.do({ type: "end_agent", agentId, text: "Done." });
    expect(story.state.agents.get(agentId)?.status).toBe("failed");
    expect(story.ticket("T-001").stage).toEqual({ name: "cancelled", reason: "Not needed." });
    expect(story.ticket("T-001").attempts[0]?.endedAt).not.toBeNull();
    expect(story.effects()).toEqual([]);
  });
});

describe("a blocked ticket", () => {
  function blocked(): Story {
    const needs = (ticketId: string, ...dependsOn: string[]) => ticket(ticketId, { dependsOn });
    const story = withTickets(
      needs("T-001"),
      needs("T-002", "T-001"),
      needs("T-003", "T-002"),
      needs("T-004", "T-003", "T-001"),
      needs("T-005"),
    );
    return story.do({
      type: "record_effect_failure",
      subject: "ticket",
      subjectId: "T-001",
      reason: "The disk is full.",
    });
  }

  test("blocks all that needs it, all the way down, each with its cause", () => {
    const story = blocked();
    expect(stages(story)).toEqual({
      "T-001": "blocked",
      "T-002": "blocked",
      "T-003": "blocked",
      "T-004": "blocked",
      "T-005": "preparing",
    });
    expect(reason(story, "T-003")).toBe("It needs T-002, which is blocked.");
  });

  test("lets the rest go on, and then blocks the track by name", () => {
    const story = complete(blocked(), "T-005");
    expect(story.track(trackId)).toMatchObject({
      status: "blocked",
      reason: expect.stringContaining("T-001 is blocked"),
    });
  });

  test("when retried, reopens what it had blocked", () => {
    const story = complete(blocked(), "T-005").do({ type: "retry_ticket", ticketId: "T-001", by: "person" });
    expect(stages(story)).toMatchObject({ "T-001": "preparing", "T-002": "todo", "T-003": "todo", "T-004": "todo" });
    for (const ticketId of ["T-001", "T-002", "T-003", "T-004"]) complete(story, ticketId);
    expect(story.track(trackId).status).toBe("completed");
  });

  test("when retried, has all its retries again, and numbers its attempts on", () => {
    const story = withTickets(ticket("T-001"));
    for (let count = 0; count < 3; count += 1) failOnce(story, "T-001");
    story.do({ type: "retry_ticket", ticketId: "T-001", by: "person" });
    expect(story.last("attempt.started")).toMatchObject({ attempt: 4, model: "claude-haiku-5-5" });
    expect(stages(failOnce(story, "T-001"))).toEqual({ "T-001": "preparing" });
  });

  test("when skipped, lets what needs it go on", () => {
    const story = blocked().do({ type: "skip_ticket", ticketId: "T-001", reason: "" });
    expect(stages(story)).toMatchObject({ "T-001": "skipped", "T-002": "preparing", "T-003": "todo" });
  });

  test("keeps what needs it blocked while another cause is left", () => {
    const story = withTickets(ticket("T-001"), ticket("T-002"), ticket("T-003", { dependsOn: ["T-001", "T-002"] }));
    for (const ticketId of ["T-001", "T-002"]) story.do({ type: "cancel_ticket", ticketId, reason: "" });
    story.do({ type: "skip_ticket", ticketId: "T-001", reason: "" });
    expect(reason(story, "T-003")).toBe("It needs T-002, which is cancelled.");
  });
});

test("the prepared attempt of a ticket that was cancelled meanwhile is refused", () => {
  const story = settled(guarded(), applied(), ...preparedTrack(), ticket("T-001"));
  story.do({ type: "cancel_ticket", ticketId: "T-001", reason: "" });
  expect(() => prepare(story, "T-001")).toThrow("moved on");
});
