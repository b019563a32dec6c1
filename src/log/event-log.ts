/**
 * The append-only event log in SQLite: the one truth. A row's hash covers the row before it, so a changed row is found at
 * the next start. One process writes; others may read beside it.
 */
import { Database, type SQLQueryBindings } from "bun:sqlite";
import { chmodSync, closeSync, existsSync, openSync, statSync } from "node:fs";
import type { Event, Fact } from "../domain/event.ts";
import { damaged, gone, LogError, misshapen, unusable, writeFault } from "./log-fault.ts";
import { LogHead, Places } from "./log-head.ts";
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

/** How far a log has been checked. */
export interface Checked {
  readonly position: number;
  readonly hash: string;
}

interface Row {
  readonly position: number;
  readonly at: string;
  readonly type: string;
  readonly body: string;
  readonly hash: string;
  readonly agent_id: string | null;
  readonly ticket_id: string | null;
  readonly track_id: string | null;
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

  get position(): number {
    return this.#checked.position;
  }

  /** Every event in order, each row checked. Must be read to its end before the first append. Throws `LogError` at the first bad one. */
  *replay(): Generator<Event> {
    // Read first: a writer beside this reader may go on meanwhile.
    const reached = this.#head?.read() ?? 0;
    let checked = nothing;
    for (const row of this.#rows(0)) {
      const { event, ...upTo } = next(checked, row);
      checked = upTo;
      yield event;
    }
    this.#checkEnd(checked, reached);
    this.#checkStructure();
    this.#checked = checked;
  }

  /** Checks the rows after those that were checked before; all of them without that. Throws `LogError`. */
  verify(since: Checked = nothing): Checked {
    const reached = this.#head?.read() ?? 0;
    let checked = nothing;
    const from = Math.max(0, since.position - 1);
    for (const row of this.#rows(from)) {
      if (checked === nothing && since.position > 0) {
        if (row.position !== since.position || row.hash !== since.hash) throw damaged(row.position, unlike);
        checked = since;
      } else {
        const { position, hash } = next(checked, row);
        checked = { position, hash };
      }
    }
    this.#checkEnd(checked, reached);
    if (since.position === 0) this.#checkStructure();
    return checked;
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
    const insert = this.#insert;
    if (!insert) throw new LogError("The log was opened for reading.");
    const events: Event[] = [];
    let checked = this.#checked;
    this.#onCommit?.("before");
    try {
      this.#database
        .transaction(() => {
          for (const fact of facts) {
            const row = rowOf(checked, fact, at);
            const { position, hash } = row;
            insert.run(position, at, row.type, row.agent_id, row.ticket_id, row.track_id, row.body, hash);
            checked = { position, hash };
            events.push({ ...fact, position, at });
          }
        })
        .immediate();
      this.#onCommit?.("after");
      this.#head?.write(checked.position);
    } catch (error) {
      throw writeFault(this.#path, error);
    }
    this.checkPlace();
    this.#checked = checked;
    return events;
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

const unlike = "the row does not match its hash";

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

/** How far the log is checked with this row; throws when it is not the one that was written there. */
function next(checked: Checked, row: Row): Checked & { readonly event: Event } {
  const position = checked.position + 1;
  const hash = rowHash(checked.hash, row);
  if (row.position !== position || row.hash !== hash) throw damaged(position, unlike);
  const event = eventOf(row);
  const refs = refsOf(event);
  const isSame = refs.agent_id === row.agent_id && refs.ticket_id === row.ticket_id && refs.track_id === row.track_id;
  if (!isSame) throw damaged(position, "the row does not say whose event it is");
  return { position, hash, event };
}

function rowOf(checked: Checked, { type, ...fields }: Fact, at: string): Row {
  const row = { position: checked.position + 1, at, type, body: JSON.stringify(fields) };
  return { ...row, ...refsOf(fields), hash: rowHash(checked.hash, row) };
}

function refsOf(fields: object): Pick<Row, "agent_id" | "ticket_id" | "track_id"> {
  const refs = fields as { agentId?: string; ticketId?: string; trackId?: string }; // Absent in some facts: null then.
  return { agent_id: refs.agentId ?? null, ticket_id: refs.ticketId ?? null, track_id: refs.trackId ?? null };
}

function rowHash(previous: string, row: Pick<Row, "position" | "at" | "type" | "body">): string {
  return Bun.SHA256.hash(`${previous}\n${row.position}\n${row.at}\n${row.type}\n${row.body}`, "hex");
}

function eventOf(row: Row): Event {
  // Only `append` writes rows, and the hash chain shows that none was changed since: parsing each again with zod costs
  // more than the rest of a replay.
  return Object.assign(JSON.parse(row.body) as Fact, { type: row.type, position: row.position, at: row.at }) as Event;
}
