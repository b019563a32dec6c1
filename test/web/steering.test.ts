/** The API's levers: tracks, the engine, tickets and gates, with the status codes of the contract. */
import { describe, expect, test } from "bun:test";
import { ApiError } from "../../src/web/api/schemas.ts";
import { commandHash, gateFact, planFacts, trackId } from "../support/sample-facts.ts";
import { webApp } from "../support/web-app.ts";

describe("steering", () => {
  test("a track starts once", async () => {
    const { engine, send } = webApp();
    engine.add(...planFacts().slice(0, 2));
    const path = `/api/tracks/${trackId}/starts`;
    expect((await send("POST", path, {})).status).toBe(201);
    expect((await send("POST", path, {})).status).toBe(409);
    expect((await send("POST", "/api/tracks/x/starts", {})).status).toBe(404);
  });

  test("the engine pauses and goes on", async () => {
    const { engine, send } = webApp();
    expect(await (await send("PATCH", "/api/engine", { isPaused: true })).json()).toEqual({ isPaused: true });
    expect(engine.state().isPaused).toBe(true);
    expect(await (await send("PATCH", "/api/engine", { isPaused: false })).json()).toEqual({ isPaused: false });
    expect((await send("PATCH", "/api/engine", { isPaused: "yes" })).status).toBe(422);
  });

  test("a ticket is edited, cancelled, retried, skipped; each answer is the ticket", async () => {
    const { engine, send, ask } = webApp();
    engine.add(...planFacts());
    const edited = await send("PATCH", "/api/tickets/T-001", { title: "Better", model: "model-b", verify: null });
    expect(edited.status).toBe(200);
    expect(await edited.json()).toMatchObject({ title: "Better", model: "model-b", verify: null });
    // No body at all is fine where every field has a default.
    const cancelled = await ask("/api/tickets/T-001/cancellation", { method: "POST" });
    expect(await cancelled.json()).toMatchObject({ status: "cancelled" });
    expect((await ask("/api/tickets/T-001/cancellation", { method: "POST" })).status).toBe(409);
    expect((await send("POST", "/api/tickets/T-001/retry", {})).status).toBe(200);
    const skipped = await send("POST", "/api/tickets/T-001/skip", { reason: "Not needed" });
    expect(await skipped.json()).toMatchObject({ status: "skipped", reason: "Not needed" });
  });

  test("a ticket that is not there is a 404, an edit that breaks a rule a 422", async () => {
    const { engine, send } = webApp();
    engine.add(...planFacts());
    for (const [method, path] of [
      ["PATCH", ""],
      ["POST", "/cancellation"],
      ["POST", "/retry"],
      ["POST", "/skip"],
    ] as const) {
      expect((await send(method, `/api/tickets/T-999${path}`, {})).status).toBe(404);
    }
    expect((await send("PATCH", "/api/tickets/T-001", { dependsOn: ["T-002"] })).status).toBe(422);
    expect((await send("PATCH", "/api/tickets/T-001", { title: "" })).status).toBe(422);
    expect((await send("PATCH", "/api/tickets/T-001", { titel: "x" })).status).toBe(422);
  });

  test("another method is a 405 that names the right ones", async () => {
    const answer = await webApp().ask("/api/tickets/T-001", { method: "DELETE" });
    expect(answer.status).toBe(405);
    expect(answer.headers.get("allow")).toBe("GET, PATCH");
    expect((await webApp().ask("/api/epics", { method: "PUT" })).headers.get("allow")).toBe("GET, POST");
  });
});

describe("a gate's decision", () => {
  const path = "/api/gates/G-001/decision";
  function gateApp() {
    const web = webApp();
    web.engine.add(...planFacts(), gateFact());
    return web;
  }

  test("approves what was shown, once", async () => {
    const { send, engine, ask } = gateApp();
    const answer = await send("POST", path, { decision: "approve", payloadHash: commandHash });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({
      gateId: "G-001",
      status: "approved",
      decision: "approve",
      isEdited: false,
    });
    expect(engine.dispatched.at(-1)).toEqual({
      type: "approve_gate",
      gateId: "G-001",
      payloadHash: commandHash,
      by: "person",
    });
    const again = await send("POST", path, { decision: "approve", payloadHash: commandHash });
    expect(again.status).toBe(409);
    expect(ApiError.parse(await again.json()).error.code).toBe("conflict");
    expect(await (await ask("/api/gates")).json()).toEqual([]);
    expect(await (await ask("/api/gates?status=all")).json()).toMatchObject([{ gateId: "G-001", status: "approved" }]);
  });

  test("approves an edited payload, and says that it is edited", async () => {
    const { send, engine } = gateApp();
    const payload = { command: "bun test --bail", cwd: "/tmp/sample/worktree" };
    const answer = await send("POST", path, { decision: "approve", payloadHash: commandHash, payload });
    expect(await answer.json()).toMatchObject({ isEdited: true, payload });
    expect(engine.log.find((event) => event.type === "gate.approved")).toMatchObject({ isEdited: true, payload });
  });

  test("declines with words", async () => {
    const { send } = gateApp();
    const answer = await send("POST", path, { decision: "decline", payloadHash: commandHash, reason: "Too wide" });
    expect(await answer.json()).toMatchObject({ status: "declined", decision: "decline", words: "Too wide" });
  });

  test.each([
    [409, { decision: "approve", payloadHash: "0".repeat(64) }],
    [409, { decision: "decline", payloadHash: "0".repeat(64) }],
    [422, { decision: "approve", payloadHash: commandHash, payload: { command: "", cwd: "/" } }],
    [422, { decision: "approve", payloadHash: commandHash, payload: "rm -rf" }],
    [422, { decision: "approve", payloadHash: commandHash, paylaod: { command: "ls", cwd: "/" } }],
    [422, { decision: "maybe", payloadHash: commandHash }],
    [422, { decision: "approve" }],
  ])("is a %d, and changes nothing: %p", async (status, body) => {
    const { send, engine } = gateApp();
    const before = engine.log.length;
    expect((await send("POST", path, body)).status).toBe(status);
    expect(engine.log.length).toBe(before);
  });

  test("on a gate that is not there is a 404", async () => {
    expect(
      (await gateApp().send("POST", "/api/gates/G-9/decision", { decision: "approve", payloadHash: "x" })).status,
    ).toBe(404);
  });
});
