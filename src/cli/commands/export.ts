/** `signalbox export FILE`: the events of the log as JSON lines, also of a damaged one: up to the first that cannot be trusted. */
import { closeSync, existsSync, fsyncSync, openSync, writeSync } from "node:fs";
import { resolve } from "node:path";
import { EventLog } from "../../log/event-log.ts";
import { LogError } from "../../log/log-fault.ts";
import { failure } from "../cli-error.ts";
import type { RunCommand } from "../command-table.ts";
import { eventJson } from "../progress.ts";
import { findProject } from "../project.ts";
import { logPath } from "../read-log.ts";

/** Writes the file; its last line says up to which position it goes, and why no further. */
export const exportLog: RunCommand = async ({ options, positionals }, world) => {
  const project = await findProject(options.project, world);
  const path = logPath(project);
  if (!existsSync(path))
    throw failure("no_log", `${project.root} has no event log yet, so there is nothing to export.`);
  const file = resolve(world.cwd, positionals[0] ?? "");
  const log = EventLog.open(path, { isReadonly: true });
  try {
    const { position, reason } = writeEvents(log, file);
    const words = reason === null ? "all of the log" : `up to where it can be trusted. ${reason}`;
    if (options.json)
      world.out(`${JSON.stringify({ file, eventCount: position, isWhole: reason === null, reason })}\n`);
    else world.out(`${position} events were written to ${file}: ${words}\n`);
    return 0;
  } finally {
    log.close();
  }
};

interface Exported {
  readonly position: number;
  /** Why it ends there; null at the log's own end. */
  readonly reason: string | null;
}

function writeEvents(log: EventLog, file: string): Exported {
  const descriptor = newFile(file);
  try {
    const end = writeLines(log, (line) => writeSync(descriptor, `${line}\n`));
    const { position, reason } = end;
    writeSync(descriptor, `${JSON.stringify({ type: "export.ended", position, isWhole: reason === null, reason })}\n`);
    fsyncSync(descriptor);
    return end;
  } finally {
    closeSync(descriptor);
  }
}

function writeLines(log: EventLog, write: (line: string) => void): Exported {
  let position = 0;
  try {
    for (const event of log.replay()) {
      write(eventJson(event));
      position = event.position;
    }
    return { position, reason: null };
  } catch (error) {
    if (error instanceof LogError) return { position, reason: error.message };
    throw error;
  }
}

/** Events hold code and prompts: the file is its owner's alone. */
function newFile(file: string): number {
  try {
    return openSync(file, "wx", 0o600);
  } catch (cause) {
    const isThere = cause instanceof Error && "code" in cause && cause.code === "EEXIST";
    const why = isThere ? "is there already, and nothing is overwritten" : `cannot be made (${String(cause)})`;
    throw failure("no_export", `${file} ${why}. Give the name of a new file.`, { cause });
  }
}
