/** Reads the log of a project without its lock: an engine may be writing to it in another process. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Event } from "../domain/event.ts";
import type { EventQuery } from "../engine/engine-api.ts";
import { EventLog } from "../log/event-log.ts";
import type { Project } from "./project.ts";

/** The events that a query names, in log order; none when the project has no log yet. */
export function readEvents(project: Project, query: EventQuery): readonly Event[] {
  const path = join(project.stateDir, "signalbox.db");
  if (!existsSync(path)) return [];
  const log = EventLog.open(path, { isReadonly: true });
  try {
    return log.read(query);
  } finally {
    log.close();
  }
}
