/** A start over a long log: what it shows at once, what it does only once the log is proven, and what ends it. */
import { Database } from "bun:sqlite";
import { afterEach, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fold } from "../../src/domain/evolve.ts";
import type { SnapshotPlace } from "../../src/engine/log-fold.ts";
import { EventLog } from "../../src/log/event-log.ts";
import { LogError } from "../../src/log/log-fault.ts";
import type { Checked } from "../../src/log/log-row.ts";
import { proveLog } from "../../src/prove-log.ts";
import { EngineRig } from "../support/engine-rig.ts";
import { goal, hangingWorld } from "../support/hanging-world.ts";

/** What SQLite makes files of. */
const pageSize = 4096;

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A log in which a check was under way when its engine stopped, with a snapshot of its first events. */
async function longLog() {
  const folder = mkdtempSync(join(tmpdir(), "signalbox-start-"));
  folders.push(folder);
  const path = join(folder, "signalbox.db");
  const { world, begun } = hangingWorld("check");
  const first = new EngineRig({ world, log: EventLog.open(path) });
  first.do(goal);
  await begun;
  await first.engine.stop("a test");
  const proof = Promise.withResolvers<Checked>();
  const snapshots: SnapshotPlace = {
    path: `${path}-snapshot`,
    program: "this one",
    everyCount: 10,
    prove: () => proof.promise,
  };
  const start = (more: Partial<SnapshotPlace> = {}) =>
    new EngineRig({ world, log: EventLog.open(path), parts: { snapshots: { ...snapshots, ...more } } });
  const whole = start();
  await whole.engine.stop("a test: it has folded all, and kept that");
  const read = <T>(use: (log: EventLog) => T): T => {
    const log = EventLog.open(path, { isReadonly: true });
    try {
      return use(log);
    } finally {
      log.close();
    }
  };
  return { path, start, proof, read, prove: (signal: AbortSignal) => proveLog(path, signal) };
}

function change(path: string, sql: string): void {
  const database = new Database(path);
  database.run(sql);
  database.close();
}

test("it shows the state at once, takes no command and begins nothing; once the log is proven the work goes on", async () => {
  const { start, proof, read } = await longLog();
  const before = read((log) => fold(log.replay()));
  const rig = start();
  expect(Bun.deepEquals(rig.state, before, true)).toBe(true);
  expect(rig.engine.dispatch(goal)).toMatchObject({ isAccepted: false, rejection: { code: "conflict" } });
  expect(rig.engine.refusal()).toMatchObject({ code: "conflict" });
  expect(rig.events.length).toBe(before.position);
  expect(rig.threads).toEqual([]);
  proof.resolve(read((log) => log.verify()));
  await rig.untilEvent("engine.started", ({ position }) => position > before.position);
  await rig.engine.whenSettled();
  expect(rig.statuses()).toEqual(["T-001 completed"]);
  expect(rig.isFoldEqual()).toBe(true);
  expect(rig.engine.refusal()).toBeNull();
  await rig.engine.stop("a test");
});

test("a row that was changed before the snapshot is found by the check, which ends the engine in the words of a start that reads all", async () => {
  const { path, start, read, prove } = await longLog();
  const { position } = read((log) => log.verify());
  change(path, "UPDATE events SET body = replace(body, 'Build it', 'Built it') WHERE type = 'epic.created'");
  const whole = thrownBy(() => read((log) => [...log.replay()]));
  const rig = start({ prove });
  const settled = rig.engine.whenSettled();
  const error = await rig.engine.whenFailed();
  expect(error).toBeInstanceOf(LogError);
  expect(error.message).toBe(whole.message);
  expect(error.message).toContain("damaged at position");
  await expect(settled).rejects.toThrow(whole.message);
  await rig.engine.stop("a test");
  expect(read((log) => log.read({ after: 0, limit: 10_000 }).length)).toBe(position);
});

test("a row that was changed behind the snapshot is found before anything is shown", async () => {
  const { path, start, read } = await longLog();
  const { position } = read((log) => log.verify());
  change(path, `UPDATE events SET body = '{"reason":"other"}' WHERE position = ${position}`);
  expect(thrownBy(() => start()).message).toContain(`damaged at position ${position}`);
});

test("an index that leads to no row is found by the check", async () => {
  const { path, start, prove } = await longLog();
  const database = new Database(path);
  const { rootpage } = database
    .query<{ rootpage: number }, []>("SELECT rootpage FROM sqlite_schema WHERE name = 'events_by_ticket'")
    .get() ?? { rootpage: 0 };
  database.close();
  const bytes = readFileSync(path);
  bytes.write("T-999", bytes.indexOf("T-001", (rootpage - 1) * pageSize));
  writeFileSync(path, bytes);
  const error = await start({ prove }).engine.whenFailed();
  expect(error.message).toContain("damaged around its events");
});

test("what the thread finds whole is proven to its end", async () => {
  const { read, prove } = await longLog();
  expect(await prove(new AbortController().signal)).toMatchObject(read((log) => log.verify()));
});

test("a thread that cannot say is a fault of the log", async () => {
  const path = join(tmpdir(), "signalbox-no-such-folder", "signalbox.db");
  await expect(proveLog(path, new AbortController().signal)).rejects.toThrow(path);
});

test("a stop before the proof writes nothing, and the proof is given up", async () => {
  const { start, read } = await longLog();
  const { position } = read((log) => log.verify());
  let isGivenUp = false;
  const rig = start({
    prove: (signal) => {
      signal.addEventListener("abort", () => {
        isGivenUp = true;
      });
      return new Promise(() => undefined);
    },
  });
  await rig.engine.stop("a test");
  expect([isGivenUp, rig.isReleased]).toEqual([true, true]);
  expect(read((log) => log.verify()).position).toBe(position);
});

test("a snapshot that was changed is said to be ignored, the whole log is read, and the next start has a new one", async () => {
  const { path, start, proof } = await longLog();
  const bytes = readFileSync(`${path}-snapshot`);
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 0xff;
  writeFileSync(`${path}-snapshot`, bytes);
  const rig = start();
  expect(rig.reports.join()).toContain("was ignored");
  expect(rig.engine.dispatch(goal).isAccepted).toBe(true);
  await rig.engine.stop("a test");
  const next = start();
  expect(next.reports).toEqual([]);
  expect(next.engine.dispatch(goal).isAccepted).toBe(false);
  proof.reject(new LogError("no more"));
  await next.engine.whenFailed();
});

test("another program takes no snapshot of this one, and a resting engine takes none at all", async () => {
  const { path, start } = await longLog();
  const other = start({ program: "another" });
  expect(other.engine.dispatch(goal).isAccepted).toBe(true);
  await other.engine.stop("a test");
  const resting = new EngineRig({ log: EventLog.open(path), parts: { isResting: true } });
  expect(resting.engine.dispatch(goal).isAccepted).toBe(true);
  await resting.engine.stop("a test");
});

test("a start that folds little writes no snapshot", async () => {
  const { path, start } = await longLog();
  rmSync(`${path}-snapshot`);
  const rig = start({ everyCount: 10_000 });
  await rig.engine.stop("a test");
  expect(existsSync(`${path}-snapshot`)).toBe(false);
});

function thrownBy(work: () => unknown): Error {
  try {
    work();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error("Nothing was thrown.");
}
