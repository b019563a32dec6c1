/** Each fault, as a client meets it, and the `--fault` option that asks for them. */
import { afterEach, expect, test } from "bun:test";
import Anthropic from "@anthropic-ai/sdk";
import { commandTable } from "../../src/cli/command-table.ts";
import { FaultKind, FaultQueue, FaultSpecError, parseFault } from "../../src/simulator/fault.ts";
import type { Delay } from "../../src/simulator/message-stream.ts";
import { parseScenario } from "../../src/simulator/scenario.ts";
import { type Simulator, startSimulator } from "../../src/simulator/simulator.ts";

const text = "The quick brown fox jumps over the lazy dog, again and again and again.";
const noWait: Delay = async () => undefined;

let simulator: Simulator | null = null;
afterEach(async () => {
  await simulator?.stop();
  simulator = null;
});

async function start(spec: string, reply: object = { text }, delay = noWait): Promise<Anthropic> {
  const scenario = parseScenario({ rules: [{ reply }] });
  simulator = await startSimulator({ scenario, faults: parseFault(spec), delay });
  return new Anthropic({ apiKey: "none", baseURL: simulator.url, maxRetries: 0, logLevel: "off" });
}

const request = { model: "sim-haiku", max_tokens: 900, messages: [{ role: "user" as const, content: "go" }] };

async function rawStream(signal?: AbortSignal): Promise<Response> {
  return fetch(`${simulator?.url}/v1/messages`, {
    method: "POST",
    headers: { "anthropic-version": "2023-06-01" },
    body: JSON.stringify({ ...request, stream: true }),
    ...(signal ? { signal } : {}),
  });
}

/** Streams to the end; returns what came, and the error that ended it. */
async function outcome(client: Anthropic): Promise<{ text: string; stopReason: string | null; error: unknown }> {
  let streamed = "";
  const stream = client.messages.stream(request);
  stream.on("text", (delta) => {
    streamed += delta;
  });
  try {
    const message = await stream.finalMessage();
    return { text: streamed, stopReason: message.stop_reason, error: null };
  } catch (error) {
    return { text: streamed, stopReason: null, error };
  }
}

for (const fault of ["cut", "no_stop", "reset", "malformed_json", "error_mid_stream"]) {
  test(`${fault}: the stream breaks after a part, and the next request is well`, async () => {
    const client = await start(`${fault}:1`);
    const broken = await outcome(client);
    expect(broken.error).toBeInstanceOf(Error);
    expect(broken.text.length).toBeGreaterThan(0);
    expect(await outcome(client)).toEqual({ text, stopReason: "end_turn", error: null });
  });
}

test("error_mid_stream carries an overloaded error, or the one that the rule names", async () => {
  expect(String((await outcome(await start("error_mid_stream:1"))).error)).toContain("overloaded_error");
  await simulator?.stop();
  const client = await start("cut:0", { text, fault: "error_mid_stream", error: { status: 500 } });
  expect(String((await outcome(client)).error)).toContain("api_error");
});

for (const fault of ["stall", "pings", "hang"]) {
  test(`${fault}: never ends, and lets go of a client that leaves`, async () => {
    await start(`${fault}:1`);
    const leaving = new AbortController();
    const seen: string[] = [];
    const reading = (async () => {
      const response = await rawStream(leaving.signal);
      for await (const part of response.body ?? []) {
        seen.push(new TextDecoder().decode(part));
        if (seen.join("").includes("text_delta")) leaving.abort();
      }
    })();
    if (fault === "hang") queueMicrotask(() => leaving.abort());
    expect(await reading.catch((error: Error) => error.name)).toBe("AbortError");
    expect(seen.join("")).not.toContain("message_stop");
  });
}

test("pings go on after the text has stopped", async () => {
  const oneTick: Delay = () => new Promise((resolve) => setImmediate(resolve));
  await start("pings:1", { text }, oneTick);
  let seen = "";
  for await (const part of (await rawStream()).body ?? []) {
    seen += new TextDecoder().decode(part);
    if (seen.split("event: ping").length > 10) break;
  }
  expect(seen.trimEnd()).toEndWith('data: {"type":"ping"}');
});

test("empty, html and html_200 have no message in them", async () => {
  await start("empty:1,html:1,html_200:1");
  expect(await (await rawStream()).text()).toBe("");
  const gateway = await rawStream();
  expect([gateway.status, gateway.headers.get("content-type")]).toEqual([502, "text/html"]);
  expect((await rawStream()).status).toBe(200);
});

test("an unknown event does no harm to the SDK", async () => {
  expect(await outcome(await start("unknown_event:1"))).toMatchObject({ text, error: null });
});

test("truncated_tool ends in the middle of a tool's input, with max_tokens", async () => {
  const reply = { toolUse: [{ name: "write", input: { file_path: "a.ts", content: text } }] };
  const client = await start("truncated_tool:1", reply);
  let json = "";
  for await (const event of await client.messages.create({ ...request, stream: true })) {
    if (event.type === "content_block_delta" && event.delta.type === "input_json_delta")
      json += event.delta.partial_json;
    if (event.type === "message_delta") expect(event.delta.stop_reason).toBe("max_tokens");
  }
  expect(() => JSON.parse(json)).toThrow();
  expect(json).toStartWith('{"file_path":"a.ts"');
});

test("a rule may send a tool input that is not JSON", async () => {
  const client = await start("cut:0", { toolUse: [{ name: "write", inputJson: '{"file_path": oops' }] });
  let json = "";
  for await (const event of await client.messages.create({ ...request, stream: true }))
    if (event.type === "content_block_delta" && event.delta.type === "input_json_delta")
      json += event.delta.partial_json;
  expect(json).toBe('{"file_path": oops');
});

test("an answer that is not streamed breaks too", async () => {
  const client = await start("cut:1,reset:1,error_mid_stream:1,truncated_tool:1");
  const failure = () => client.messages.create(request).then(String, (error: unknown) => String(error));
  expect(await failure()).toContain("JSON");
  expect(await failure()).toContain("rror");
  expect(await failure()).toContain("500");
  expect(await client.messages.create(request)).toMatchObject({ stop_reason: "max_tokens" });
});

test("statuses come first, in order, with their retry-after", async () => {
  await start("529:2,429:1:retry-after=1");
  const statuses: string[] = [];
  for (let at = 0; at < 4; at += 1) {
    const response = await rawStream();
    statuses.push(`${response.status} ${response.headers.get("retry-after")}`);
  }
  expect(statuses).toEqual(["529 null", "529 null", "429 1", "200 null"]);
  expect(simulator?.requests.map((record) => record.status)).toEqual([529, 529, 429, 200]);
});

test("the SDK's own retries get over them", async () => {
  const client = await start("529:1:retry-after=0,500:1:retry-after=0");
  expect((await client.messages.create(request, { maxRetries: 2 })).content).toMatchObject([{ text }]);
});

test("slow and latency set the pace of every answer", async () => {
  const waits: number[] = [];
  const delay: Delay = async (delayMs) => {
    waits.push(delayMs);
  };
  await outcome(await start("slow:10", { text: "abcdefghijkl", latencyMs: 5 }, delay));
  expect(waits).toEqual([5, 300]);
  await simulator?.stop();
  await outcome(await start("latency:2000", { text }, delay));
  expect(waits.at(-1)).toBe(2000);
});

test("a scenario sets the pace, and a rule its own: time to the first byte, tokens a second, characters a delta", async () => {
  const waits: number[] = [];
  const scenario = parseScenario({
    defaults: { latencyMs: 40, tokensPerSecond: 100, chunkChars: 4 },
    rules: [
      { when: { text: "own" }, reply: { text: "abcdefgh", latencyMs: 7, tokensPerSecond: 1_000, chunkChars: 8 } },
      { reply: { text: "abcdefgh" } },
    ],
  });
  simulator = await startSimulator({ scenario, delay: async (delayMs) => void waits.push(delayMs) });
  const { messages } = new Anthropic({ apiKey: "none", baseURL: simulator.url, maxRetries: 0 });
  for (const content of ["any", "own"])
    await messages.stream({ ...request, messages: [{ role: "user", content }] }).finalMessage();
  expect(waits).toEqual([40, 10, 10, 7, 2]);
});

test("a spec may let requests by, and pick a model", () => {
  const queue = new FaultQueue(parseFault("500:1:after=1:model=haiku, 529:*:model=opus"));
  const effects = ["haiku", "opus", "haiku", "haiku", "opus"].map((model) => queue.next(model, 0)?.type ?? "none");
  expect(effects).toEqual(["none", "error", "error", "none", "error"]);
});

test("a limit lets so many requests by, and then one at a time, with the seconds to wait", () => {
  const queue = new FaultQueue(parseFault("limit:2:per=4"));
  const seen = [0, 0, 0, 1_000, 2_000, 2_000].map((nowMs) => {
    const effect = queue.next("any", nowMs);
    return effect?.type === "error" ? effect.error.retryAfter : "by";
  });
  expect(seen).toEqual(["by", "by", "2", "1", "by", "2"]);
});

test("a retry-after is sent as it is told", async () => {
  await start("429:1:retry-after=-4,503:1:retry-after=garbage,429:1:retry-after=date+30");
  const header = async () => (await rawStream()).headers.get("retry-after") ?? "";
  expect([await header(), await header()]).toEqual(["-4", "garbage"]);
  expect(Date.parse(await header()) - Date.now()).toBeWithin(25_000, 31_000);
});

test("every kind of fault is in the command's help", () => {
  const words = new Set(commandTable.simulate?.details?.split(/[\s,]+/));
  expect(FaultKind.options.filter((kind) => !words.has(kind))).toEqual([]);
});

/** The blocks and the ending of an answer with a tool call, as the SDK puts them together. */
async function called(fault: string) {
  const toolUse = [{ name: "write", input: { file_path: "a.ts", content: "x" } }];
  const client = await start(`${fault}:1`, { text, toolUse });
  const message = await client.messages.stream(request).finalMessage();
  const calls = message.content.filter((block) => block.type === "tool_use");
  return { message, calls };
}

test("an answer may be whole and wrong", async () => {
  expect((await called("many_calls")).calls).toHaveLength(100);
  await simulator?.stop();
  const { calls } = await called("duplicate_ids");
  expect([calls.length, new Set(calls.map(({ id }) => id)).size]).toEqual([2, 1]);
  await simulator?.stop();
  expect((await called("early_end")).message.stop_reason).toBe("end_turn");
  await simulator?.stop();
  expect((await called("blank")).message.content).toEqual([]);
  await simulator?.stop();
  expect((await called("usage_negative")).message.usage.output_tokens).toBe(-1_000_000);
});

for (const spec of ["flood:1", "limit:10", "529:x=1", "stall:-1", "slow", "429:1:retry-after=soon", ""]) {
  test(`says what is wrong with "${spec}"`, () => {
    expect(() => parseFault(spec)).toThrow(FaultSpecError);
    expect(() => parseFault(spec)).toThrow(`Cannot understand the fault "${spec}"`);
  });
}
