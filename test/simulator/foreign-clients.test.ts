/** What clients that this project did not write send and look for: base URLs, web pages, tools of the API's own. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import Anthropic from "@anthropic-ai/sdk";
import { parseScenario } from "../../src/simulator/scenario.ts";
import { type Simulator, startSimulator } from "../../src/simulator/simulator.ts";

let simulator: Simulator;
let client: Anthropic;
beforeAll(async () => {
  const scenario = parseScenario({
    rules: [
      { when: { text: "/Search (\\w+)/" }, reply: { blocks: searched("{{match.1}}"), text: "Found." } },
      { reply: { text: "Yes." } },
    ],
  });
  simulator = await startSimulator({ scenario });
  client = new Anthropic({ apiKey: "none", baseURL: simulator.url, maxRetries: 0 });
});
afterAll(() => simulator.stop());

/** What the API sends when a model has searched the web. */
function searched(query: string) {
  return [
    { type: "server_tool_use", id: "srvtoolu_1", name: "web_search", input: { query } },
    { type: "web_search_tool_result", tool_use_id: "srvtoolu_1", content: [] },
  ];
}

const asked = { model: "sim", max_tokens: 100, messages: [{ role: "user" as const, content: "Well?" }] };
const version = { "anthropic-version": "2023-06-01" };
const fails = (call: () => Promise<unknown>) => call().then(String, String);

test("an answer's text has no field that strict clients refuse", async () => {
  const plain = await client.messages.create(asked);
  const streamed = await client.messages.stream(asked).finalMessage();
  expect([plain.content, streamed.content]).toEqual(Array(2).fill([{ type: "text", text: "Yes." }]));
});

test("takes tools of the API's own, with and without a name", async () => {
  const tools = [{ type: "web_search_20250305" as const, name: "web_search" as const }];
  expect((await client.messages.create({ ...asked, tools })).content).toHaveLength(1);
  const ofServer = {
    ...asked,
    betas: ["mcp-client-2025-11-20"],
    mcp_servers: [{ type: "url" as const, url: "https://tools.test", name: "far" }],
    tools: [{ type: "mcp_toolset" as const, mcp_server_name: "far" }],
  };
  expect((await client.beta.messages.create(ofServer)).content).toHaveLength(1);
});

test("gives what a tool of the API's own makes, whole and streamed", async () => {
  const search = { ...asked, messages: [{ role: "user" as const, content: "Search trains" }] };
  const whole = await client.messages.create(search);
  const streamed = await client.messages.stream(search).finalMessage();
  const content: unknown[] = [...searched("trains"), { type: "text", text: "Found." }];
  expect([whole.content, streamed.content]).toEqual([content, content] as (typeof whole.content)[]); // The SDK's type has more.
});

test("refuses a choice of a tool that is not offered", async () => {
  const tools = [{ name: "read", input_schema: { type: "object" as const } }];
  const choice = (name: string) => ({ ...asked, tools, tool_choice: { type: "tool" as const, name } });
  expect((await client.messages.create(choice("read"))).content).toHaveLength(1);
  expect(await fails(() => client.messages.create(choice("fly")))).toContain("Tool 'fly' not found in provided tools");
});

test("takes images, documents, and blocks that a server's tool made", async () => {
  const image = { type: "base64" as const, media_type: "image/png" as const, data: "aGk=" };
  const content: Anthropic.ContentBlockParam[] = [
    { type: "image", source: image },
    { type: "document", source: { type: "text", media_type: "text/plain", data: "A page." } },
  ];
  const made: Anthropic.ContentBlockParam[] = [
    { type: "server_tool_use", id: "srvtoolu_1", name: "web_search", input: { query: "x" } },
    { type: "web_search_tool_result", tool_use_id: "srvtoolu_1", content: [] },
    { type: "redacted_thinking", data: "x" },
  ];
  const messages: Anthropic.MessageParam[] = [
    { role: "user", content },
    { role: "assistant", content: made },
    ...asked.messages,
  ];
  expect((await client.messages.create({ ...asked, messages })).content).toHaveLength(1);
});

test("tells a client whose base URL is wrong what to give it", async () => {
  const twice = new Anthropic({ apiKey: "none", baseURL: `${simulator.url}/v1`, maxRetries: 0 });
  expect(await fails(() => twice.messages.create(asked))).toContain(
    `Not found: /v1/v1/messages. This client adds /v1 itself: its base URL is ${simulator.url}`,
  );
  const bare = await fetch(`${simulator.url}/messages`, { method: "POST", headers: version, body: "{}" });
  expect([bare.status, await bare.text()]).toEqual([
    404,
    expect.stringContaining(`This client does not add /v1: its base URL is ${simulator.url}/v1`),
  ]);
  expect(await fails(() => client.beta.files.list())).toContain("The simulator serves POST /v1/messages,");
});

test("says at its root what it is, to people and to clients that knock first", async () => {
  const [head, get] = await Promise.all(["HEAD", "GET"].map((method) => fetch(simulator.url, { method })));
  expect([head?.status, get?.status]).toEqual([200, 200]);
  expect(await get?.text()).toContain(`ANTHROPIC_BASE_URL=${simulator.url}`);
});

test("lets pages of this machine in, and no others", async () => {
  const preflight = (origin: string) =>
    fetch(`${simulator.url}/v1/messages`, {
      method: "OPTIONS",
      headers: {
        origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "x-api-key,anthropic-version",
      },
    });
  const near = await preflight("http://localhost:5173");
  expect([near.status, near.headers.get("access-control-allow-origin")]).toEqual([204, "http://localhost:5173"]);
  expect(near.headers.get("access-control-allow-headers")).toBe("x-api-key,anthropic-version");
  expect((await preflight("http://localhost.evil.test")).headers.has("access-control-allow-origin")).toBe(false);
  const page = { ...version, origin: "http://app.localhost:3000" };
  const answer = await fetch(`${simulator.url}/v1/models`, { headers: page });
  expect(answer.headers.get("access-control-allow-origin")).toBe(page.origin);
  expect(answer.headers.get("access-control-expose-headers")).toContain("request-id");
});

test("refuses a name that was bound to this machine's address", async () => {
  const rebound = await fetch(`${simulator.url}/v1/models`, { headers: { ...version, host: "evil.test" } });
  expect([rebound.status, await rebound.text()]).toEqual([403, expect.stringContaining("evil.test")]);
});
