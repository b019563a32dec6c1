/** Gates that ask the same, and the lever that writes a rule: what the page shows, and what its forms do. */
import { describe, expect, test } from "bun:test";
import type { Fact } from "../../src/domain/event.ts";
import { type GateKind, type Json, payloadHash } from "../../src/domain/gate.ts";
import { registerPages } from "../../src/web/pages/register-pages.tsx";
import { applied, gate, preparedTrack, ticket } from "../support/facts.ts";
import { webApp } from "../support/web-app.ts";

const sandbox = { tier: "bubblewrap", network: false, writes: "worktree", processes: 9, memoryBytes: 9 };

function asking(index: number, changes: Record<string, Json> = {}): Json {
  return {
    command: "bun test",
    cwd: `worktrees/T-00${index}`,
    environment: ["PATH"],
    sandbox,
    treeHash: `t${index}`,
    ...changes,
  };
}

function opened(kind: GateKind, payloads: readonly Json[], ...facts: readonly Fact[]) {
  const web = webApp(registerPages);
  web.engine.add(applied({ gates: { level: "guarded", allow: ["git diff *"] } }), ...preparedTrack());
  payloads.forEach((payload, index) => {
    const ticketId = `T-00${index + 1}`;
    web.engine.add(ticket(ticketId), gate(`G-${index + 1}`, kind, payload, { ticketId }));
  });
  web.engine.add(...facts);
  const post = async (path: string, form: Record<string, string>) => {
    const headers = {
      "content-type": "application/x-www-form-urlencoded",
      "hx-request": "true",
      "hx-current-url": "http://127.0.0.1:4747/gates",
    };
    const answer = await web.ask(path, { method: "POST", headers, body: new URLSearchParams(form).toString() });
    return { status: answer.status, html: await answer.text() };
  };
  const page = async () => await (await web.ask("/gates")).text();
  const statuses = () => [...web.engine.state().gates.values()].map(({ status }) => status);
  return { ...web, post, page, statuses };
}

describe("gates that ask the same", () => {
  const three = [asking(1), asking(2), asking(3)];
  const alike = [2, 3].map((index) => `G-${index}:${payloadHash(asking(index))}`).join(" ");
  const answer = { decision: "approve", payloadHash: payloadHash(asking(1)), alike };

  test("are headed by the oldest, which names each with its ticket and hash; the others name the head", async () => {
    const html = await opened("command", three).page();
    expect(html).toContain(`name="alike" value="${alike}"`);
    expect(html).toContain("2 more ask the same: give G-2 (T-002), G-3 (T-003) this answer too, one after the other");
    expect(html.match(/Asks the same as G-1 \(T-001\) above\./g)?.length).toBe(2);
    expect(html.match(/name="alike"/g)?.length).toBe(1);
  });

  test("are answered one by one, each with its own hash, and the answer lists what came of each", async () => {
    const { post, engine, statuses } = opened("command", three);
    engine.add({ type: "gate.withdrawn", gateId: "G-3", kind: "command", reason: "Its ticket ended." });
    const { status, html } = await post("/actions/gates/G-1/decision", answer);
    expect(status).toBe(200);
    expect(html).toContain("G-1 is approved. G-2 is approved. The gate G-3 is already withdrawn.");
    expect(statuses()).toEqual(["approved", "approved", "withdrawn"]);
    expect(engine.state().gates.get("G-2")?.payload).toEqual(asking(2));
  });

  test("are declined with the same words", async () => {
    const { post, engine } = opened("command", three);
    await post("/actions/gates/G-1/decision", { ...answer, decision: "decline", reason: "Too slow." });
    expect([...engine.state().gates.values()].map(({ words }) => words)).toEqual([
      "Too slow.",
      "Too slow.",
      "Too slow.",
    ]);
  });

  test("do not take an edited payload together, nor one that asks something else, nor one with another hash", async () => {
    const { post, engine, statuses } = opened("command", [...three, asking(4, { command: "rm x" })]);
    const edited = { ...answer, payload: JSON.stringify({ ...Object(asking(1)), command: "ls" }) };
    const refused = await post("/actions/gates/G-1/decision", edited);
    expect([refused.status, statuses().includes("approved")]).toEqual([422, false]);
    const other = `G-4:${payloadHash(asking(4, { command: "rm x" }))} G-2:${"0".repeat(64)}`;
    const { html } = await post("/actions/gates/G-1/decision", { ...answer, alike: other });
    expect(html).toContain("G-4 asks something else, and was not answered. The gate G-2 does not show that payload");
    expect(statuses()).toEqual(["approved", "open", "open", "open"]);
    expect(engine.state().gates.get("G-4")?.status).toBe("open");
  });

  const land = { trackId: "greet_20260101", title: "T", branch: "main", fromCommit: "a", toCommit: "b", diffstat: "" };
  const merge = { ticketId: "T-001", title: "T", commit: "a", trackCommit: "b", diff: "" };
  const budget = { limit: "runUsd", scopeId: "", current: 1, spent: 1, needed: 1, raiseTo: 2 };
  const unconfined = { command: "ls", cwd: ".", sandbox: { ...sandbox, writes: "anything" } };
  test.each<[GateKind, Json]>([
    ["land", land],
    ["merge", merge],
    ["budget", budget],
    ["unknown", { command: "ls", cwd: ".", startedAt: "2026-01-01T00:00:00.000Z", sandbox }],
    ["conflict", { ticketId: "T-001", files: ["a.ts"], resolution: "rework" }],
    ["command", unconfined],
    ["command", { command: "ls", cwd: "." }],
  ])("of the kind %s are never answered together where it cannot be undone", async (kind, payload) => {
    const { page, post, statuses } = opened(kind, [payload, payload]);
    const html = await page();
    expect(html).not.toContain('name="alike"');
    expect(html).toContain("Each is answered by itself");
    const hash = payloadHash(payload);
    const form = { decision: "approve", payloadHash: hash, alike: `G-2:${hash}` };
    expect((await post("/actions/gates/G-1/decision", form)).status).toBe(422);
    expect(statuses()).toEqual(["open", "open"]);
  });
});

describe("a rule", () => {
  const call = { agentId: "A-1", trackId: "greet_20260101", cwd: ".", timeoutMs: 1 };
  const requested = (toolCallId: string, command: string, ticketId = "T-001"): Fact => {
    return { type: "command.requested", ...call, toolCallId, command, ticketId };
  };
  const asked = [requested("1", "bun test a"), requested("2", "bun test a", "T-002"), requested("3", "rm x")];

  test("is proposed on a command's card alone, and previewed with what it would have allowed and opens", async () => {
    const { post, page, engine } = opened(
      "command",
      [asking(1)],
      ...asked,
      gate("G-9", "write", { path: "a", content: "" }),
    );
    expect((await page()).match(/Always allow commands like this/g)?.length).toBe(1);
    const { html } = await post("/actions/rules/preview?id=gate-1", { pattern: "bun test *" });
    expect(html).toContain('hx-target="#gate-1-rule-preview"');
    expect(html).toContain("So far it would have allowed 2 of the 3 commands that workers asked for.");
    expect(html).toContain("<code>bun test a</code>");
    expect(html).toMatch(/2 times, last at [\d:]+ for T-002/);
    expect(html).toContain("Saving it lets run at once what waits in G-1.");
    expect(engine.dispatched).toEqual([]);
    expect((await post("/actions/rules/preview?id=gate-1", { pattern: "*" })).html).toContain("names no program");
    const exact = await post("/actions/rules/preview?id=x%22%3E", { pattern: "a; b *" });
    expect(exact.html).toContain("It stands for one command, letter by letter.");
    expect(exact.html).not.toContain('x"');
  });

  test("is saved by its form, listed with those of the config, and revoked by its lever", async () => {
    const { post, page, engine, statuses } = opened("command", [asking(1)], ...asked);
    const { html } = await post("/actions/rules", { pattern: "bun test *", gateId: "G-1", ruleFormId: "gate-1" });
    expect(html).toContain("The rule is saved: bun test *");
    expect(statuses()).toEqual(["approved"]);
    const list = await page();
    expect(list).toMatch(/data-rule="R-001"[\s\S]*by a person on G-1[\s\S]*1 command<[\s\S]*2 of 3[\s\S]*Revoke/);
    expect(list).toContain("config: default");
    await post("/actions/rules/R-001/revocation", {});
    expect(await page()).toContain("revoked at");
    expect(engine.dispatched.map(({ type }) => type)).toEqual(["add_rule", "revoke_rule"]);
  });

  test("that is refused says why beside its form", async () => {
    const { post, page } = opened("command", [asking(1)]);
    const ruleFormId = /id="(gate-[0-9a-f]+)-rule"/.exec(await page())?.[1] ?? "";
    const { status, html } = await post("/actions/rules", { pattern: "git diff *", gateId: "G-1", ruleFormId });
    expect(status).toBe(409);
    expect(html).toContain(`hx-target="#${ruleFormId}-rule-error"`);
    expect(html).toContain("The config allows that already");
  });

  test("with characters that nobody sees is shown and read with their escapes", async () => {
    const { page, post, engine } = opened("command", [asking(1, { command: "echo a\u202eb\r" })]);
    expect(await page()).toContain("\necho a\\u202eb\\u000d</textarea>");
    await post("/actions/rules", { pattern: "echo a\\u202eb\\u000d", gateId: "G-1" });
    expect(engine.dispatched).toMatchObject([{ type: "add_rule", pattern: "echo a\u202eb\r" }]);
  });
});
