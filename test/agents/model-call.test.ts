/** What an agent does when its provider fails: which faults are tried again, how, and how it ends. */
import { afterAll, describe, expect, test } from "bun:test";
import { backoffMs, retryAfter } from "../../src/agents/provider-fault.ts";
import { apiError, call, calls, opening, type Reply, text } from "../support/scripted-provider.ts";
import { playAgent, removeRoots, temporaryRoot } from "./agent-scene.ts";

afterAll(removeRoots);

const passing: Record<string, Reply> = {
  "an overload": apiError(529, "overloaded_error", "Overloaded"),
  "a rate limit": apiError(429, "rate_limit_error", "slow down"),
  "a server error": apiError(500, "api_error", "oops"),
  "a gateway's page": { status: 502, body: "<html>Bad Gateway</html>", headers: { "content-type": "text/html" } },
  "a timeout of the provider": apiError(504, "timeout_error", "late"),
  "an error event inside the stream": {
    events: [...opening(), { type: "error", error: { type: "overloaded_error", message: "Overloaded" } }],
  },
  "a stream that ends half way": { events: opening() },
  "a connection that breaks": { events: opening(), end: "break" },
  "a stream without a message": { events: [] },
  "a page where a stream should be": { status: 200, body: "<html>Log in to the network</html>" },
  "an event that is not what it must be": {
    events: [...opening(), { type: "content_block_delta", index: 4, delta: { type: "text_delta", text: "x" } }],
  },
};

describe("a fault that may pass", () => {
  for (const [name, reply] of Object.entries(passing)) {
    test(`${name} is tried again, with leave asked anew for the same messages`, async () => {
      const scene = await playAgent([reply, text("done")]);
      expect(scene.of("call_failed")[0]).toMatchObject({ callId: "call-1", turn: 1, retryInMs: 1 });
      const [first, second] = scene.callQuestions();
      expect([first?.tries, second?.tries]).toEqual([1, 2]);
      expect(second?.messages).toEqual(first?.messages ?? []);
      expect(scene.last).toMatchObject({ type: "ended", text: "done" });
    });
  }

  test("a stream that falls silent is given up after its time, and its usage is reported", async () => {
    const scene = await playAgent([{ events: opening(), end: "silence" }, text("done")], { start: { stallMs: 60 } });
    expect(scene.of("call_failed")[0]).toMatchObject({ code: "stall", usage: { inputTokens: 100 } });
    expect(scene.last).toMatchObject({ type: "ended" });
  });

  test("six tries in all, then the agent fails and may be tried again", async () => {
    const scene = await playAgent(Array.from({ length: 6 }, () => apiError(529, "overloaded_error", "Overloaded")));
    expect(scene.requests).toHaveLength(6);
    expect(scene.of("call_failed").map(({ retryInMs }) => retryInMs)).toEqual([1, 2, 4, 8, 16, undefined]);
    expect(scene.last).toMatchObject({ type: "failed", code: "provider", isRetryable: true });
    expect(scene.of("failed")[0]?.reason).toContain("after 6 tries");
  });

  test("a provider that cannot be reached is a network fault", async () => {
    const scene = await playAgent([], { start: { provider: { baseUrl: "http://127.0.0.1:9", apiKey: "k" } } });
    expect(scene.of("call_failed")[0]).toMatchObject({ code: "network" });
    expect(scene.last).toMatchObject({ type: "failed", code: "provider", isRetryable: true });
  });

  test("a wait that the provider names is kept with up to a tenth more, and a stop ends it", async () => {
    const scene = await playAgent([apiError(429, "rate_limit_error", "slow down", { "retry-after": "30" })], {
      onPost: (posted, stop) => posted.type === "delta" && stop("enough"),
    });
    expect(scene.of("call_failed")[0]?.retryInMs).toBe(33_000);
    expect(scene.last).toMatchObject({ type: "failed", code: "stopped", reason: "enough" });
  });
});

describe("a fault that will not pass", () => {
  test("a wrong request fails with the provider's sentence", async () => {
    const scene = await playAgent([apiError(404, "not_found_error", "model: model-a")]);
    expect(scene.of("call_failed")[0]).toMatchObject({ status: 404, code: "not_found_error" });
    expect(scene.last).toMatchObject({ type: "failed", code: "provider", isRetryable: false });
    expect(scene.of("failed")[0]?.reason).toContain("model: model-a");
  });

  test("a refused key fails with what to check, and never shows the key", async () => {
    const scene = await playAgent([apiError(401, "authentication_error", "invalid x-api-key: secret-key")]);
    expect(scene.last).toMatchObject({ type: "failed", code: "auth", isRetryable: false });
    expect(scene.of("failed")[0]?.reason).toContain("api_key_env");
    expect(JSON.stringify(scene.posted)).not.toContain("secret-key");
  });

  test("a conversation that is too long is trimmed once, then given up", async () => {
    const root = await temporaryRoot();
    await Bun.write(`${root}/long.txt`, "a long line of words\n".repeat(400));
    const tooLong = () => apiError(413, "request_too_large", "too large");
    const read = () => calls(call("read", { file_path: "long.txt" }));
    const mended = await playAgent([read(), tooLong(), text("done")], { start: { root } });
    expect(JSON.stringify(mended.requests[2]?.body)).toContain("removed to save room");
    expect(mended.last).toMatchObject({ type: "ended" });
    const lost = await playAgent([read(), tooLong(), tooLong()], { start: { root } });
    expect(lost.last).toMatchObject({ type: "failed", code: "context" });
  });
});

describe("history that is longer than the limit", () => {
  test("loses its oldest results before it is sent, and keeps the first message and every pair", async () => {
    const root = await temporaryRoot();
    await Bun.write(`${root}/long.txt`, "a long line of words\n".repeat(300));
    const read = (id: string) => calls(call("read", { file_path: "long.txt" }, id));
    const scene = await playAgent([read("a"), read("b"), read("c"), text("done")], {
      start: { root, historyTokens: 8000 },
    });
    const sent = scene.requests.at(-1)?.body.messages ?? [];
    expect(sent[0]?.content[0]?.text).toBe("Do T-001.");
    expect(JSON.stringify(sent)).toContain("removed to save room");
    const ids = (key: string) => sent.flatMap(({ content }) => content.map((block) => block[key])).filter(Boolean);
    expect(ids("tool_use_id")).toEqual(ids("id"));
    expect(sent.at(-1)?.content[0]?.content).toContain("a long line of words");
  });
});

describe("how long to wait", () => {
  test("a retry-after of seconds or a date counts; garbage and the past do not", () => {
    expect(retryAfter("3", 0)).toBe(3000);
    expect(retryAfter("Thu, 01 Jan 1970 00:00:10 GMT", 4000)).toBe(6000);
    expect(retryAfter("soon", 0)).toBeUndefined();
    expect(retryAfter("-4", 0)).toBeUndefined();
    expect(retryAfter(null, 0)).toBeUndefined();
    expect(retryAfter("999999999", 0)).toBe(3_600_000);
  });

  test("otherwise a random part of a doubling time, at most a minute", () => {
    expect(backoffMs(3, 1000, () => 0.5)).toBe(2000);
    expect(backoffMs(20, 1000, () => 1)).toBe(60_000);
  });
});
