/** What is taken in is written together, and lets nothing out before it is on disk. */
import { expect, test } from "bun:test";
import type { Command } from "../../src/domain/command.ts";
import { makeRedactor } from "../../src/domain/redactor.ts";
import { emptyState } from "../../src/domain/state.ts";
import { Ledger } from "../../src/engine/ledger.ts";
import { StreamHub } from "../../src/engine/stream-hub.ts";
import { EventLog } from "../../src/log/event-log.ts";
import { engineSettings } from "../support/engine-world.ts";

const start: Command = { type: "start_engine", version: "0.0.0", pid: 1, settings: engineSettings() };
const goal = (words: string): Command => ({ type: "create_epic", goal: words, isStarting: false });

/** A ledger over a log in memory; `isBroken` makes its next commit fail. */
function opened() {
  const told: string[] = [];
  const disk = { isBroken: false };
  const log = EventLog.open(":memory:", {
    onCommit: (when) => {
      if (when === "before" && disk.isBroken) throw new Error("the disk is gone");
      told.push(when);
    },
  });
  const ledger = new Ledger({
    state: emptyState(),
    log,
    hub: new StreamHub(),
    redactor: makeRedactor([]),
    now: () => new Date("2026-01-02T03:04:05Z"),
    written: (events) => told.push(`written ${events.map(({ position }) => position).join()}`),
    failed: (error) => told.push(`failed: ${error.message}`),
  });
  return { told, disk, log, ledger };
}

test("commands that follow each other are one transaction, and what waits for it comes after it", () => {
  const { told, ledger } = opened();
  ledger.take(start);
  const result = ledger.take(goal("One."));
  const last = result.isAccepted ? (result.events.at(-1)?.position ?? 0) : 0;
  ledger.afterwards(() => told.push("let out"));
  expect([told, ledger.position, ledger.state.position]).toEqual([[], 0, last]);
  ledger.commit();
  const all = Array.from({ length: last }, (_, index) => index + 1).join();
  expect(told).toEqual(["before", "after", `written ${all}`, "let out"]);
  expect(ledger.position).toBe(last);
  ledger.afterwards(() => told.push("at once"));
  ledger.commit();
  expect(told.slice(4)).toEqual(["at once"]);
});

test("a commit that fails lets nothing out, then or later", () => {
  const { told, disk, log, ledger } = opened();
  ledger.take(start);
  ledger.afterwards(() => told.push("let out"));
  disk.isBroken = true;
  expect(() => ledger.commit()).toThrow("the disk is gone");
  disk.isBroken = false;
  ledger.take(goal("Two."));
  ledger.commit();
  ledger.publish();
  expect(told).toEqual(["failed: the disk is gone"]);
  expect(log.read({ after: 0, limit: 10 })).toEqual([]);
});

test("what is in no hurry is written by itself, and sooner with the next commit", async () => {
  const { told, ledger } = opened();
  const written = () => told.filter((line) => line.startsWith("written"));
  ledger.take(start);
  ledger.commitSoon(true);
  ledger.take(goal("Three."));
  ledger.commitSoon(false);
  expect(written()).toEqual([]);
  await new Promise((resolve) => setImmediate(resolve));
  expect(written()).toHaveLength(1);
  ledger.take(goal("Four."));
  ledger.commitSoon(true);
  while (written().length < 2) await new Promise((resolve) => setImmediate(resolve));
  expect(ledger.position).toBe(ledger.state.position);
});
