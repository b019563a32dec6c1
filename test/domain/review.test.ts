/** After a green check: tier 4's verdict, tier 2's review, each of which can be switched off, then the merge queue. */
import { describe, expect, test } from "bun:test";
import { ticketStatus } from "../../src/domain/ticket-status.ts";
import { bare, preparedTrack, ticket, ticketProposal, trackId } from "../support/facts.ts";
import { type Story, settled } from "../support/given.ts";
import { beginQa, beginTechLead, callTool, check, finish, merge } from "./steps.ts";

const judged = { review: { qa: true, techLead: true } };

function withTickets(...tickets: ReturnType<typeof ticket>[]): Story {
  return settled(bare(), ...preparedTrack(), ...tickets);
}

function stages(story: Story): Record<string, string> {
  return Object.fromEntries([...story.state.tickets.values()].map((one) => [one.ticketId, one.stage.name]));
}

function reason(story: Story, ticketId: string): string | null {
  return ticketStatus(story.state, story.ticket(ticketId)).reason;
}

describe("the reviews", () => {
  test("are all skipped when both are off", () => {
    const story = withTickets(ticket("T-001"));
    finish(story, "T-001");
    expect(check(story, "T-001", 0).effects()).toEqual(["merge_ticket T-001"]);
  });

  test.each([
    [{ qa: true, techLead: false }, ["begin_verdict T-001"]],
    [{ qa: false, techLead: true }, ["prompt_review T-001"]],
    [judged.review, ["begin_verdict T-001"]],
  ])("ask who is switched on first: %p", (review, effects) => {
    const story = reviewed(review);
    expect(story.effects()).toEqual(effects);
  });

  /** A ticket with a green check, in a track whose tech lead has proposed it. */
  function reviewed(review: { qa: boolean; techLead: boolean }): Story {
    const story = settled(bare({ review }), ...preparedTrack());
    callTool(story, beginTechLead(story, trackId), "propose_tickets", [ticketProposal("a")]);
    finish(story, "T-001");
    return check(story, "T-001", 0);
  }

  function review(story: Story): string {
    const agentId = [...story.state.agents.values()].find((agent) => agent.role === "tech_lead")?.agentId ?? "";
    story.do({ type: "prompt_agent", agentId, purpose: "review", ticketId: "T-001", message: ["Look."] });
    return agentId;
  }

  test("pass on: verdict, then tech lead, then the merge queue", () => {
    const story = reviewed(judged.review);
    callTool(story, beginQa(story, "T-001", "verdict"), "report_verdict", { verdict: "pass", diagnosis: "Fine." });
    expect(story.effects()).toEqual(["prompt_review T-001"]);
    callTool(story, review(story), "accept_ticket", {});
    expect(story.effects()).toEqual(["merge_ticket T-001"]);
    expect(merge(story, "T-001").track(trackId).status).toBe("completed");
  });

  test("send a ticket back with tier 4's words", () => {
    const story = reviewed(judged.review);
    callTool(story, beginQa(story, "T-001", "verdict"), "report_verdict", { verdict: "fail", diagnosis: "No test." });
    expect(story.last("attempt.failed")).toMatchObject({
      cause: "verdict",
      reason: expect.stringContaining("No test."),
    });
    expect(stages(story)).toEqual({ "T-001": "preparing" });
  });

  test("send a ticket back with tier 2's words", () => {
    const story = reviewed({ qa: false, techLead: true });
    callTool(story, review(story), "request_rework", { reason: "Name it better." });
    expect(story.last("attempt.failed")).toMatchObject({
      cause: "rework",
      reason: expect.stringContaining("Name it better."),
    });
  });

  test("give up on a verdict that is wrong three times, and say so", () => {
    const story = reviewed(judged.review);
    const agentId = beginQa(story, "T-001", "verdict");
    for (let count = 0; count < 3; count += 1) callTool(story, agentId, "report_verdict", "perhaps");
    expect(reason(story, "T-001")).toContain("Tier 4 gave no valid verdict");
    expect(story.effects()).toEqual([]);
  });

  test("do not take the word on an earlier attempt for this one's", () => {
    const story = reviewed({ qa: false, techLead: true });
    const agentId = review(story);
    story.do(
      { type: "cancel_ticket", ticketId: "T-001", reason: "" },
      { type: "retry_ticket", ticketId: "T-001", by: "p" },
    );
    finish(story, "T-001");
    check(story, "T-001", 0);
    callTool(story, agentId, "accept_ticket", {});
    expect(story.ticket("T-001").stage.name).toBe("reviewing");
    expect(story.effects()).toEqual(["prompt_review T-001"]);
  });

  test("whose thread dies are asked for again, as often as a ticket is retried", () => {
    const story = reviewed({ qa: false, techLead: true });
    const die = () =>
      story.do({ type: "fail_agent", agentId: review(story), code: "crash", reason: "It died.", isRetryable: true });
    expect(die().effects()).toEqual(["prompt_review T-001"]);
    expect(die().effects()).toEqual(["prompt_review T-001"]);
    expect(reason(die(), "T-001")).toBe("The tech lead gave no review: It died.");
  });

  test("are no place to propose tickets", () => {
    const story = reviewed({ qa: false, techLead: true });
    const agentId = review(story);
    const input = JSON.parse(JSON.stringify([ticketProposal("b")]));
    expect(story.refusal({ type: "request_tool", agentId, toolCallId: "x", name: "propose_tickets", input }).code).toBe(
      "invalid",
    );
  });

  test("of a ticket that has gone are not begun", () => {
    const story = reviewed({ qa: false, techLead: true });
    story.do({ type: "cancel_ticket", ticketId: "T-001", reason: "" });
    expect(() => review(story)).toThrow("moved on");
  });
});
