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

/** Refuses a log that another version wrote. Throws with words for a person. */
export function checkVersion(database: Database): void {
  const version = versionOf(database);
  if (version > steps.length) {
    throw new Error(
      `it was written by a newer version of Signalbox (schema ${version}, this one knows ${steps.length}). Update Signalbox`,
    );
  }
  if (version < steps.length) {
    throw new Error(
      `its schema is ${version} and this version of Signalbox reads ${steps.length}. Run "signalbox resume" once to bring it up to date`,
    );
  }
}

/** Applies the steps that are missing, each in a transaction of its own. */
export function migrate(database: Database): void {
  const version = versionOf(database);
  for (const [index, step] of steps.entries()) {
    if (index < version) continue;
    database.transaction(() => {
      database.run(step);
      database.run(`PRAGMA user_version = ${index + 1}`);
    })();
  }
  checkVersion(database);
}

function versionOf(database: Database): number {
  return database.query<{ user_version: number }, []>("PRAGMA user_version").get()?.user_version ?? 0;
}
