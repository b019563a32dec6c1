/** The levers on an agent's context: when they may be pulled, what they leave in the state, and what is learned of estimates. */
import { describe, expect, test } from "bun:test";
import type { Command, ContextCommandType } from "../../src/domain/command.ts";
import { correctionOf } from "../../src/domain/estimate-error.ts";
import type { Fact } from "../../src/domain/event.ts";
import { contextOf, historyLimit } from "../../src/domain/evolve-context.ts";
import { noUsage } from "../../src/domain/usage.ts";
import { bare, preparedTrack, ticket, trackId } from "../support/facts.ts";
import { given, Story } from "../support/given.ts";

const ref = { messageIndex: 2, blockIndex: 0, hash: "0123456789abcdef" };
const name = "result of read a";
const agentId = "A-0001";

function begun(role: "worker" | "tech_lead" = "worker"): Fact[] {
  const isWorker = role === "worker";
  return [
    bare(),
    ...preparedTrack(),
    ticket("T-001"),
    {
      type: "agent.started",
      agentId,
      role,
      purpose: isWorker ? "work" : "tickets",
      streamId: "s",
      trackId,
      ...(isWorker ? { ticketId: "T-001", attempt: 1 } : {}),
      model: "m",
      provider: "p",
      maxTokens: 100,
      system: "",
      message: ["Do it."],
    },
  ];
}

function lever(type: ContextCommandType): Command {
  return { type, agentId, ref, name, by: "person" };
}

function fact(type: "context.pinned" | "context.unpinned" | "context.evicted" | "context.restored"): Fact {
  return { type, agentId, ref, name, by: "person" };
}

describe("a lever on a piece", () => {
  test("is a fact with who pulled it", () => {
    given(...begun())
      .when(lever("pin_context"))
      .then(fact("context.pinned"));
    given(...begun())
      .when(lever("evict_context"))
      .then(fact("context.evicted"));
    given(...begun(), fact("context.pinned"))
      .when(lever("unpin_context"))
      .then(fact("context.unpinned"));
    given(...begun(), fact("context.evicted"))
      .when(lever("restore_context"))
      .then(fact("context.restored"));
  });

  test("is refused where it would change nothing, or undo the other without a word", () => {
    given(...begun(), fact("context.pinned"))
      .when(lever("pin_context"))
      .then({ code: "conflict" });
    given(...begun(), fact("context.pinned"))
      .when(lever("evict_context"))
      .then({ code: "conflict" });
    given(...begun(), fact("context.evicted"))
      .when(lever("pin_context"))
      .then({ code: "conflict" });
    given(...begun())
      .when(lever("unpin_context"))
      .then({ code: "conflict" });
    given(...begun())
      .when(lever("restore_context"))
      .then({ code: "conflict" });
  });

  test("is refused for an agent that is unknown, or that sends no request any more", () => {
    given().when(lever("pin_context")).then({ code: "not_found" });
    const ended: Fact = { type: "agent.ended", agentId, text: "Done." };
    given(...begun(), ended)
      .when(lever("evict_context"))
      .then({ code: "conflict" });
    given(...begun("tech_lead"), ended)
      .when(lever("evict_context"))
      .then(fact("context.evicted"));
    const blocked: Fact = { type: "track.blocked", trackId, reason: "It cannot be done." };
    given(...begun("tech_lead"), ended, blocked)
      .when(lever("evict_context"))
      .then({ code: "conflict" });
  });

  test("counts, so that a request which does not heed it is out of date", () => {
    const { state } = new Story().write(...begun(), fact("context.evicted"), fact("context.restored"));
    expect(contextOf(state, agentId)).toMatchObject({ choices: [], choiceCount: 2 });
  });
});

function called(estimated: number, reported: number, isShrunk = false): Fact[] {
  const call = { callId: "C-00001", agentId, streamId: "s", turn: 1 };
  const request = {
    parts: { system: estimated },
    limitTokens: 500,
    isShrunk,
    isCounted: false,
    choiceCount: 0,
    hash: "h",
  };
  const held = { reservedInputTokens: 1, reservedOutputTokens: 1, reservedUsd: null };
  return [
    { type: "call.started", ...call, tries: 1, model: "m", provider: "p", messages: [], tools: [], ...held, request },
    {
      type: "call.settled",
      ...call,
      content: [],
      stopReason: "end_turn",
      usage: { ...noUsage, inputTokens: reported - 30, cacheReadTokens: 20, cacheWriteTokens: 10 },
      costUsd: null,
      durationMs: 1,
      firstByteMs: 1,
    },
  ];
}

describe("estimates", () => {
  test("are put beside all input that the endpoint reports, cached or not", () => {
    const { state } = new Story().write(...begun(), ...called(120, 100));
    expect(contextOf(state, agentId).samples).toEqual([{ estimated: 120, corrected: 120, reported: 100 }]);
  });

  test("are corrected from the sixth request of a model on, by what the ones before have shown", () => {
    const story = new Story().write(...begun());
    for (let count = 0; count < 6; count += 1) story.write(...called(120, 100));
    const samples = story.state.contexts.models.get("p m") ?? [];
    expect(samples.map(({ corrected }) => corrected)).toEqual([120, 120, 120, 120, 120, 100]);
    expect(correctionOf(samples)).toBeCloseTo(100 / 120);
  });

  test("say nothing where the endpoint's figures are not whole", () => {
    const [started, settled] = called(120, 100);
    if (started === undefined || settled?.type !== "call.settled") throw new Error("no call");
    const { state } = new Story().write(...begun(), started, { ...settled, isUsageKnown: false });
    expect(contextOf(state, agentId).samples).toEqual([]);
  });
});

describe("the limit of a history", () => {
  const agent = { agentId, provider: "p", model: "m" };

  test("stays small after a restart when the endpoint found it too long", () => {
    expect(historyLimit(new Story().write(...begun(), ...called(120, 100)).state, agent)).toBe(180_000);
    expect(historyLimit(new Story().write(...begun(), ...called(120, 100, true)).state, agent)).toBe(500);
  });

  test("is in the tokens of the model once its requests have shown how it counts", () => {
    const story = new Story().write(...begun());
    for (let count = 0; count < 30; count += 1) story.write(...called(120, 100));
    expect(historyLimit(story.state, agent)).toBe(216_000);
  });
});
