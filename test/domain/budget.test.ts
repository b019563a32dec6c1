/** Money is held before a call and settled after it: reserved and spent together never pass a limit. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { limitInForce } from "../../src/domain/budget.ts";
import type { Command } from "../../src/domain/command.ts";
import type { Budget } from "../../src/domain/settings.ts";
import { ticketStatus } from "../../src/domain/ticket-status.ts";
import { guarded, preparedTrack, settingsWith, ticket, trackId } from "../support/facts.ts";
import { type Story, settled } from "../support/given.ts";
import { approve, decline, openGate, work } from "./steps.ts";

const price = { input: 1, output: 10, cacheRead: 0.1, cacheWrite: 2 };
const prices = { "claude-haiku-5-5": price };
/** The worst case of the call below: 1,000 tokens written to the cache, 1,000 answered. */
const worstUsd = 0.012;
const usage = { inputTokens: 1000, outputTokens: 100, cacheReadTokens: 0, cacheWriteTokens: 0 };

function working(budget: Budget, level: "guarded" | "all" = "guarded") {
  const settings = guarded({ budget, prices, gates: { level, allow: [] } });
  const story = settled(settings, ...preparedTrack(), ticket("T-001"), ticket("T-002"));
  return { story, first: work(story, "T-001"), second: work(story, "T-002") };
}

function reserve(agentId: string): Command {
  return {
    type: "reserve_call",
    agentId,
    turn: 1,
    tries: 1,
    messages: [],
    tools: [],
    inputTokens: 1000,
    maxTokens: 1000,
  };
}

/** Whether the agent got leave; its call's id if so. */
function ask(story: Story, agentId: string): string | null {
  const before = story.state.counts.call;
  story.do(reserve(agentId));
  return story.state.counts.call === before ? null : story.last("call.started").callId;
}

function settle(story: Story, callId: string): void {
  story.do({ type: "settle_call", callId, content: [], stopReason: "end_turn", usage, durationMs: 1, firstByteMs: 1 });
}

describe("a call", () => {
  test("holds its worst case until it is settled for what it took", () => {
    const { story, first } = working({ runUsd: 1 });
    const callId = ask(story, first) ?? "";
    expect(story.state.reservations.get(callId)).toMatchObject({
      usd: worstUsd,
      tokens: 2000,
      trackId,
      ticketId: "T-001",
    });
    settle(story, callId);
    expect(story.state.reservations.size).toBe(0);
    expect(story.state.runSpend).toEqual({ usd: 0.002, tokens: 1100 });
  });

  test("waits without a gate while it would fit once others have settled", () => {
    const { story, first, second } = working({ runUsd: 0.02 });
    const callId = ask(story, first) ?? "";
    expect(ask(story, second)).toBeNull();
    expect(story.all("gate.opened")).toEqual([]);
    settle(story, callId);
    expect(ask(story, second)).not.toBeNull();
  });

  test("gets no leave while the engine is paused, and none for an agent that has ended", () => {
    const { story, first } = working({});
    expect(ask(story.do({ type: "pause_engine", by: "p" }), first)).toBeNull();
    story.do({ type: "unpause_engine", by: "p" }, { type: "end_agent", agentId: first, text: "" });
    expect(story.refusal(reserve(first)).code).toBe("conflict");
    expect(story.refusal(reserve("A-9999")).code).toBe("not_found");
  });

  test("of a model without a price is refused under a budget in dollars, with what to do", () => {
    const settings = guarded({ budget: { dayUsd: 1 } });
    const story = settled(settings, ...preparedTrack(), ticket("T-001"));
    expect(story.refusal(reserve(work(story, "T-001"))).message).toContain('Add [prices."claude-haiku-5-5"]');
  });

  test("cannot be settled twice", () => {
    const { story, first } = working({});
    const callId = ask(story, first) ?? "";
    settle(story, callId);
    expect(() => settle(story, callId)).toThrow("no open call");
  });
});

describe("a limit that is reached", () => {
  test.each([
    [{ runUsd: 0.001 }, "run"],
    [{ dayUsd: 0.001 }, "2026-01-01"],
    [{ trackUsd: 0.001 }, trackId],
    [{ ticketUsd: 0.001 }, "T-001"],
    [{ runTokens: 1999 }, "run"],
  ])("asks once, whoever else comes: %p", (budget, scopeId) => {
    const { story, first } = working(budget);
    expect([ask(story, first), ask(story, first)]).toEqual([null, null]);
    expect(openGate(story, "budget").payload).toMatchObject({ scopeId });
    expect(ticketStatus(story.state, story.ticket("T-001"))).toMatchObject({ status: "waiting" });
  });

  test("lets calls go on once a person has raised it", () => {
    const { story, first } = working({ runUsd: 0.001 });
    ask(story, first);
    approve(story, "budget");
    expect(limitInForce(story.state, "runUsd", "run")).toBeGreaterThan(worstUsd);
    expect(ask(story, first)).not.toBeNull();
  });

  test("stays when a person declines, and is not asked about again", () => {
    const { story, first, second } = working({ runUsd: 0.001 });
    ask(story, first);
    decline(story, "budget", "Enough.");
    expect([ask(story, first), ask(story, second)]).toEqual([null, null]);
    expect(story.all("gate.opened").length).toBe(1);
    expect(ticketStatus(story.state, story.ticket("T-001")).reason).toContain("Enough.");
  });

  test("at level all is an event, and no gate", () => {
    const { story, first } = working({ runUsd: 0.001 }, "all");
    expect(ask(story, first)).toBeNull();
    expect(story.last("budget.reached")).toMatchObject({ limit: "runUsd", scopeId: "run" });
    expect(story.all("gate.opened")).toEqual([]);
  });

  test("is asked about anew by the next one when who asked is gone", () => {
    const { story, first, second } = working({ runUsd: 0.001 });
    ask(story, first);
    story.do({ type: "cancel_ticket", ticketId: "T-001", reason: "" });
    expect([...story.state.gates.values()].filter((gate) => gate.status === "open")).toEqual([]);
    ask(story, second);
    expect(openGate(story, "budget").ticketId).toBe("T-002");
  });

  test("begins anew with the next run; the day's does not", () => {
    const { story, first } = working({ runUsd: 0.013, dayUsd: 0.013 });
    settle(story, ask(story, first) ?? "");
    story.do({ type: "start_run", trackIds: [trackId] });
    expect(story.state.runSpend).toEqual({ usd: 0, tokens: 0 });
    ask(story, first);
    expect(openGate(story, "budget").payload).toMatchObject({ limit: "dayUsd" });
  });
});

describe("a call that a crash hid", () => {
  test.each(["runUsd", "dayUsd", "trackUsd", "ticketUsd"] as const)("counts as what was held for it: %s", (limit) => {
    const { story, first } = working({ [limit]: 0.013 });
    ask(story, first);
    story.do({ type: "start_engine", version: "1", pid: 1, settings: story.state.settings });
    expect(story.last("call.failed")).toMatchObject({ code: "lost" });
    expect(story.state.reservations.size).toBe(0);
    expect(ask(story, first)).toBeNull();
    expect(openGate(story, "budget").payload).toMatchObject({ limit, spent: worstUsd });
  });
});

test("a call that a crash hid counts in tokens too", () => {
  const { story, first } = working({ runTokens: 3000 });
  ask(story, first);
  story.do({ type: "start_engine", version: "1", pid: 1, settings: story.state.settings });
  expect(ask(story, first)).toBeNull();
  expect(openGate(story, "budget").payload).toMatchObject({ limit: "runTokens", spent: 2000 });
});

describe("usage that a provider gets wrong", () => {
  const settled = { content: [], stopReason: "end_turn", durationMs: 1, firstByteMs: 1 };

  test.each(["settle_call", "fail_call"] as const)("or leaves out counts as what was held: %s", (type) => {
    const { story, first } = working({ runUsd: 0.013 });
    const callId = ask(story, first) ?? "";
    const failed = { code: "cut", reason: "It broke.", text: "", durationMs: 1 };
    const given = { callId, usage: { ...usage, outputTokens: 0 }, isUsageKnown: false };
    story.do(type === "settle_call" ? { type, ...settled, ...given } : { type, ...failed, ...given });
    expect(story.state.runSpend.usd).toBeCloseTo(worstUsd, 12);
    expect(story.state.runSpend.tokens).toBe(2000);
    expect(ask(story, first)).toBeNull();
  });

  test("or makes larger than what was held is counted in full, and no call follows", () => {
    const { story, first, second } = working({ runUsd: 1 });
    const callId = ask(story, first) ?? "";
    story.do({ type: "settle_call", callId, ...settled, usage: { ...usage, outputTokens: 1_000_000_000 } });
    expect(story.state.runSpend.usd).toBeGreaterThan(1);
    expect([ask(story, first), ask(story, second)]).toEqual([null, null]);
    expect(openGate(story, "budget").payload).toMatchObject({ limit: "runUsd" });
  });
});

test("reserved and spent never pass a limit, whatever is asked, settled, lost and failed", () => {
  const move = fc.record({
    kind: fc.constantFrom("ask", "settle", "fail", "crash"),
    who: fc.nat(9),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  const budget = { runUsd: 0.05, trackUsd: 0.04, ticketUsd: 0.03, dayUsd: 0.045, runTokens: 9000 };
  const staysWithin = (moves: { kind: string; who: number; share: number }[]) => {
    const { story, first, second } = working(budget, "all");
    for (const { kind, who, share } of moves) {
      const open = [...story.state.reservations.keys()];
      const callId = open[who % Math.max(1, open.length)];
      const took = { ...usage, inputTokens: Math.round(1000 * share), outputTokens: Math.round(1000 * share) };
      if (kind === "ask") ask(story, who % 2 === 0 ? first : second);
      else if (kind === "crash")
        story.do({ type: "start_engine", version: "1", pid: 1, settings: settingsWith(story.state.settings) });
      else if (callId && kind === "settle")
        story.do({
          type: "settle_call",
          callId,
          content: [],
          stopReason: "",
          usage: took,
          durationMs: 1,
          firstByteMs: 1,
        });
      else if (callId)
        story.do({ type: "fail_call", callId, code: "cut", reason: "", text: "", usage: took, durationMs: 1 });
      const held = [...story.state.reservations.values()];
      const sum = (isMeant: (ticketId: string | null) => boolean) =>
        held.reduce((usd, one) => usd + (isMeant(one.ticketId) ? one.usd : 0), 0);
      const spentBy = (ticketId: string) =>
        [...story.state.spend.values()].reduce(
          (usd, leaf) => usd + (leaf.ticketId === ticketId ? leaf.costUsd : 0),
          story.state.lostUsd.get(ticketId) ?? 0,
        );
      const room = 1e-12;
      if (story.state.runSpend.usd + sum(() => true) > 0.04 + room) return false;
      if (story.state.runSpend.tokens + held.reduce((tokens, one) => tokens + one.tokens, 0) > 9000) return false;
      if (["T-001", "T-002"].some((id) => spentBy(id) + sum((ticketId) => ticketId === id) > 0.03 + room)) return false;
    }
    return true;
  };
  fc.assert(fc.property(fc.array(move, { maxLength: 40 }), staysWithin), { seed: 7, numRuns: 100 });
});
