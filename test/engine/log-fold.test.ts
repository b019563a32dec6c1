/** What a log folds to through a snapshot is what it folds to without one: the same state and the same streams. */
import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Event } from "../../src/domain/event.ts";
import { evolve } from "../../src/domain/evolve.ts";
import { makeRedactor } from "../../src/domain/redactor.ts";
import { LogFold, type SnapshotPlace } from "../../src/engine/log-fold.ts";
import { StreamHub } from "../../src/engine/stream-hub.ts";
import { EventLog } from "../../src/log/event-log.ts";
import { Dice } from "../support/dice.ts";
import { seed } from "../support/engine-rig.ts";
import { EngineSimulation } from "../support/engine-simulation.ts";

const folder = mkdtempSync(join(tmpdir(), "signalbox-fold-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const lives = process.env.SEED ? [Number(process.env.SEED)] : Array.from({ length: 40 }, (_unset, index) => index + 1);
const cutsOfALife = 6;
/** Most texts of the simulation end with what could be its beginning, so there is always something held back. */
const secret = ".0123456789";

function place(name: string, more: Partial<SnapshotPlace> = {}): SnapshotPlace {
  const prove = () => Promise.reject(new Error("It is not to be proven."));
  return { path: join(folder, name), program: "one", everyCount: 1, prove, ...more };
}

/** Folds events; through a snapshot where the place has one. Whoever folds all writes one, if there is a place. */
async function foldOf(events: readonly Event[], snapshots?: SnapshotPlace, secrets: readonly string[] = [secret]) {
  const log = EventLog.open(":memory:");
  seed(log, events);
  const hub = new StreamHub(makeRedactor(secrets));
  const reports: string[] = [];
  const report = (problem: string) => reports.push(problem);
  const fold = new LogFold({ log, report, isResting: false, ...(snapshots && { snapshots }) }, hub);
  const isProven = fold.refusal === null;
  if (isProven) fold.whenProven(new AbortController().signal, { fail: () => undefined }, () => undefined);
  await fold.kept;
  log.close();
  return { isProven, reports, state: fold.state, streams: hub.kept() };
}

async function lifeOf(number: number): Promise<readonly Event[]> {
  const rig = await new EngineSimulation(number).play();
  const { events } = rig;
  await rig.engine.stop("the life is over");
  return events;
}

test("at any position of any life a snapshot stands for the events before it", async () => {
  const differing: string[] = [];
  let heldCount = 0;
  for (const number of lives) {
    const events = await lifeOf(number);
    const whole = await foldOf(events);
    const dice = new Dice(number);
    for (let cut = 0; cut < cutsOfALife; cut += 1) {
      const position = 1 + dice.below(events.length);
      const snapshots = place(`life-${number}-${cut}`);
      const before = await foldOf(events.slice(0, position), snapshots);
      heldCount += before.streams.streams.filter(({ held }) => held !== "").length;
      const after = await foldOf(events, snapshots);
      expect(after.isProven).toBe(false);
      const isSame = Bun.deepEquals([after.state, after.streams], [whole.state, whole.streams], true);
      if (!isSame) differing.push(`SEED=${number} at ${position}`);
    }
  }
  expect(differing).toEqual([]);
  expect(heldCount).toBeGreaterThan(0);
}, 120_000);

test("a snapshot of a snapshot stands for the events before it", async () => {
  const events = await lifeOf(7);
  const whole = await foldOf(events);
  const snapshots = place("chain", { everyCount: 20 });
  for (let position = 30; position < events.length; position += 30) {
    // Each start proves what it was given, and so may write the next one.
    await proven(events.slice(0, position), snapshots);
  }
  const last = await foldOf(events, snapshots);
  expect(last.isProven).toBe(false);
  expect(Bun.deepEquals([last.state, last.streams], [whole.state, whole.streams], true)).toBe(true);
});

async function proven(events: readonly Event[], snapshots: SnapshotPlace): Promise<void> {
  const log = EventLog.open(":memory:");
  seed(log, events);
  const hub = new StreamHub(makeRedactor([secret]));
  const parts = { log, report: () => undefined, isResting: false };
  const fold = new LogFold({ ...parts, snapshots: { ...snapshots, prove: async () => log.verify() } }, hub);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  fold.whenProven(new AbortController().signal, { fail: reject }, resolve);
  await promise;
  await fold.kept;
  log.close();
}

test("what is folded on does not reach a snapshot that is still being written", async () => {
  const events = await lifeOf(3);
  const half = Math.floor(events.length / 2);
  const log = EventLog.open(":memory:");
  seed(log, events.slice(0, half));
  const snapshots = place("moving");
  const fold = new LogFold({ log, report: () => undefined, isResting: false, snapshots }, new StreamHub());
  fold.whenProven(new AbortController().signal, { fail: () => undefined }, () => {
    for (const event of events.slice(half)) evolve(fold.state, event);
  });
  await fold.kept;
  log.close();
  const [through, whole] = [await foldOf(events.slice(0, half), snapshots, []), await foldOf(events.slice(0, half))];
  expect(through.isProven).toBe(false);
  expect(Bun.deepEquals(through.state, whole.state, true)).toBe(true);
});

test("a short log leaves no snapshot, and a log of other events, an earlier copy, another program or a secret of today takes none", async () => {
  const events = await lifeOf(5);
  expect((await foldOf(events, place("short", { everyCount: events.length + 1 }))).isProven).toBe(true);
  expect((await foldOf(events, place("short"))).isProven).toBe(true);
  expect((await foldOf(events, place("short"))).isProven).toBe(false);
  expect((await foldOf(events.slice(0, -1), place("short", { everyCount: 1e9 }))).isProven).toBe(true);
  expect((await foldOf(events, place("short", { program: "two", everyCount: 1e9 }))).isProven).toBe(true);
  const others = events.map((event, index) => (index === 2 ? { ...event, at: "2020-01-01T00:00:00.000Z" } : event));
  expect((await foldOf(others, place("short", { everyCount: 1e9 }))).isProven).toBe(true);
  const { streams } = await foldOf(events);
  const word = /\S{8,}/.exec(streams.streams.map(({ text }) => text).join("\n"))?.[0] ?? "";
  const guarded = await foldOf(events, place("short", { everyCount: 1e9 }), [word]);
  expect(guarded.isProven).toBe(true);
  expect(guarded.streams.streams.map(({ text }) => text).join("\n")).not.toContain(word);
});
