/** Answers that are no good, over real HTTP: each has its rule, none of them hangs, runs a call that it should not, or loses count. */
import { afterAll, describe, expect, test } from "bun:test";
import { mostInputTokens } from "../../src/agents/model-call.ts";
import type { Json } from "../../src/domain/gate.ts";
import { blockEvents, call, ending, message, opening, type Reply, text } from "../support/scripted-provider.ts";
import { lastResults, playAgent, removeRoots } from "./agent-scene.ts";

afterAll(removeRoots);

const bash = call("bash", { command: "echo hi" });
const calling = blockEvents(bash, 0);
const stop: Json = { type: "message_stop" };
const delta = (stopReason: string | null, usage?: Json): Json => ({
  type: "message_delta",
  delta: { stop_reason: stopReason },
  ...(usage === undefined ? {} : { usage }),
});
const events = (...list: Json[]): Reply => ({ events: list });
const stream = { "content-type": "text/event-stream" };
const deep = "[".repeat(100_000);

async function ranCalls(reply: Reply) {
  const scene = await playAgent([reply, text("done")], { onTool: () => ({ outcome: "result", content: "ok" }) });
  return { scene, count: scene.toolQuestions().length };
}

describe("a tool call runs", () => {
  test("when the response ended with tool_use and its JSON is whole", async () => {
    expect((await ranCalls(message([bash], "tool_use"))).count).toBe(1);
  });

  test.each(["end_turn", "stop_sequence", "pause_turn", "max_tokens", "a_new_reason", "model_context_window_exceeded"])(
    "not when the response ended with %s; the model is told so",
    async (reason) => {
      const { scene, count } = await ranCalls(message([bash], reason));
      expect(count).toBe(0);
      if (reason === "model_context_window_exceeded") return expect(scene.last).toMatchObject({ code: "context" });
      expect(lastResults(scene)[0]).toMatchObject({ is_error: true, tool_use_id: "toolu_bash" });
      expect(scene.last).toMatchObject({ type: "ended", text: "done" });
    },
  );

  const cut: Record<string, Reply> = {
    "a response without a reason to stop": events(...opening(), ...calling, stop),
    "an error after a whole call": events(...opening(), ...calling, {
      type: "error",
      error: { type: "overloaded_error", message: "Overloaded" },
    }),
    "a stream that ends after a whole call": events(...opening(), ...calling),
    "a stream that ends before message_stop": events(...opening(), ...calling, delta("tool_use", { output_tokens: 7 })),
    "two messages in one response": events(...opening(), ...calling, ...opening(), ...calling, ...ending("tool_use")),
    "a block that begins twice": events(...opening(), ...calling, ...calling, ...ending("tool_use")),
    "an input that is nested too deeply": events(
      ...opening(),
      { type: "content_block_start", index: 0, content_block: { type: "tool_use", id: "a", name: "bash", input: {} } },
      { type: "content_block_delta", index: 0, delta: { type: "input_json_delta", partial_json: deep } },
      { type: "content_block_stop", index: 0 },
      ...ending("tool_use"),
    ),
  };
  test.each(Object.entries(cut))("not with %s", async (_name, reply) => {
    const { scene, count } = await ranCalls(reply);
    expect(count).toBe(0);
    expect(scene.last).toMatchObject({ type: "ended", text: "done" });
  });

  test("not for ever: the fourth such response in a row ends the agent with the reason", async () => {
    const scene = await playAgent(Array.from({ length: 5 }, () => message([bash], "end_turn")));
    expect(scene.last).toMatchObject({ type: "failed", code: "output" });
    expect(scene.of("failed")[0]?.reason).toContain('"end_turn"');
  });
});

describe("an answer that is none", () => {
  const bodies: Record<string, Reply> = {
    "compressed garbage": { status: 200, body: "no gzip", headers: { ...stream, "content-encoding": "gzip" } },
    "a body that is no stream": { status: 200, body: "{}" },
    "an event of nested arrays": { status: 200, body: `data: ${deep}\n\n`, headers: stream },
    "one endless line": { status: 200, body: `data: ${"x".repeat(5_000_000)}`, headers: stream },
    "far more than was asked for": { status: 200, body: ": no\n".repeat(2_000_000), headers: stream },
  };
  test.each(Object.entries(bodies))("%s is tried again", async (_name, reply) => {
    const scene = await playAgent([reply, text("done")]);
    expect(scene.of("call_failed")).toHaveLength(1);
    expect(scene.last).toMatchObject({ type: "ended", text: "done" });
  });

  test("a redirect is not followed: the key stays with who it is for", async () => {
    const seen: string[] = [];
    const other = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      fetch: ({ url }) => {
        seen.push(url);
        return new Response("thanks");
      },
    });
    const scene = await playAgent([{ status: 307, body: "", headers: { location: other.url.href } }]);
    await other.stop(true);
    expect(seen).toEqual([]);
    expect(scene.last).toMatchObject({ type: "failed", code: "provider", isRetryable: false });
    expect(scene.of("failed")[0]?.reason).toContain(`redirect to ${other.url.href}`);
  });

  test("a length that lies is a cut answer, and is tried again", async () => {
    const head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: 5000\r\n\r\n";
    const begun = `event: message_start\ndata: ${JSON.stringify(opening()[0])}\n\n`;
    const liar = Bun.listen({
      hostname: "127.0.0.1",
      port: 0,
      socket: { data: (socket) => void socket.end(head + begun) },
    });
    const provider = { baseUrl: `http://127.0.0.1:${liar.port}`, apiKey: "k" };
    const scene = await playAgent([], { start: { provider } });
    liar.stop(true);
    expect(scene.of("call_failed")).toHaveLength(6);
    expect(scene.of("call_failed")[0]).toMatchObject({ code: "cut", isUsageKnown: false });
    expect(scene.last).toMatchObject({ type: "failed", code: "provider", isRetryable: true });
  });

  test("an error with an endless body is read to a limit only", async () => {
    const scene = await playAgent([{ status: 500, body: "x".repeat(20_000_000) }, text("done")]);
    expect(JSON.stringify(scene.posted).length).toBeLessThan(10_000);
    expect(scene.last).toMatchObject({ type: "ended" });
  });
});

describe("usage", () => {
  const answer = (usage?: Json): Reply =>
    events(...opening(), ...blockEvents({ type: "text", text: "done" }, 0), delta("end_turn", usage), stop);

  test.each([
    ["missing", undefined],
    ["negative", { output_tokens: -5 }],
    ["no number", { output_tokens: "many" }],
  ] as const)("that is %s is not known, so that what was held stays counted", async (_name, usage) => {
    const scene = await playAgent([answer(usage)]);
    const [settled] = scene.of("call_settled");
    expect(settled?.isUsageKnown).toBe(false);
    for (const figure of Object.values(settled?.usage ?? {})) expect(figure).toBeGreaterThanOrEqual(0);
  });

  test("that is huge is bounded, and counted", async () => {
    const scene = await playAgent([answer({ output_tokens: 1e300 })]);
    expect(scene.of("call_settled")[0]).toMatchObject({ usage: { outputTokens: 1_000_000_000 } });
  });

  test("of a call that broke is not known; a refused one was free", async () => {
    const scene = await playAgent([events(...opening()), { status: 529, body: "{}" }, text("done")]);
    expect(scene.of("call_failed").map(({ isUsageKnown }) => isUsageKnown)).toEqual([false, undefined]);
  });
});

test("where an endpoint cannot count, a limit is kept with a token for each byte", async () => {
  const scene = await playAgent([text("done")], { start: { isCounting: true } });
  const [asked] = scene.callQuestions();
  const body = scene.requests[0]?.body;
  // What the agent sent, as the function under test takes it.
  const bound = mostInputTokens(body as unknown as Parameters<typeof mostInputTokens>[0]);
  expect(asked).toMatchObject({ isCounted: false, inputTokens: bound });
  expect(bound).toBeGreaterThan(Buffer.byteLength(JSON.stringify(body?.messages)));
});
