/** Brings a log's schema to the present version; refuses one that a newer version wrote. */
import type { Database } from "bun:sqlite";

const steps = [
  `CREATE TABLE events (
    position INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    type TEXT NOT NULL,
    agent_id TEXT,
    ticket_id TEXT,
    track_id TEXT,
    body TEXT NOT NULL,
    hash TEXT NOT NULL
  ) STRICT;
  CREATE INDEX events_by_agent ON events (agent_id, position) WHERE agent_id IS NOT NULL;
  CREATE INDEX events_by_ticket ON events (ticket_id, position) WHERE ticket_id IS NOT NULL;`,
];

/** Applies the steps that are missing, each in a transaction of its own. */
export function migrate(database: Database): void {
  const row = database.query<{ user_version: number }, []>("PRAGMA user_version").get();
  const version = row?.user_version ?? 0;
  if (version > steps.length) {
    throw new Error(
      `The event log was written by a newer version of Signalbox (schema ${version}, this one knows ${steps.length}). Update Signalbox.`,
    );
  }
  for (const [index, step] of steps.entries()) {
    if (index < version) continue;
    database.transaction(() => {
      database.run(step);
      database.run(`PRAGMA user_version = ${index + 1}`);
    })();
  }
}
