/** A plan that a person changes while the engine runs it: what is ended, what begins, and what the documents are told. */
import { expect, test } from "bun:test";
import { NewTicket } from "../../src/domain/plan-edit.ts";
import { EngineRig, loopTurn } from "../support/engine-rig.ts";
import { EngineWorld } from "../support/engine-world.ts";
import { goal, hangingWorld } from "../support/hanging-world.ts";

test("an edit of what a worker is told ends its command, and the next worker is told the new words", async () => {
  const { world, begun } = hangingWorld("runCommand");
  const rig = new EngineRig({ world });
  rig.do(goal);
  const command = await begun;
  rig.do({ type: "edit_ticket", ticketId: "T-001", changes: { description: "Do it otherwise." } });
  await rig.engine.whenSettled();
  expect(command.signal?.aborted).toBe(true);
  const prompts = rig.all("attempt.prepared").map(({ prompt }) => prompt.includes("Do it otherwise."));
  expect(prompts).toEqual([false, true]);
  expect(rig.statuses()).toEqual(["T-001 completed"]);
  expect(rig.state.reservations.size).toBe(0);
});

test("the worktree is made anew only when the command of the ended attempt has left it", async () => {
  const world = new EngineWorld();
  const begun = Promise.withResolvers<void>();
  const late = Promise.withResolvers<object>();
  const prepared: string[] = [];
  world.pace = async (label) => {
    if (label.startsWith("prepareAttempt")) prepared.push(label);
  };
  let count = 0;
  world.runCommand = () => {
    begun.resolve();
    return count++ === 0 ? late.promise : Promise.resolve({});
  };
  const rig = new EngineRig({ world });
  rig.do(goal);
  await begun.promise;
  rig.do({ type: "edit_ticket", ticketId: "T-001", changes: { targetFiles: ["src/other.ts"] } });
  for (let turn = 0; turn < 10; turn += 1) await loopTurn();
  expect(prepared).toHaveLength(1);
  late.resolve({});
  await rig.engine.whenSettled();
  expect(prepared).toHaveLength(2);
  expect(rig.statuses()).toEqual(["T-001 completed"]);
});

test("an edit while the worktree is made has the ticket prepared as it is now", async () => {
  const world = new EngineWorld();
  const preparing = Promise.withResolvers<void>();
  const late = Promise.withResolvers<void>();
  world.pace = (label) => {
    if (!label.startsWith("prepareAttempt")) return Promise.resolve();
    preparing.resolve();
    return late.promise;
  };
  const rig = new EngineRig({ world });
  rig.do(goal);
  await preparing.promise;
  rig.do({ type: "edit_ticket", ticketId: "T-001", changes: { description: "Do it otherwise." } });
  late.resolve();
  await rig.engine.whenSettled();
  expect(rig.all("attempt.prepared").map(({ attempt, prompt }) => [attempt, prompt.includes("otherwise")])).toEqual([
    [2, true],
  ]);
});

test("a ticket that is added and one that is split while the first runs are done, and the documents have them in order", async () => {
  const { world, begun } = hangingWorld("check", { alpha: [{ key: "one" }, { key: "two", dependsOn: ["one"] }] });
  const rig = new EngineRig({ world });
  rig.do(goal);
  await begun;
  const [track] = rig.state.tracks.values();
  const trackId = track?.trackId ?? "";
  const ticket = NewTicket.parse({ title: "Three", targetFiles: ["src/three.ts"], afterTicketId: "T-001" });
  rig.do({ type: "add_ticket", trackId, ticket });
  const parts = [{ title: "Two, first" }, { title: "Two, then" }];
  rig.do({ type: "split_ticket", ticketId: "T-002", parts, isChained: true });
  // The check hangs: the edit ends it.
  rig.do({ type: "edit_ticket", ticketId: "T-001", changes: { title: "One, renamed" } });
  await rig.engine.whenSettled();
  expect(rig.statuses()).toEqual([
    "T-001 completed",
    "T-002 skipped",
    "T-003 completed",
    "T-004 completed",
    "T-005 completed",
  ]);
  const written = rig.documents.get(trackId)?.tickets.map(({ ticketId }) => ticketId);
  expect(written).toEqual(["T-001", "T-003", "T-002", "T-004", "T-005"]);
  const merged = rig.all("ticket.completed").map(({ ticketId }) => ticketId);
  expect(merged.indexOf("T-005")).toBeGreaterThan(merged.indexOf("T-004"));
});
