/** The page's forms: what each dispatches, and what the page that sent it gets back. */
import { expect, test } from "bun:test";
import { registerPages } from "../../src/web/pages/register-pages.tsx";
import { commandHash, commandPayload, gateFact, planFacts } from "../support/sample-facts.ts";
import { webApp } from "../support/web-app.ts";

function opened() {
  const web = webApp(registerPages);
  web.engine.add(...planFacts(), gateFact());
  const post = async (path: string, form: Record<string, string>, from = "/gates") => {
    const response = await web.ask(path, {
      method: "POST",
      headers: {
        "content-type": "application/x-www-form-urlencoded",
        "hx-request": "true",
        "hx-current-url": `http://127.0.0.1:4747${from}`,
      },
      body: new URLSearchParams(form).toString(),
    });
    return { status: response.status, html: await response.text() };
  };
  return { ...web, post };
}

const decision = "/actions/gates/G-001/decision";

test("a goal becomes an epic, its line ends as they were meant", async () => {
  const { post, engine } = opened();
  const { status } = await post("/actions/epics", { goal: " one\r\ntwo " }, "/");
  expect(status).toBe(200);
  expect(engine.dispatched).toEqual([{ type: "create_epic", goal: "one\ntwo", isStarting: true }]);
});

test("an empty goal comes back with the reason beside the form", async () => {
  const { post, engine } = opened();
  const { status, html } = await post("/actions/epics", { goal: "  " }, "/");
  expect(status).toBe(422);
  expect(html).toContain('<hx-partial hx-target="#goal-error"');
  expect(html).toContain("The goal is empty");
  expect(engine.dispatched).toEqual([]);
});

test("approving sends no payload when it says the same, whatever its spaces", async () => {
  const { post, engine } = opened();
  const { status, html } = await post(decision, {
    decision: "approve",
    payloadHash: commandHash,
    payload: JSON.stringify(commandPayload, null, 4),
  });
  expect(status).toBe(200);
  expect(engine.dispatched).toEqual([
    { type: "approve_gate", gateId: "G-001", payloadHash: commandHash, by: "person" },
  ]);
  expect(html).not.toContain('data-gate="G-001"');
});

test("approving an edited payload sends the edit", async () => {
  const { post, engine } = opened();
  const payload = { command: "bun test --bail", cwd: "/tmp/sample/worktree" };
  await post(decision, { decision: "approve", payloadHash: commandHash, payload: JSON.stringify(payload) });
  expect(engine.dispatched).toEqual([
    { type: "approve_gate", gateId: "G-001", payloadHash: commandHash, payload, by: "person" },
  ]);
});

test("a payload that is not JSON approves nothing, and the card says so", async () => {
  const { post, engine } = opened();
  const { status, html } = await post(decision, { decision: "approve", payloadHash: commandHash, payload: "{" });
  expect(status).toBe(422);
  expect(html).toMatch(/<hx-partial hx-target="#gate-[0-9a-f]+-error"[^>]*>The payload is not JSON/);
  expect(engine.dispatched).toEqual([]);
});

test("a changed field counts where the JSON was left alone, and where the JSON says the same", async () => {
  const payload = { command: "bun test --bail", cwd: "/tmp/sample/worktree" };
  for (const json of [commandPayload, payload]) {
    const { post, engine } = opened();
    const fields = { "field.command": payload.command, payload: JSON.stringify(json) };
    await post(decision, { decision: "approve", payloadHash: commandHash, ...fields });
    expect(engine.dispatched).toMatchObject([{ type: "approve_gate", payload }]);
  }
});

test("fields and JSON that were both changed and say different things approve nothing", async () => {
  const { post, engine } = opened();
  const fields = { "field.command": "ls", payload: JSON.stringify({ command: "rm x", cwd: "." }) };
  const { status, html } = await post(decision, { decision: "approve", payloadHash: commandHash, ...fields });
  expect(status).toBe(422);
  expect(html).toContain("The fields and the JSON were both changed and say different things");
  expect(engine.dispatched).toEqual([]);
});

test("a draft is answered with its other face, what differs, and why it could not be approved; nothing is decided", async () => {
  const { post, engine } = opened();
  const draft = (by: string, form: Record<string, string>) => post(`/actions/gates/G-001/difference?by=${by}`, form);
  const byField = await draft("fields", {
    "field.command": "bun test --bail",
    payload: JSON.stringify(commandPayload),
  });
  expect(byField.html).toContain("&quot;command&quot;: &quot;bun test --bail&quot;");
  expect(byField.html).toMatch(/<ins>[^<]*--bail<\/ins>/);
  const byJson = await draft("json", { payload: '{"command":"ls\\u202e","cwd":"."}' });
  expect(byJson.html).toContain("\nls\\u202e</textarea>");
  expect((await draft("json", { payload: '{"cwd":"."}' })).html).toContain("The edited payload breaks a rule: command");
  expect((await draft("json", { payload: "{" })).html).toContain("The payload is not JSON");
  expect((await draft("reset", { payload: "{" })).html).not.toContain("Edited");
  expect((await post("/actions/gates/G-404/difference?by=json", {})).status).toBe(404);
  expect(engine.dispatched).toEqual([]);
  expect(engine.state().gates.get("G-001")?.status).toBe("open");
});

test("an edit that breaks the payload's shape is a 422, and the gate stays open", async () => {
  const { post, engine } = opened();
  const { status } = await post(decision, { decision: "approve", payloadHash: commandHash, payload: '{"cwd":"."}' });
  expect(status).toBe(422);
  expect(engine.state().gates.get("G-001")?.status).toBe("open");
});

test("a second answer is a 409 that redraws the page without the card", async () => {
  const { post } = opened();
  await post(decision, { decision: "decline", payloadHash: commandHash, reason: "Too broad" });
  const { status, html } = await post(decision, { decision: "approve", payloadHash: commandHash });
  expect(status).toBe(409);
  expect(html).toContain('<hx-partial hx-target="#gates"');
  expect(html).toContain('<hx-partial hx-target="#notice"');
});

test("declining carries the words, and neither button is pressed for you", async () => {
  const { post, engine } = opened();
  expect((await post(decision, { payloadHash: commandHash })).status).toBe(422);
  await post(decision, { decision: "decline", payloadHash: commandHash, reason: "Too broad" });
  expect(engine.dispatched).toEqual([
    { type: "decline_gate", gateId: "G-001", payloadHash: commandHash, reason: "Too broad", by: "person" },
  ]);
});

test("editing a ticket sends only what was changed", async () => {
  const { post, engine } = opened();
  const same = {
    title: "Title of T-002",
    description: "Write it.",
    acceptanceCriteria: "It works",
    targetFiles: "src/T-002.ts",
    contextFiles: "",
    dependsOn: "T-001",
    verify: "",
    model: "",
    priority: "medium",
  };
  expect((await post("/actions/tickets/T-002/edit", same, "/tickets/T-002")).html).toContain("Nothing was changed.");
  await post(
    "/actions/tickets/T-002/edit",
    { ...same, priority: "high", targetFiles: "src/a.ts\r\nsrc/b.ts" },
    "/tickets/T-002",
  );
  expect(engine.dispatched).toEqual([
    { type: "edit_ticket", ticketId: "T-002", changes: { priority: "high", targetFiles: ["src/a.ts", "src/b.ts"] } },
  ]);
});

test("the levers of a ticket, a track and the engine dispatch their commands", async () => {
  const { post, engine } = opened();
  await post("/actions/tickets/T-001/skip", { reason: "Not needed" });
  await post("/actions/tickets/T-002/cancellation", { reason: "" });
  await post("/actions/tickets/T-002/retry", {});
  await post("/actions/engine", { isPaused: "true" });
  await post(`/actions/tracks/unknown/start`, {});
  expect(engine.dispatched.map((command) => command.type)).toEqual([
    "skip_ticket",
    "cancel_ticket",
    "retry_ticket",
    "pause_engine",
    "start_track",
  ]);
  expect((await post("/actions/tickets/T-001/explode", {})).status).toBe(404);
});

test("without JavaScript a form leads back to its page", async () => {
  const { ask } = opened();
  const response = await ask("/actions/engine", {
    method: "POST",
    headers: { referer: "http://127.0.0.1:4747/gates" },
    body: "isPaused=true",
  });
  expect([response.status, response.headers.get("location")]).toEqual([303, "/gates"]);
});
