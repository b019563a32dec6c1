/** Reads the log of a project without its lock: an engine may be writing to it in another process. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Event } from "../domain/event.ts";
import type { EventQuery } from "../engine/engine-api.ts";
import { EventLog } from "../log/event-log.ts";
import type { Checked } from "../log/log-row.ts";
import type { Project } from "./project.ts";

/** How far each project's log was checked: who follows it need not check its beginning again. */
const checkedLogs = new WeakMap<Project, Checked>();

/** The log's file. */
export function logPath(project: Project): string {
  return join(project.stateDir, "signalbox.db");
}

/** The events that a query names, in log order; none when the project has no log yet. Throws rather than show one that was changed. */
export function readEvents(project: Project, query: EventQuery): readonly Event[] {
  const path = logPath(project);
  if (!existsSync(path)) return [];
  const log = EventLog.open(path, { isReadonly: true });
  try {
    checkedLogs.set(project, log.verify(checkedLogs.get(project)));
    return log.read(query);
  } finally {
    log.close();
  }
}
