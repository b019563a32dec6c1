/** The auditor of logs itself: it finds nothing in a log that is right, and notices whatever is taken out of it or put into it. */
import { expect, test } from "bun:test";
import type { Event } from "../../src/domain/event.ts";
import { EngineRig } from "../support/engine-rig.ts";
import { auditLeave } from "../support/leave-audit.ts";

async function manualRun(): Promise<Event[]> {
  const rig = new EngineRig({ settings: { gates: { level: "manual", allow: [] } } });
  await rig.plan();
  await rig.approveAll();
  const { events } = rig;
  await rig.engine.stop("the run is over");
  return events;
}

test("a run in which a person opened every gate is right", async () => {
  const events = await manualRun();
  expect(auditLeave(events)).toEqual([]);
  expect(events.filter(({ type }) => type === "gate.approved").length).toBeGreaterThan(5);
});

test("an approval that is missing, changed or used twice is noticed, whatever its kind", async () => {
  const events = await manualRun();
  const kinds = new Set(["spawn", "command", "merge", "checkpoint", "land"]);
  for (const approved of events.filter((event) => event.type === "gate.approved")) {
    if (!kinds.has(approved.kind)) continue;
    expect(auditLeave(events.filter((event) => event !== approved)).length).toBeGreaterThan(0);
    const other = events.map((event) => (event === approved ? { ...approved, payload: { other: true } } : event));
    expect(auditLeave(other).length).toBeGreaterThan(0);
    expect(auditLeave(events.flatMap((event) => (event === approved ? [event, event] : [event]))).length).toBe(1);
  }
});

test("a command that runs twice on one approval, or on a rule that nobody wrote, is noticed", async () => {
  const events = await manualRun();
  const started = events.find((event) => event.type === "command.started");
  if (started?.type !== "command.started") throw new Error("No command was run.");
  expect(auditLeave([...events, started]).length).toBe(1);
  expect(auditLeave([...events, { ...started, allowedBy: "rule: edit *" }]).length).toBe(1);
  expect(auditLeave([...events, { ...started, allowedBy: "level: all" }]).length).toBe(1);
});
