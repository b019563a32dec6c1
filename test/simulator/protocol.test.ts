/** The simulator's protocol, tried with the real SDK and with plain `fetch`. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import Anthropic from "@anthropic-ai/sdk";
import { betaZodTool } from "@anthropic-ai/sdk/helpers/beta/zod";
import { z } from "zod";
import { parseScenario } from "../../src/simulator/scenario.ts";
import { PortInUseError, type Simulator, startSimulator } from "../../src/simulator/simulator.ts";

const scenario = parseScenario({
  models: ["sim-opus", "sim-haiku", "sim-other"],
  rules: [
    {
      name: "weather",
      when: { tool: "weather", text: "/weather in (\\w+)/" },
      reply: {
        thinking: "They want the weather.",
        text: "Looking at {{match.1}} 🚂.",
        toolUse: [
          { name: "weather", input: { city: "{{match.1}}" } },
          { name: "weather", input: { city: "Oslo" } },
        ],
      },
    },
    { name: "report", when: { toolResult: "/sunny/" }, reply: { text: "It is {{toolResult}}." } },
    { name: "long", when: { text: "long" }, reply: { text: "one two three STOP four five six" } },
    { name: "billed", when: { text: "billed" }, reply: { text: "ok", usage: { inputTokens: 7, outputTokens: 9 } } },
    ...[400, 401, 403, 404, 413, 429, 500, 529].map((status) => ({
      when: { text: `error ${status}` },
      reply: { error: { status, ...(status === 429 ? { retryAfterS: 3 } : {}) } },
    })),
  ],
});

let simulator: Simulator;
let client: Anthropic;
beforeAll(async () => {
  simulator = await startSimulator({ scenario });
  client = new Anthropic({ apiKey: "none", baseURL: simulator.url, maxRetries: 0 });
});
afterAll(() => simulator.stop());

const weather = { name: "weather", input_schema: { type: "object" as const } };
const user = (content: string): Anthropic.MessageParam => ({ role: "user", content });
const asking = (content: string) => ({ model: "sim-opus", max_tokens: 500, messages: [user(content)] });
const tools = [weather];

/** What a call is refused with; `expect().rejects` does not look into the SDK's own promises. */
async function failureOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => null,
    (error: unknown) => error,
  );
}

async function post(body: unknown, headers: Record<string, string> = { "anthropic-version": "2023-06-01" }) {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const response = await fetch(`${simulator.url}/v1/messages`, { method: "POST", headers, body: text });
  return { response, text: await response.text() };
}

test("streams events in the real order, in small pieces, with usage at both ends", async () => {
  const { response, text } = await post({ ...asking("weather in Paris"), tools, stream: true });
  expect(response.headers.get("content-type")).toStartWith("text/event-stream");
  expect(response.headers.get("request-id")).toStartWith("req_");
  const events = [...text.matchAll(/^event: (.+)\ndata: (.+)$/gm)].map(([, name, data]) => {
    const parsed = z.looseObject({ type: z.string() }).parse(JSON.parse(data ?? ""));
    expect(parsed.type).toBe(name ?? "");
    return parsed;
  });
  const names = events.map((event) => event.type).filter((name, at, all) => name !== all[at - 1]);
  const block = ["content_block_start", "content_block_delta", "content_block_stop"];
  expect(names).toEqual([
    "message_start",
    "content_block_start",
    "ping",
    ...block.slice(1),
    ...[block, block, block].flat(),
    "message_delta",
    "message_stop",
  ]);
  expect(events[0]).toMatchObject({ message: { content: [], stop_reason: null, usage: { output_tokens: 1 } } });
  expect(events.at(-2)).toMatchObject({
    delta: { stop_reason: "tool_use" },
    usage: { output_tokens: expect.any(Number) },
  });
  expect(text).toContain('"signature_delta"');
  expect(text.match(/"input_json_delta"/g)?.length).toBeGreaterThan(4);
});

test("gives the SDK's stream helper and a plain call the same message", async () => {
  const stream = client.messages.stream({ ...asking("weather in Paris"), tools });
  const deltas: string[] = [];
  stream.on("text", (delta) => deltas.push(delta));
  const streamed = await stream.finalMessage();
  expect(deltas.join("")).toBe("Looking at Paris 🚂.");
  const whole = await client.messages.create({ ...asking("weather in Paris"), tools });
  expect(streamed.content.map((block) => block.type)).toEqual(["thinking", "text", "tool_use", "tool_use"]);
  expect(streamed.content.map((block) => ({ ...block, id: "" }))).toEqual(
    whole.content.map((block) => ({ ...block, id: "" })),
  );
  expect(streamed.usage.output_tokens).toBe(whole.usage.output_tokens);
  expect(streamed.usage.output_tokens_details?.thinking_tokens).toBeGreaterThan(0);
  expect(new Set(streamed.content.map((block) => (block.type === "tool_use" ? block.id : block.type))).size).toBe(4);
});

for (const stream of [false, true]) {
  test(`carries the SDK's tool runner to its end (stream: ${stream})`, async () => {
    const cities: string[] = [];
    const run = ({ city }: { city: string }) => {
      cities.push(city);
      return "sunny";
    };
    const tool = betaZodTool({ name: "weather", description: "", inputSchema: z.object({ city: z.string() }), run });
    const asked = { ...asking("weather in Paris"), tools: [tool] };
    const runner = stream
      ? client.beta.messages.toolRunner({ ...asked, stream: true })
      : client.beta.messages.toolRunner({ ...asked, stream: false });
    const final = await runner.runUntilDone();
    expect(cities.sort()).toEqual(["Oslo", "Paris"]);
    expect(final.content).toMatchObject([{ type: "text", text: "It is sunny\nsunny." }]);
  });
}

test("tells a client to send everything again when it does not hold the conversation", async () => {
  const continued = { ...asking("hi"), thread: { type: "continue", previous_message_id: "msg_gone" } };
  const { response, text } = await post(continued, { "anthropic-version": "1", "anthropic-beta": "threads" });
  expect(response.status).toBe(404);
  expect(text).toContain('"error_code":"thread_not_found"');
});

test("counts tokens as the call itself does, and lists and names its models", async () => {
  const counted = await client.messages.countTokens({ model: "sim-opus", messages: [user("hello")] });
  const called = await client.messages.create(asking("hello"));
  expect(counted.input_tokens).toBe(called.usage.input_tokens);
  const models: string[] = [];
  for await (const model of client.models.list({ limit: 2 })) models.push(model.id);
  expect(models).toEqual(["sim-opus", "sim-haiku", "sim-other"]);
  expect((await client.models.retrieve("sim-haiku")).id).toBe("sim-haiku");
  expect(await failureOf(client.models.retrieve("nobody"))).toBeInstanceOf(Anthropic.NotFoundError);
});

test("stops at max_tokens and at a stop sequence", async () => {
  const cut = await client.messages.create({ ...asking("long"), max_tokens: 2 });
  expect(cut).toMatchObject({
    stop_reason: "max_tokens",
    usage: { output_tokens: 2 },
    content: [{ text: "one two " }],
  });
  const stopped = await client.messages.create({ ...asking("long"), stop_sequences: [" STOP"] });
  expect(stopped).toMatchObject({ stop_reason: "stop_sequence", stop_sequence: " STOP" });
  expect(stopped.content).toMatchObject([{ text: "one two three" }]);
});

test("reports the usage that a rule dictates", async () => {
  const message = await client.messages.stream(asking("billed")).finalMessage();
  expect(message.usage).toMatchObject({ input_tokens: 7, output_tokens: 9 });
});

test("says plainly when no rule matches", async () => {
  const message = await client.messages.create(asking("what else?"));
  expect(message.content).toMatchObject([{ text: expect.stringMatching(/^\[simulator\] No rule .*"what else\?"/) }]);
});

test("sends each error as the real API does", async () => {
  const types: Record<number, string> = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    500: "api_error",
    529: "overloaded_error",
  };
  for (const [status, type] of Object.entries(types)) {
    const { response, text } = await post({ ...asking(`error ${status}`), stream: true });
    expect(response.status).toBe(Number(status));
    expect(response.headers.get("retry-after")).toBe(status === "429" ? "3" : null);
    const requestId = response.headers.get("request-id");
    expect(JSON.parse(text)).toMatchObject({ type: "error", error: { type }, request_id: requestId });
  }
});

test("keeps strangers out when the scenario names a key", async () => {
  const guarded = await startSimulator({ scenario: parseScenario({ apiKey: "right", rules: [] }) });
  const call = (apiKey: string) =>
    new Anthropic({ apiKey, baseURL: guarded.url, maxRetries: 0 }).messages.create(asking("hi"));
  expect(await failureOf(call("wrong"))).toBeInstanceOf(Anthropic.AuthenticationError);
  expect((await call("right")).role).toBe("assistant");
  await guarded.stop();
});

test("refuses a body that is too large, no JSON, or of an unknown model", async () => {
  const small = await startSimulator({ maxBodyBytes: 100 });
  const large = { method: "POST", headers: { "anthropic-version": "1" }, body: "x".repeat(200) };
  expect((await fetch(`${small.url}/v1/messages`, large)).status).toBe(413);
  await small.stop();
  expect((await post("{")).text).toContain("not valid JSON");
  expect((await post({ ...asking("hi"), model: "gone" })).text).toContain('"message":"model: gone"');
  expect((await post(asking("hi"), {})).text).toContain("anthropic-version: header is required");
  expect((await fetch(`${simulator.url}/v1/nothing`, { headers: { "anthropic-version": "1" } })).status).toBe(404);
});

test("names the port when it is taken", async () => {
  await expect(startSimulator({ port: simulator.port })).rejects.toThrow(PortInUseError);
  await expect(startSimulator({ port: simulator.port })).rejects.toThrow(`Port ${simulator.port} is in use`);
});

const call = (id: string) => ({ type: "tool_use", id, name: "weather", input: {} });
const result = (id: string) => ({ type: "tool_result", tool_use_id: id, content: "sunny" });
const turns = (...messages: unknown[]) => ({ model: "sim-opus", max_tokens: 9, messages: [user("hi"), ...messages] });
const assistant = (...content: unknown[]) => ({ role: "assistant", content });
const answer = (...content: unknown[]) => ({ role: "user", content });

const refused: Record<string, [body: unknown, message: string]> = {
  "no max_tokens": [{ model: "sim-opus", messages: [user("hi")] }, "max_tokens: Field required"],
  "no messages": [{ ...asking("hi"), messages: [] }, "at least one message is required"],
  "an assistant who begins": [{ ...asking("hi"), messages: [assistant({ type: "text", text: "a" })] }, "first message"],
  "an unknown role": [{ ...asking("hi"), messages: [{ role: "tool", content: "a" }] }, "messages.0.role"],
  "an empty text": [turns(answer({ type: "text", text: "" })), "text content blocks must be non-empty"],
  "an empty message": [turns(user("")), "messages.1: user messages must have non-empty content"],
  "trailing space in a prefill": [turns({ role: "assistant", content: "Well " }), "trailing whitespace"],
  "a call without a result": [
    turns(assistant(call("a")), user("so?")),
    "without `tool_result` blocks immediately after: a",
  ],
  "a call at the end": [turns(assistant(call("a"))), "without `tool_result`"],
  "a text before the result": [
    turns(assistant(call("a")), answer({ type: "text", text: "hm" }, result("a"))),
    "without `tool_result`",
  ],
  "a result without a call": [turns(answer(result("b"))), "unexpected `tool_use_id`"],
  "two results": [turns(assistant(call("a")), answer(result("a"), result("a"))), "must have a single result"],
  "a call id used twice": [
    turns(assistant(call("a")), answer(result("a")), assistant(call("a")), answer(result("a"))),
    "`tool_use` ids must be unique",
  ],
  "a call by the user": [turns(answer(call("a"))), "can only be in `assistant` messages"],
  "a call without an input": [turns(assistant({ ...call("a"), input: undefined })), "messages.1.content.0.input"],
  "two tools of a name": [{ ...asking("hi"), tools: [weather, weather] }, "Tool names must be unique"],
  "a tool without a schema": [
    { ...asking("hi"), tools: [{ name: "a" }] },
    "tools.0.custom.input_schema: Field required",
  ],
  "a field that does not exist": [{ ...asking("hi"), max_token: 1 }, "max_token: Extra inputs are not permitted"],
  "a changed thinking block": [
    turns(assistant({ type: "thinking", thinking: "x", signature: "y" }), user("go on")),
    "Invalid `signature` in `thinking` block",
  ],
  "five breakpoints": [
    turns(
      ...[1, 2, 3, 4, 5].map((at) => answer({ type: "text", text: `${at}`, cache_control: { type: "ephemeral" } })),
    ),
    "A maximum of 4 blocks with cache_control may be provided. Found 5.",
  ],
};

for (const [name, [body, message]] of Object.entries(refused)) {
  test(`refuses ${name}`, async () => {
    const { response, text } = await post(body);
    expect(response.status).toBe(400);
    expect(text).toContain(message);
  });
}

test("takes results that are split over two user messages", async () => {
  const { response } = await post(turns(assistant(call("a"), call("b")), answer(result("a")), answer(result("b"))));
  expect(response.status).toBe(200);
});

test("keeps a record of every request", () => {
  const record = simulator.requests.find((entry) => entry.ruleName === "weather");
  expect(record).toMatchObject({ path: "/v1/messages", status: 200, model: "sim-opus" });
  expect(record?.usage?.outputTokens).toBeGreaterThan(0);
});
