/** A provider that asks one agent to wait means all agents of that model. */
import { expect, test } from "bun:test";
import { decide } from "../../src/domain/decide.ts";
import { holdOfAgent } from "../../src/domain/model-hold.ts";
import { ticketStatus } from "../../src/domain/ticket-status.ts";
import { modelHolds } from "../../src/projections/view-holds.ts";
import { guarded, preparedTrack, ticket } from "../support/facts.ts";
import { known, type Story, settled } from "../support/given.ts";
import { work } from "./steps.ts";

const call = { turn: 1, tries: 1, messages: [], tools: [], inputTokens: 1, maxTokens: 1 };
const usage = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 };
const words = { code: "rate_limit_error", reason: "Too many requests.", text: "", usage, durationMs: 1 };

/** Two workers of one model; the first one's call has failed with this status, to be tried again in 10 s. */
function limited(status: number) {
  const story = settled(guarded({}), ...preparedTrack(), ticket("T-001"), ticket("T-002"));
  const first = work(story, "T-001");
  const second = work(story, "T-002");
  story.do({ type: "reserve_call", agentId: first, ...call });
  story.do({
    type: "fail_call",
    callId: known(story.last("call.started"), "call").callId,
    status,
    retryInMs: 10_000,
    ...words,
  });
  return { story, second, failedAt: Date.parse(known(story.last("call.failed"), "failure").at) };
}

function leaveAt(story: Story, agentId: string, atMs: number): boolean {
  const decision = decide(story.state, { type: "reserve_call", agentId, ...call }, new Date(atMs).toISOString());
  return decision.isAccepted && decision.facts.some((fact) => fact.type === "call.started");
}

test.each([429, 529])("after a %d nobody calls the model until its time is over", (status) => {
  const { story, second, failedAt } = limited(status);
  expect(leaveAt(story, second, failedAt + 9_999)).toBe(false);
  expect(leaveAt(story, second, failedAt + 10_000)).toBe(true);
});

test("a ticket that is held says until when", () => {
  const { story } = limited(429);
  expect(ticketStatus(story.state, story.ticket("T-002"))).toMatchObject({
    status: "in_progress",
    reason: expect.stringMatching(/^The provider takes no calls of .* until \d\d:\d\d:\d\d UTC\.$/),
  });
});

test("a failure of another kind holds nobody else", () => {
  const { story, second, failedAt } = limited(500);
  expect(leaveAt(story, second, failedAt + 1)).toBe(true);
});

test("another model is free", () => {
  const { story, failedAt } = limited(429);
  expect(holdOfAgent(story.state, { provider: "default", model: "another" }, failedAt)).toBeNull();
});

test("a clock that is put back ends a hold, not a wait of days", () => {
  const { story, second, failedAt } = limited(429);
  expect(leaveAt(story, second, failedAt - 500)).toBe(false);
  expect(leaveAt(story, second, failedAt - 2 * 86_400_000)).toBe(true);
});

test("a provider that fails five times is left in peace by all, and the state says so", () => {
  const story = settled(guarded({}), ...preparedTrack(), ticket("T-001"), ticket("T-002"));
  const agents = [work(story, "T-001"), work(story, "T-002")];
  for (let count = 0; count < 5; count += 1) {
    story.do({ type: "reserve_call", agentId: agents[count % 2] ?? "", ...call });
    const { callId } = known(story.last("call.started"), "call");
    story.do({ type: "fail_call", callId, ...words, status: 500, reason: "The provider answered 500.", retryInMs: 1 });
  }
  const failedAt = Date.parse(story.state.lastAt);
  expect(leaveAt(story, agents[0] ?? "", failedAt + 29_999)).toBe(false);
  expect(leaveAt(story, agents[0] ?? "", failedAt + 30_000)).toBe(true);
  expect(modelHolds(story.state, failedAt)).toMatchObject([{ kind: "broken", reason: expect.stringMatching(/500/) }]);
  expect(ticketStatus(story.state, story.ticket("T-001")).reason).toMatch(
    /^The provider fails, calls of .* wait until/,
  );
});
