/** Rules over the API: listed with those of the config, written, revoked, and counted. */
import { expect, test } from "bun:test";
import { z } from "zod";
import { applied, gate, preparedTrack, ticket } from "../support/facts.ts";
import { webApp } from "../support/web-app.ts";

const Rule = z.looseObject({ ruleId: z.string().nullable(), pattern: z.string() });

function opened() {
  const web = webApp();
  const call = { agentId: "A-1", trackId: "greet_20260101", ticketId: "T-001", cwd: ".", timeoutMs: 1 };
  web.engine.add(
    applied({ gates: { level: "guarded", allow: ["git diff *"] } }),
    ...preparedTrack(),
    ticket("T-001"),
    { type: "command.requested", ...call, toolCallId: "A-1/1", command: "bun test a" },
    {
      type: "command.started",
      ...call,
      toolCallId: "A-1/1",
      command: "bun test b",
      allowedBy: "gate G-0",
      isEdited: true,
    },
    {
      type: "command.started",
      ...call,
      toolCallId: "A-1/2",
      command: "git diff",
      allowedBy: "rule: git diff *",
      isEdited: false,
    },
    gate("G-1", "command", { command: "bun test a", cwd: "." }, { ticketId: "T-001" }),
  );
  return web;
}

test("a rule is made with what it would have allowed, opens what waits, and is listed after those of the config", async () => {
  const { send, ask, engine } = opened();
  const response = await send("POST", "/api/rules", { pattern: "bun test *", gateId: "G-1" });
  expect(response.status).toBe(201);
  expect(Rule.parse(await response.json())).toMatchObject({
    ...{ ruleId: "R-001", source: "person", addedBy: "person", gateId: "G-1", openedCount: 1 },
    ...{ matchedCount: 1, askedCount: 2, commands: [{ command: "bun test a", count: 1 }] },
  });
  expect(engine.state().gates.get("G-1")).toMatchObject({ status: "approved", decidedBy: "rule R-001: bun test *" });
  const list = z.array(Rule).parse(await (await ask("/api/rules")).json());
  expect(list).toMatchObject([
    { ruleId: null, source: "config", pattern: "git diff *", openedCount: 1, matchedCount: 1 },
    { ruleId: "R-001", source: "person", revokedAt: null },
  ]);
});

test("a rule is revoked once; one that is not there, or says nothing, is refused in words", async () => {
  const { send } = opened();
  await send("POST", "/api/rules", { pattern: "bun test *" });
  const revoked = await send("DELETE", "/api/rules/R-001", undefined);
  expect([revoked.status, Rule.parse(await revoked.json())]).toEqual([
    200,
    expect.objectContaining({ revokedBy: "person" }),
  ]);
  const answers = [
    await send("DELETE", "/api/rules/R-001", undefined),
    await send("DELETE", "/api/rules/R-009", undefined),
    await send("POST", "/api/rules", { pattern: "*" }),
    await send("POST", "/api/rules", { pattern: "git diff *" }),
    await send("POST", "/api/rules", { pattern: "ls", gateId: "G-9" }),
  ];
  expect(answers.map(({ status }) => status)).toEqual([409, 404, 422, 409, 404]);
});
