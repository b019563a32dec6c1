/** A request counted by a real endpoint, the simulator's: the whole and what can be counted alone, marked as such in the map. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { countTokens, createClient, type RequestBody } from "../../src/agents/provider-client.ts";
import { toolsFor } from "../../src/agents/tools/toolset.ts";
import { agentRequest } from "../../src/projections/agent-request.ts";
import { contextMap } from "../../src/projections/context-map.ts";
import { CountRequest } from "../../src/simulator/messages-request.ts";
import { type Simulator, startSimulator } from "../../src/simulator/simulator.ts";
import { inputTokens } from "../../src/simulator/token-count.ts";
import { readAgent } from "../../src/web/agent-context.ts";
import { registerPages } from "../../src/web/pages/register-pages.tsx";
import { ContextEngine, workerId } from "../support/context-engine.ts";
import { known } from "../support/given.ts";
import { webApp } from "../support/web-app.ts";

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator();
});
afterAll(async () => {
  await simulator.stop();
});

class CountingEngine extends ContextEngine {
  readonly baseUrl: string;

  constructor(baseUrl: string) {
    super();
    this.baseUrl = baseUrl;
  }

  async count(_provider: string, body: object): Promise<number | null> {
    const client = createClient({ baseUrl: this.baseUrl, apiKey: "" }, 5_000);
    // The body is one that an agent would send.
    const counted = await countTokens(client, body as RequestBody, AbortSignal.timeout(5_000));
    return typeof counted === "number" ? counted : null;
  }
}

function told(engine: ContextEngine) {
  const log = known(readAgent({ engine, toolsFor }, workerId), "agent");
  return { map: contextMap(log).map, body: agentRequest(log).request.body };
}

async function press(engine: ContextEngine): Promise<Response> {
  return await webApp(registerPages, { engine }).ask(`/actions/agents/${workerId}/count`, { method: "POST", body: "" });
}

test("the endpoint's count takes the place of the estimate, and parts still sum to it", async () => {
  const engine = new CountingEngine(simulator.url);
  expect((await webApp(registerPages, { engine }).ask(`/context?agent=${workerId}`)).status).toBe(200);
  expect(told(engine).map.countedBy).toBe("estimate");
  expect((await press(engine)).status).toBe(303);
  const { map, body } = told(engine);
  expect(map).toMatchObject({ countedBy: "count", usedTokens: inputTokens(CountRequest.parse(body)) });
  expect(map.parts.filter(({ isEstimated }) => !isEstimated).map(({ name }) => name)).toEqual(["system", "tools"]);
  expect(map.parts.reduce((sum, { tokens }) => sum + tokens, 0)).toBe(map.usedTokens);
});

test("a count is of the request as it was: what a person then evicts is estimated again", async () => {
  const engine = new CountingEngine(simulator.url);
  await press(engine);
  const piece = known(
    told(engine).map.pieces.find(({ name }) => name === "result of read src/f1.ts"),
    "piece",
  );
  engine.dispatch({ type: "evict_context", agentId: workerId, ref: piece.ref, name: piece.name, by: "person" });
  expect(told(engine).map.countedBy).toBe("estimate");
});

test("an endpoint that does not count leaves the estimate, and says so", async () => {
  const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("{}", { status: 404 }) });
  const engine = new CountingEngine(`http://127.0.0.1:${server.port}`);
  const response = await press(engine);
  await server.stop(true);
  expect(response.status).toBe(409);
  expect(await response.text()).toContain("does not count tokens");
  expect(told(engine).map.countedBy).toBe("estimate");
});
