/**
 * One process a project: an exclusive SQLite transaction that is held open, which the kernel releases when the process
 * ends in any way, `kill -9` included. A file beside it says who holds it, for people.
 */
import { Database, SQLiteError } from "bun:sqlite";
import { closeSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

const Holder = z.object({ pid: z.number(), command: z.string(), since: z.string() });
export type Holder = z.infer<typeof Holder>;

/** Another process holds the project. */
export class LockedError extends Error {
  override readonly name = "LockedError";
}

export class ProjectLock {
  readonly #database: Database;

  /** Takes the lock of a state folder, or throws `LockedError` that names the holder. */
  static take(stateDir: string, holder: Holder): ProjectLock {
    const path = join(stateDir, "lock.db");
    closeSync(openSync(path, "a", 0o600));
    const database = new Database(path, { create: true, strict: true });
    try {
      database.run("PRAGMA busy_timeout = 0");
      database.run("BEGIN EXCLUSIVE");
    } catch (error) {
      database.close();
      // A full or read-only disk is not another process.
      if (!(error instanceof SQLiteError && error.code === "SQLITE_BUSY")) throw error;
      throw new LockedError(heldBy(stateDir), { cause: error });
    }
    writeFileSync(join(stateDir, "holder.json"), JSON.stringify(holder), { mode: 0o600 });
    return new ProjectLock(database);
  }

  private constructor(database: Database) {
    this.#database = database;
  }

  release(): void {
    this.#database.run("ROLLBACK");
    this.#database.close();
  }
}

function heldBy(stateDir: string): string {
  const advice = "Use that one, or end it first.";
  try {
    const holder = Holder.parse(JSON.parse(readFileSync(join(stateDir, "holder.json"), "utf8")));
    return `This project is held by another Signalbox: process ${holder.pid} (${holder.command}), since ${holder.since}. ${advice}`;
  } catch (error) {
    return `This project is held by another Signalbox, and who it is cannot be read (${error instanceof Error ? error.message : String(error)}). ${advice}`;
  }
}
