/**
 * The append-only event log in SQLite: the one truth. A row's hash covers the row before it, so a changed row is found at
 * the next start. One process writes; others may read beside it.
 */
import { Database, type SQLQueryBindings } from "bun:sqlite";
import { chmodSync, closeSync, existsSync, openSync, statSync } from "node:fs";
import type { Event, Fact } from "../domain/event.ts";
import { damaged, gone, LogError, misshapen, unusable, writeFault } from "./log-fault.ts";
import { LogHead, Places } from "./log-head.ts";
import { type Checked, eventOf, next, type Row, rowOf, unlike } from "./log-row.ts";
import { checkVersion, migrate } from "./migrations.ts";

export interface LogQuery {
  readonly after: number;
  readonly limit: number;
  /** Only events below this position. */
  readonly before?: number;
  /** A glob over event types, such as `ticket.*`. */
  readonly type?: string;
  readonly agentId?: string;
  readonly ticketId?: string;
  readonly trackId?: string;
}

/** Called right before and right after each transaction. Only what tries crashes gives one. */
export type CommitHook = (when: "before" | "after") => void;

export interface LogOptions {
  readonly isReadonly?: boolean;
  readonly onCommit?: CommitHook;
}

const columns = "position, at, type, body, hash, agent_id, ticket_id, track_id";
const inMemory = ":memory:";
/** Rows that are read at once: row by row takes twice as long, and each may hold a long text. */
const readAtOnce = 200;
const nothing: Checked = { position: 0, hash: "" };

export class EventLog {
  readonly #path: string;
  readonly #database: Database;
  readonly #insert;
  readonly #head: LogHead | null;
  readonly #places: Places | null;
  readonly #onCommit: CommitHook | undefined;
  #checked: Checked = nothing;
  #added: { readonly row: Row; readonly event: Event }[] = [];

  /** Opens or makes the log at `path` (`:memory:` for one that is gone afterwards). Throws `LogError`. */
  static open(path: string, options: LogOptions = {}): EventLog {
    const database = openDatabase(path, options.isReadonly === true);
    try {
      return new EventLog(path, database, options);
    } catch (error) {
      database.close();
      throw unusable(path, error);
    }
  }

  private constructor(path: string, database: Database, { isReadonly = false, onCommit }: LogOptions) {
    this.#path = path;
    this.#database = database;
    this.#onCommit = onCommit;
    if (isReadonly) checkVersion(database);
    else migrate(database);
    this.#head = path === inMemory ? null : new LogHead(path);
    this.#places = path === inMemory || isReadonly ? null : new Places([path, `${path}-wal`]);
    this.#insert = isReadonly
      ? null
      : database.query(
          "INSERT INTO events (position, at, type, agent_id, ticket_id, track_id, body, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        );
  }

  /** The position of the last event on disk. */
  get position(): number {
    return this.#checked.position;
  }

  /** How far it has been checked, or written: its end, once it was replayed. */
  get checked(): Checked {
    return this.#checked;
  }

  /**
   * Every event in order, each row checked; after a row that holds (`has`) only those behind it, and not the file's structure.
   * Must be read to its end before the first append. Throws `LogError` at the first bad one.
   */
  *replay(since: Checked = nothing): Generator<Event> {
    // Read first: a writer beside this reader may go on meanwhile.
    const reached = this.#head?.read() ?? 0;
    let checked = since;
    for (const row of this.#rows(since.position)) {
      const { event, ...upTo } = next(checked, row);
      checked = upTo;
      yield event;
    }
    this.#checkEnd(checked, reached);
    if (since.position === 0) this.#checkStructure();
    this.#checked = checked;
  }

  /** Checks the rows after those that were checked before; all of them without that. Throws `LogError`. */
  verify(since: Checked = nothing): Checked {
    if (since.position > 0 && !this.has(since)) throw damaged(since.position, unlike);
    for (const event of this.replay(since)) void event;
    return this.#checked;
  }

  /** Whether the row at this position has this hash; says nothing of the rows before it. Throws `LogError`. */
  has({ position, hash }: Checked): boolean {
    const [row] = this.#rows(position - 1);
    return row?.position === position && row.hash === hash;
  }

  /** Rows are found by their keys and indexes: those must lead to all of them. */
  #checkStructure(): void {
    const fault = structureFault(this.#database);
    if (fault !== null) throw misshapen(fault);
  }

  /** Rows after a position, up to the first that SQLite itself cannot read: that throws. */
  *#rows(after: number): Generator<Row> {
    const sql = `SELECT ${columns} FROM events WHERE position > ? ORDER BY position LIMIT ?`;
    let position = after;
    let limit = readAtOnce;
    for (;;) {
      let rows: Row[];
      try {
        rows = this.#database.query<Row, [number, number]>(sql).all(position, limit);
      } catch (error) {
        if (limit === 1) throw damaged(position + 1, error instanceof Error ? error.message : String(error), error);
        // One row by one from here: up to the bad one all can be read.
        limit = 1;
        continue;
      }
      yield* rows;
      position = rows.at(-1)?.position ?? position;
      if (rows.length < limit) return;
    }
  }

  #checkEnd(checked: Checked, reached: number): void {
    if (checked.position < reached)
      throw damaged(
        checked.position + 1,
        `it was written up to position ${reached}, and its end is missing. Was ${this.#path}-wal deleted or cut`,
      );
  }

  /** Writes facts in one transaction, on disk when this returns. A failed write throws: the process must not go on. */
  append(facts: readonly Fact[], at: string): Event[] {
    const events = this.add(facts, at);
    this.commit();
    return events;
  }

  /** Makes facts the next events, which are on disk once `commit` has returned; until then a crash takes them back. */
  add(facts: readonly Fact[], at: string): Event[] {
    let checked: Checked = this.#added.at(-1)?.row ?? this.#checked;
    const added = facts.map((fact) => {
      const row = rowOf(checked, fact, at);
      checked = row;
      return { row, event: { ...fact, position: row.position, at } };
    });
    this.#added.push(...added);
    return added.map(({ event }) => event);
  }

  /** Whether events wait for `commit`. */
  get hasAdded(): boolean {
    return this.#added.length > 0;
  }

  /** Writes what was added in one transaction, and gives it; a failed write takes it back and throws, and the process must not go on. */
  commit(): Event[] {
    const added = this.#added;
    const last = added.at(-1);
    if (last === undefined) return [];
    const insert = this.#insert;
    if (!insert) throw new LogError("The log was opened for reading.");
    this.#added = [];
    this.#onCommit?.("before");
    try {
      this.#database
        .transaction(() => {
          for (const { row } of added) {
            const { position, at, type, agent_id, ticket_id, track_id, body, hash } = row;
            insert.run(position, at, type, agent_id, ticket_id, track_id, body, hash);
          }
        })
        .immediate();
      this.#onCommit?.("after");
      this.#head?.write(last.row.position);
    } catch (error) {
      throw writeFault(this.#path, error);
    }
    this.checkPlace();
    this.#checked = { position: last.row.position, hash: last.row.hash };
    return added.map(({ event }) => event);
  }

  /** Throws when the files are no longer where they were opened: what is written to them then is lost. */
  checkPlace(): void {
    const path = this.#places?.missing() ?? null;
    if (path !== null) throw gone(path);
  }

  /** Events after a position, oldest first. */
  read(query: LogQuery): Event[] {
    const conditions = ["position > ?"];
    const values: SQLQueryBindings[] = [query.after];
    const where = (sql: string, value: SQLQueryBindings | undefined) => {
      if (value === undefined) return;
      conditions.push(sql);
      values.push(value);
    };
    where("position < ?", query.before);
    where("type GLOB ?", query.type);
    where("agent_id = ?", query.agentId);
    where("ticket_id = ?", query.ticketId);
    where("track_id = ?", query.trackId);
    const sql = `SELECT ${columns} FROM events WHERE ${conditions.join(" AND ")} ORDER BY position LIMIT ?`;
    return this.#database
      .query<Row, SQLQueryBindings[]>(sql)
      .all(...values, query.limit)
      .map(eventOf);
  }

  close(): void {
    this.#head?.close();
    this.#database.close();
  }
}

function openDatabase(path: string, isReadonly: boolean): Database {
  try {
    if (!isReadonly && path !== inMemory) prepareFile(path);
    const database = isReadonly
      ? new Database(path, { readonly: true, strict: true })
      : new Database(path, { create: true, strict: true });
    database.run("PRAGMA busy_timeout = 2000");
    // Also for looking: the file may be a stranger's, whose views and triggers must call nothing.
    database.run("PRAGMA trusted_schema = OFF");
    if (!isReadonly) {
      database.run("PRAGMA journal_mode = WAL");
      database.run("PRAGMA synchronous = FULL");
    }
    return database;
  } catch (error) {
    throw unusable(path, error);
  }
}

/** SQLite gives the files that it makes beside the database the database's own mode: nobody else's. */
function prepareFile(path: string): void {
  const isEmpty = (statSync(path, { throwIfNoEntry: false })?.size ?? 0) === 0;
  // SQLite would throw such a write-ahead file away, and with it what it holds.
  if (isEmpty && (statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0)
    throw new LogError(
      `The event log ${path} is gone or empty, and ${path}-wal is still there. Bring the file back, or move .signalbox/signalbox.db* aside to start anew.`,
      "log_damaged",
    );
  if (existsSync(path)) return chmodSync(path, 0o600);
  closeSync(openSync(path, "a", 0o600));
}

function structureFault(database: Database): string | null {
  try {
    const found = database.query<{ integrity_check: string }, []>("PRAGMA integrity_check(1)").get();
    return found?.integrity_check === "ok" ? null : (found?.integrity_check ?? "it cannot be checked");
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
