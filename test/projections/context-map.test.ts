/** The context map: its parts are its whole, it says who counted, how full it is, and what would go first. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { toolsFor } from "../../src/agents/tools/toolset.ts";
import { errorFigures } from "../../src/domain/estimate-error.ts";
import type { Event, Fact } from "../../src/domain/event.ts";
import { fold } from "../../src/domain/evolve.ts";
import type { Json } from "../../src/domain/gate.ts";
import { apportion, contextMap, fullnessOf, partsOf, windowOf } from "../../src/projections/context-map.ts";
import { known, timeAt } from "../support/given.ts";
import { callFacts } from "../support/sample-facts.ts";

const [started, asked, answered] = callFacts({ role: "worker", agentId: "A-0001", callId: "C-00001" });
const ref = { callId: "C-00001", agentId: "A-0001", streamId: "Tier 3 (Worker): T-001", turn: 1 };

function mapOf(...facts: (Fact | undefined)[]) {
  const events = facts.flatMap((fact, index): Event[] =>
    fact ? [{ ...fact, position: index + 1, at: timeAt(index + 1) }] : [],
  );
  const state = fold(events);
  const agent = known([...state.agents.values()].at(-1), "agent");
  return contextMap({ state, agent, events, unsent: null, toolsFor }).map;
}

function turns(count: number, body: string): Fact[] {
  return Array.from({ length: count }).flatMap((_, turn): Fact[] => {
    const use: Json = { type: "tool_use", id: `u${turn}`, name: "read", input: { file_path: `f${turn}` } };
    const result: Json = { type: "tool_result", tool_use_id: `u${turn - 1}`, content: body };
    if (asked?.type !== "call.started" || answered?.type !== "call.settled") throw new Error("no call");
    const content = turn === 0 ? [{ type: "text", text: "Do it." }] : [result];
    return [
      { ...asked, ...ref, turn: turn + 1, messages: [{ role: "user", content }] },
      { ...answered, ...ref, turn: turn + 1, content: [use], stopReason: "tool_use" },
    ];
  });
}

describe("the map of a running agent", () => {
  test("sums to its parts, which say that they are estimated", () => {
    const map = mapOf(started, ...turns(4, "line of source\n".repeat(50)));
    expect(map.parts.map(({ name }) => name)).toEqual([
      "system",
      "tools",
      "track and ticket",
      "tool calls",
      "tool results",
    ]);
    expect(map.parts.reduce((sum, { tokens }) => sum + tokens, 0)).toBe(map.usedTokens);
    expect(map.parts.every(({ isEstimated }) => isEstimated)).toBe(true);
    expect(map).toMatchObject({ countedBy: "estimate", isNext: true, openCallCount: 1, windowTokens: 180_000 });
  });

  test("names what would go first while all fits, and what has gone when it does not", () => {
    const early = mapOf(started, ...turns(4, "line of source\n".repeat(50)));
    expect(early.wouldTrim).toBe(false);
    expect(early.trimmedNext[0]).toMatchObject({ role: "user", name: "result of read f0" });
    const settings = { ...fold([]).settings, context: { historyTokens: 700 } };
    const late = mapOf({ type: "settings.applied", settings }, started, ...turns(4, "line of source\n".repeat(50)));
    expect(late).toMatchObject({ wouldTrim: true, fullness: "nearly full" });
    expect(late.pieces.filter(({ fate }) => fate === "stub").map(({ name }) => name)).toContain("result of read f0");
  });
});

test("a request that is under way and was counted first has the endpoint's count; once answered, its report", () => {
  if (started?.type !== "agent.started" || asked?.type !== "call.started" || answered?.type !== "call.settled")
    throw new Error("no call");
  const messages = [{ role: "user", content: [{ type: "text", text: "Do it." }] }];
  const { requestHash: hash } = mapOf(started);
  const record = { parts: { system: 4 }, limitTokens: 180_000, isShrunk: false, isCounted: true, choiceCount: 0, hash };
  const call: Fact = { ...asked, ...ref, messages, reservedInputTokens: 777, request: record };
  const sum = ({ parts }: ReturnType<typeof mapOf>) => parts.reduce((all, { tokens }) => all + tokens, 0);
  const underWay = mapOf(started, call);
  expect(underWay).toMatchObject({ countedBy: "count", usedTokens: 777 });
  expect(sum(underWay)).toBe(777);
  const ended = mapOf(started, call, { ...answered, ...ref }, { type: "agent.ended", agentId: "A-0001", text: "" });
  expect(ended).toMatchObject({ countedBy: "usage", usedTokens: 112, isNext: false });
  expect(sum(ended)).toBe(112);
});

test("how full a request is turns at a half and at four fifths", () => {
  expect([0.49, 0.5, 0.8, 0.81].map(fullnessOf)).toEqual(["below half", "above half", "above half", "nearly full"]);
});

test("a window is the smaller of what is set and what the model takes, and says which", () => {
  expect(windowOf("claude-opus-5-5", 180_000)).toMatchObject({ tokens: 180_000, modelTokens: 1_000_000 });
  expect(windowOf("claude-haiku-4-5", 400_000)).toMatchObject({ tokens: 200_000, modelTokens: 200_000 });
  expect(windowOf("qwen", 8_000).source).toContain("not known");
});

test("shares of any total are whole numbers that sum to it", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(100_000), { minLength: 1 }), fc.nat(1_000_000), (weights, total) => {
      const shares = apportion(weights, total);
      const sum = shares.reduce((all, share) => all + share, 0);
      expect(sum).toBe(weights.some((weight) => weight > 0) ? total : 0);
      expect(shares.every((share) => share >= 0)).toBe(true);
    }),
  );
});

test("parts sum to any count of the whole, whatever was counted of them", () => {
  const names = ["system", "tools", "history text", "tool results"] as const;
  const some = fc.dictionary(fc.constantFrom(...names), fc.integer({ min: 1, max: 5_000 }));
  fc.assert(
    fc.property(some, some, fc.nat(10_000), (raw, parts, tokens) => {
      fc.pre(Object.keys(raw).length > 0);
      expect(partsOf(raw, { tokens, parts }).reduce((sum, part) => sum + part.tokens, 0)).toBe(tokens);
    }),
  );
});

test("errors are told by their middle, their 95th of 100, and their side", () => {
  const samples = [110, 90, 120, 110].map((estimated) => ({ estimated, corrected: 100, reported: 100 }));
  expect(errorFigures(samples, "estimated")).toEqual({
    requestCount: 4,
    medianPercent: 10,
    p95Percent: 20,
    biasPercent: 10,
  });
  expect(errorFigures(samples, "corrected")).toMatchObject({ medianPercent: 0 });
  expect(errorFigures([], "estimated")).toBeNull();
});
