/**
 * The append-only event log in SQLite: the one truth. A row's hash covers the row before it, so a changed row is found at
 * the next start. One process writes; others may read beside it.
 */
import { Database, type SQLQueryBindings } from "bun:sqlite";
import { createHash } from "node:crypto";
import type { Event, Fact } from "../domain/event.ts";
import { checkVersion, migrate } from "./migrations.ts";

export interface LogQuery {
  readonly after: number;
  readonly limit: number;
  /** A glob over event types, such as `ticket.*`. */
  readonly type?: string;
  readonly agentId?: string;
  readonly ticketId?: string;
  readonly trackId?: string;
}

/** The log cannot be trusted or used: the message says what is wrong and what to do. */
export class LogError extends Error {
  override readonly name = "LogError";
}

interface Row {
  readonly position: number;
  readonly at: string;
  readonly type: string;
  readonly body: string;
  readonly hash: string;
}

const columns = "position, at, type, body, hash";

export class EventLog {
  readonly #database: Database;
  readonly #insert;
  #position = 0;
  #hash = "";

  /** Opens or makes the log at `path` (`:memory:` for one that is gone afterwards). Throws `LogError`. */
  static open(path: string, options: { isReadonly?: boolean } = {}): EventLog {
    const isReadonly = options.isReadonly === true;
    const database = openDatabase(path, isReadonly);
    try {
      return new EventLog(database, isReadonly);
    } catch (error) {
      database.close();
      throw unusable(path, error);
    }
  }

  private constructor(database: Database, isReadonly: boolean) {
    this.#database = database;
    if (isReadonly) checkVersion(database);
    else migrate(database);
    this.#insert = isReadonly
      ? null
      : database.query(
          "INSERT INTO events (position, at, type, agent_id, ticket_id, track_id, body, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        );
  }

  get position(): number {
    return this.#position;
  }

  /** Every event in order, each row's hash checked. Must be read to its end before the first append. */
  *replay(): Generator<Event> {
    let hash = "";
    let position = 0;
    const rows = this.#database.query<Row, []>(`SELECT ${columns} FROM events ORDER BY position`).iterate();
    for (const row of readable(rows)) {
      position += 1;
      hash = rowHash(hash, row);
      if (row.position !== position || row.hash !== hash) throw damaged(position, "the row does not match its hash");
      yield eventOf(row);
    }
    this.#hash = hash;
    this.#position = position;
  }

  /** Writes facts in one transaction, on disk when this returns. A failed write throws: the process must not go on. */
  append(facts: readonly Fact[], at: string): Event[] {
    const insert = this.#insert;
    if (!insert) throw new LogError("The log was opened for reading.");
    let { position, hash } = { position: this.#position, hash: this.#hash };
    const events: Event[] = [];
    this.#database
      .transaction(() => {
        for (const fact of facts) {
          position += 1;
          const { type, ...fields } = fact;
          const row = { position, at, type, body: JSON.stringify(fields) };
          hash = rowHash(hash, row);
          const refs = fields as { agentId?: string; ticketId?: string; trackId?: string }; // Absent in some facts: null then.
          insert.run(
            position,
            at,
            type,
            refs.agentId ?? null,
            refs.ticketId ?? null,
            refs.trackId ?? null,
            row.body,
            hash,
          );
          events.push({ ...fact, position, at });
        }
      })
      .immediate();
    this.#position = position;
    this.#hash = hash;
    return events;
  }

  /** Events after a position, oldest first. */
  read(query: LogQuery): Event[] {
    const conditions = ["position > ?"];
    const values: SQLQueryBindings[] = [query.after];
    const where = (sql: string, value: string | undefined) => {
      if (value === undefined) return;
      conditions.push(sql);
      values.push(value);
    };
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
    this.#database.close();
  }
}

function openDatabase(path: string, isReadonly: boolean): Database {
  try {
    const database = isReadonly
      ? new Database(path, { readonly: true, strict: true })
      : new Database(path, { create: true, strict: true });
    database.run("PRAGMA busy_timeout = 2000");
    if (!isReadonly) {
      database.run("PRAGMA journal_mode = WAL");
      database.run("PRAGMA synchronous = FULL");
      database.run("PRAGMA trusted_schema = OFF");
    }
    return database;
  } catch (error) {
    throw unusable(path, error);
  }
}

function unusable(path: string, error: unknown): LogError {
  const cause = error instanceof Error ? error.message : String(error);
  return new LogError(`The event log ${path} cannot be used: ${cause.replace(/\.$/, "")}.`, { cause: error });
}

/** Rows up to the first that SQLite itself cannot read. */
function* readable(rows: Iterable<Row>): Generator<Row> {
  let count = 0;
  try {
    for (const row of rows) {
      count += 1;
      yield row;
    }
  } catch (error) {
    throw damaged(count + 1, error instanceof Error ? error.message : String(error), error);
  }
}

function damaged(position: number, how: string, cause?: unknown): LogError {
  return new LogError(
    `The event log is damaged at position ${position}: ${how}. Nothing was changed. Move .signalbox/signalbox.db aside to start anew; branches and worktrees stay.`,
    { cause },
  );
}

function rowHash(previous: string, row: { position: number; at: string; type: string; body: string }): string {
  return createHash("sha256").update(`${previous}\n${row.position}\n${row.at}\n${row.type}\n${row.body}`).digest("hex");
}

function eventOf(row: Row): Event {
  // Only `append` writes rows, and the hash chain shows that none was changed since: parsing each again with zod costs
  // more than the rest of a replay.
  return { ...(JSON.parse(row.body) as Fact), type: row.type, position: row.position, at: row.at } as Event;
}
