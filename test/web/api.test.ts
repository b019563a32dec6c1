/** Every route of the API: its answers hold to their schemas, its refusals have the right status and words. */
import { describe, expect, test } from "bun:test";
import { z } from "zod";
import { apiRoutes } from "../../src/web/api/routes.ts";
import { ApiError, CallReply, StateReply } from "../../src/web/api/schemas.ts";
import { callFacts, commandHash, commandPayload, gateFact, planFacts, trackId } from "../support/sample-facts.ts";
import { webApp } from "../support/web-app.ts";

function storyApp() {
  const web = webApp();
  web.engine.add(...planFacts(), gateFact(), ...callFacts({ role: "worker", agentId: "A-001", callId: "C-001" }));
  web.engine.liveStreams.set("Tier 3 (Worker): T-001", {
    streamId: "Tier 3 (Worker): T-001",
    role: "worker",
    agentId: "A-001",
    epicId: null,
    trackId,
    ticketId: "T-001",
    status: "running",
    reason: null,
    text: "hello",
    endOffset: 5,
    startedAt: "2026-01-02T03:04:05.000Z",
    endedAt: null,
  });
  return web;
}

function schemaOf(method: string, path: string): z.ZodType {
  const route = apiRoutes.find((item) => item.method === method && item.path === path);
  if (!route) throw new Error(`no route ${method} ${path}`);
  return route.reply;
}

describe("looking", () => {
  const stream = encodeURIComponent("Tier 3 (Worker): T-001");
  const looks: [string, string][] = [
    ["/api/state", "/api/state"],
    ["/api/streams", "/api/streams"],
    ["/api/usage", "/api/usage"],
    ["/api/epics", "/api/epics"],
    ["/api/tracks", "/api/tracks"],
    [`/api/tracks/${trackId}`, "/api/tracks/:trackId"],
    ["/api/tickets", "/api/tickets"],
    ["/api/tickets/T-001", "/api/tickets/:ticketId"],
    ["/api/gates", "/api/gates"],
    ["/api/gates?status=all", "/api/gates"],
    ["/api/gates/G-001", "/api/gates/:gateId"],
    ["/api/events", "/api/events"],
    ["/api/comms?full=1", "/api/comms"],
    [`/api/streams/${stream}/context`, "/api/streams/:streamId/context"],
    ["/api/openapi.json", "/api/openapi.json"],
  ];

  test.each(looks)("GET %s answers as its schema says", async (path, route) => {
    const { ask } = storyApp();
    const answer = await ask(path);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toContain("application/json");
    const parsed = schemaOf("GET", route).safeParse(await answer.json());
    expect(parsed.error?.issues).toBeUndefined();
  });

  test("the state has all that the contract names", async () => {
    const { ask } = storyApp();
    const body: unknown = await (await ask("/api/state")).json();
    const state = z.strictObject(StateReply.shape).parse(body);
    expect(Object.keys(state).sort()).toEqual([
      "agents",
      "budget",
      "epics",
      "gates",
      "holds",
      "isPaused",
      "isTrusted",
      "position",
      "project",
      "tickets",
      "tracks",
      "usage",
    ]);
    expect(state.tickets[1]).toMatchObject({
      ticketId: "T-002",
      status: "todo",
      dependsOn: ["T-001"],
      attemptCount: 0,
    });
    expect(state.gates[0]).toMatchObject({
      gateId: "G-001",
      kind: "command",
      status: "open",
      payload: commandPayload,
      payloadHash: commandHash,
    });
  });

  test("streams are found under exactly their ids", async () => {
    const { ask } = storyApp();
    expect(await (await ask("/api/streams")).json()).toMatchObject({
      "Tier 3 (Worker): T-001": { status: "running", text: "hello", ticketId: "T-001", tier: 3 },
    });
  });

  test("a context is made from the agent's conversation", async () => {
    const { ask } = storyApp();
    expect(await (await ask(`/api/streams/${stream}/context`)).json()).toMatchObject({
      streamId: "Tier 3 (Worker): T-001",
      agentId: "A-001",
      model: "model-a",
      turnCount: 1,
      windowTokens: 180_000,
      parts: [{ name: "system" }, { name: "tools" }, { name: "track and ticket" }, { name: "history text" }],
    });
  });

  test("events take a position, a limit and a glob over types", async () => {
    const { ask } = storyApp();
    const types = async (query: string) => {
      const events = z
        .array(z.looseObject({ type: z.string() }))
        .parse(await (await ask(`/api/events?${query}`)).json());
      return events.map((event) => event.type);
    };
    expect(await types("after=3")).toEqual([
      "ticket.created",
      "ticket.created",
      "gate.opened",
      "agent.started",
      "call.started",
      "call.settled",
    ]);
    expect(await types("after=3&limit=1")).toEqual(["ticket.created"]);
    expect(await types("type=ticket.*")).toEqual(["ticket.created", "ticket.created"]);
  });

  test("comms has bodies only on demand, and can be one stream's", async () => {
    const { ask } = storyApp();
    const [call] = z.array(CallReply).parse(await (await ask("/api/comms")).json());
    expect(call).toMatchObject({ callId: "C-001", tier: 3, status: "settled", usage: { inputTokens: 100 } });
    expect(call?.request).toBeUndefined();
    expect(await (await ask("/api/comms?stream=Tier%201")).json()).toEqual([]);
  });

  test.each([
    "/api/tracks/x",
    "/api/tickets/x",
    "/api/gates/x",
    "/api/streams/x/context",
    "/api",
    "/api/",
    "/api/nothing",
    "/api/state/more",
  ])("GET %s is not there, and says so as JSON", async (path) => {
    const answer = await storyApp().ask(path);
    expect(answer.status).toBe(404);
    expect(ApiError.safeParse(await answer.json()).success).toBe(true);
  });

  test.each([
    "/api/events?after=x",
    "/api/events?after=-1",
    "/api/events?limit=0",
    "/api/gates?status=closed",
    "/api/comms?full=maybe",
  ])("GET %s is refused, and names the parameter", async (path) => {
    const answer = await storyApp().ask(path);
    expect(answer.status).toBe(422);
    const { error } = ApiError.parse(await answer.json());
    expect(error.message).toContain(/[?](\w+)/.exec(path)?.[1] ?? "");
  });
});

describe("a goal", () => {
  test("becomes an epic that starts by itself unless told not to", async () => {
    const { send, engine } = webApp();
    const answer = await send("POST", "/api/epics", { goal: "Build it" });
    expect(answer.status).toBe(201);
    const { epicId } = z.object({ epicId: z.string() }).parse(await answer.json());
    expect(engine.state().epics.get(epicId)).toMatchObject({ goal: "Build it", isStarting: true });
    await send("POST", "/api/epics", { goal: "Later", start: false });
    expect([...engine.state().epics.values()].at(-1)).toMatchObject({ goal: "Later", isStarting: false });
  });

  test.each([
    { goal: "  " },
    {},
    { goal: 5 },
    { goal: "x".repeat(200_000) },
    { goal: "x", strat: false },
    [],
    "x",
    null,
  ])("is refused with a reason when it is no good: %#", async (body) => {
    const { send, engine } = webApp();
    const answer = await send("POST", "/api/epics", body);
    expect(answer.status).toBe(422);
    expect(ApiError.parse(await answer.json()).error.message.length).toBeGreaterThan(20);
    expect(engine.log).toEqual([]);
  });

  test("that is nested without end is a 422", async () => {
    const { ask } = webApp();
    const body = `{"goal":${"[".repeat(50_000)}${"]".repeat(50_000)}}`;
    expect((await ask("/api/epics", { method: "POST", body })).status).toBe(422);
  });

  test("that is no JSON is a 400, one that is too large a 413", async () => {
    const { ask } = webApp();
    expect((await ask("/api/epics", { method: "POST", body: "{goal" })).status).toBe(400);
    const large = await ask("/api/epics", { method: "POST", body: JSON.stringify({ goal: "x".repeat(1_100_000) }) });
    expect(large.status).toBe(413);
    expect(ApiError.safeParse(await large.json()).success).toBe(true);
  });
});
