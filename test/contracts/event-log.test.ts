/** What every event log does, in memory and in a file. */
import { Database } from "bun:sqlite";
import { afterEach, describe, expect, test } from "bun:test";
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Fact } from "../../src/domain/event.ts";
import { EventLog } from "../../src/log/event-log.ts";
import { LogError } from "../../src/log/log-fault.ts";
import { epic, preparedTrack, ticket, trackId } from "../support/facts.ts";

const at = "2026-01-01T00:00:00.000Z";
const later = "2026-01-01T00:00:01.000Z";
const started: Fact = {
  type: "attempt.started",
  ticketId: "T-001",
  trackId,
  attempt: 1,
  model: "m",
  provider: "p",
  isFresh: true,
};
const facts: Fact[] = [epic(), ...preparedTrack(), ticket("T-001"), ticket("T-002"), started];
const all = { after: 0, limit: 100 };

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function newFile(): string {
  const folder = mkdtempSync(join(tmpdir(), "signalbox-log-"));
  folders.push(folder);
  return join(folder, "signalbox.db");
}

function filled(path: string): EventLog {
  const log = EventLog.open(path);
  log.append(facts, at);
  return log;
}

/** A file with the facts, after its writer has closed it. */
function closedFile(): string {
  const path = newFile();
  filled(path).close();
  return path;
}

function change(path: string, sql: string): void {
  const database = new Database(path);
  database.run(sql);
  database.close();
}

function fault(work: () => unknown): LogError {
  try {
    work();
  } catch (error) {
    if (error instanceof LogError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe.each([
  ["in memory", () => ":memory:"],
  ["in a file", newFile],
])("an event log %s", (_name, newPath) => {
  test("gives events positions from 1 without gaps, and the time it was told", () => {
    const log = filled(newPath());
    const [next] = log.append([{ type: "engine.stopped", reason: "end" }], later);
    expect(next).toEqual({ type: "engine.stopped", reason: "end", position: facts.length + 1, at: later });
    expect(log.position).toBe(facts.length + 1);
    log.close();
  });

  test("reads back exactly what was appended", () => {
    const log = EventLog.open(newPath());
    const events = log.append(facts, at);
    expect(log.read(all)).toEqual(events);
    expect([...log.replay()]).toEqual(events);
    log.close();
  });

  test("reads events after a position, up to a limit", () => {
    const log = filled(newPath());
    expect(log.read({ after: 2, limit: 2 }).map((event) => event.position)).toEqual([3, 4]);
    expect(log.read({ after: 100, limit: 2 })).toEqual([]);
    log.close();
  });

  test("finds events by a glob over their types, by ticket and by track", () => {
    const log = filled(newPath());
    expect(log.read({ ...all, type: "ticket.*" }).map((event) => event.type)).toEqual([
      "ticket.created",
      "ticket.created",
    ]);
    expect(log.read({ ...all, ticketId: "T-001" }).map((event) => event.type)).toEqual([
      "ticket.created",
      "attempt.started",
    ]);
    expect(log.read({ ...all, trackId, type: "track.*" }).length).toBe(3);
    expect(log.read({ ...all, agentId: "A-0001" })).toEqual([]);
    log.close();
  });

  test("writes all facts of an append or none", () => {
    const log = filled(newPath());
    const broken = { type: "engine.stopped", reason: 1n } as unknown as Fact; // A BigInt has no JSON: the write fails half-way.
    expect(() => log.append([epic({ epicId: "E-002" }), broken], at)).toThrow();
    expect(log.read(all).length).toBe(facts.length);
    log.append([epic({ epicId: "E-003" })], at);
    expect([...log.replay()].length).toBe(facts.length + 1);
    log.close();
  });
});

describe("an event log in a file", () => {
  test("goes on after the last event of the process before", () => {
    const path = closedFile();
    const log = EventLog.open(path);
    expect([...log.replay()].length).toBe(facts.length);
    expect(log.append([{ type: "engine.stopped", reason: "end" }], later)[0]?.position).toBe(facts.length + 1);
    log.close();
  });

  test.each([
    ["a changed body", `UPDATE events SET body = replace(body, 'Greet', 'Grab') WHERE position = 2`],
    ["a changed time", "UPDATE events SET at = '2020-01-01T00:00:00.000Z' WHERE position = 2"],
    ["a changed type", "UPDATE events SET type = 'track.landed' WHERE position = 2"],
    ["a missing row", "DELETE FROM events WHERE position = 2"],
  ])("names the position of %s at the next start", (_name, sql) => {
    const path = closedFile();
    change(path, sql);
    const log = EventLog.open(path);
    expect(fault(() => [...log.replay()]).message).toContain("damaged at position 2");
    log.close();
  });

  test("says in words that the disk has lost a part of it", () => {
    const path = newFile();
    const log = EventLog.open(path);
    for (let count = 0; count < 200; count += 1) log.append([epic({ goal: "x".repeat(500) })], at);
    log.close();
    const bytes = readFileSync(path);
    writeFileSync(path, bytes.fill(0xff, 8192));
    const damaged = EventLog.open(path);
    expect(fault(() => [...damaged.replay()]).message).toContain("damaged at position");
    damaged.close();
  });

  test("may be read while another writes, and refuses to be written by the reader", () => {
    const path = newFile();
    const writer = filled(path);
    const reader = EventLog.open(path, { isReadonly: true });
    writer.append([{ type: "engine.stopped", reason: "end" }], later);
    expect(reader.read(all)).toEqual(writer.read(all));
    expect(fault(() => reader.append([epic()], at)).message).toContain("for reading");
    reader.close();
    writer.close();
  });

  test.each([false, true])("refuses what a newer version wrote (to a reader: %p)", (isReadonly) => {
    const path = closedFile();
    change(path, "PRAGMA user_version = 99");
    expect(fault(() => EventLog.open(path, { isReadonly })).message).toContain("newer version");
  });

  test("says in words that a file is no log", () => {
    const path = newFile();
    writeFileSync(path, "This is a letter to my aunt, and not a database at all.".repeat(50));
    expect(fault(() => EventLog.open(path)).message).toContain(path);
  });

  test("says in words that there is nothing to read", () => {
    expect(fault(() => EventLog.open(newFile(), { isReadonly: true })).message).toContain("cannot be used");
  });

  test("says that its end is missing when its write-ahead file was deleted before it was taken in", () => {
    const path = newFile();
    const log = filled(path);
    const copy = join(newFile(), "..", "copy.db");
    for (const ending of ["", "-head"]) copyFileSync(`${path}${ending}`, `${copy}${ending}`);
    log.close();
    const cut = EventLog.open(copy);
    expect(fault(() => [...cut.replay()]).message).toContain(`written up to position ${facts.length}`);
    expect(fault(() => cut.verify()).code).toBe("log_damaged");
    cut.close();
  });

  test("refuses a file that is gone while its write-ahead file is there, and leaves that", () => {
    const path = newFile();
    writeFileSync(`${path}-wal`, "events");
    expect(fault(() => EventLog.open(path)).message).toContain("Bring the file back");
    expect(readFileSync(`${path}-wal`, "utf8")).toBe("events");
  });

  test.each(["", "-wal"])("takes no more events once its file (name + '%s') is gone", (ending) => {
    const path = newFile();
    const log = filled(path);
    rmSync(`${path}${ending}`);
    expect(fault(() => log.checkPlace()).code).toBe("log_gone");
    expect(fault(() => log.append([epic()], later)).code).toBe("log_gone");
  });

  test("is its owner's alone, with all files beside it", () => {
    const path = newFile();
    const log = filled(path);
    const modes = readdirSync(dirname(path)).map((name) => statSync(join(dirname(path), name)).mode & 0o777);
    expect(modes).toEqual(modes.map(() => 0o600));
    expect(modes.length).toBeGreaterThan(2);
    log.close();
  });

  test("checks for a reader only what it has not checked before", () => {
    const path = newFile();
    const writer = filled(path);
    const reader = EventLog.open(path, { isReadonly: true });
    const checked = reader.verify();
    writer.append([{ type: "engine.stopped", reason: "end" }], later);
    expect(reader.verify(checked).position).toBe(facts.length + 1);
    change(path, `UPDATE events SET body = '{}' WHERE position = ${facts.length + 1}`);
    expect(fault(() => reader.verify(checked)).message).toContain(`position ${facts.length + 1}`);
    reader.close();
    writer.close();
  });

  test("names a row that says of another ticket than its body", () => {
    const path = closedFile();
    change(path, "UPDATE events SET track_id = 'other' WHERE position = 2");
    const log = EventLog.open(path);
    expect(fault(() => [...log.replay()]).message).toContain("position 2");
    log.close();
  });

  test("tells of each commit before and after it", () => {
    const told: string[] = [];
    const log = EventLog.open(newFile(), { onCommit: (when) => told.push(`${when} ${log.read(all).length}`) });
    log.append([epic(), epic({ epicId: "E-002" })], at);
    expect(told).toEqual(["before 0", "after 2"]);
    log.close();
  });
});
