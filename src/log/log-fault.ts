/** What can be wrong with the log and with the disk under it, in sentences that say what to do. */
import { SQLiteError } from "bun:sqlite";

export const logFaultCodes = [
  "log_unusable",
  "log_damaged",
  "log_gone",
  "disk_full",
  "disk_failed",
  "disk_readonly",
] as const;
export type LogFaultCode = (typeof logFaultCodes)[number];

/** The log cannot be trusted or used: the message says what is wrong and what to do. */
export class LogError extends Error {
  override readonly name = "LogError";
  readonly code: LogFaultCode;

  constructor(message: string, code: LogFaultCode = "log_unusable", options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

const goOn = 'Then go on with "signalbox resume": what was recorded is kept.';

/** A disk that is full, broken or read-only, as a fault of the whole program; null for any other error. */
export function diskFault(error: unknown, what: string): LogError | null {
  if (error instanceof LogError) return error;
  const words = wordsOf(error);
  if (/SQLITE_FULL|ENOSPC|EDQUOT|No space left on device|Disk quota exceeded/.test(words))
    return new LogError(`The disk is full: ${what} could not be written. Make room. ${goOn}`, "disk_full", {
      cause: error,
    });
  if (/SQLITE_READONLY|EROFS|Read-only file system/.test(words))
    return new LogError(
      `The disk is read-only: ${what} could not be written. Make it writable. ${goOn}`,
      "disk_readonly",
      {
        cause: error,
      },
    );
  if (/SQLITE_IOERR|\bEIO\b|Input\/output error/.test(words))
    return new LogError(
      `The disk failed while ${what} was written (${firstLine(words)}). Look after the disk, and whether it is full. ${goOn}`,
      "disk_failed",
      { cause: error },
    );
  return null;
}

/** A write to the log that failed, whatever the cause. */
export function writeFault(path: string, error: unknown): LogError {
  const known = diskFault(error, `the event log ${path}`);
  return (
    known ??
    new LogError(`The event log ${path} could not be written: ${firstLine(wordsOf(error))}. ${goOn}`, "log_unusable", {
      cause: error,
    })
  );
}

/** A log that cannot be opened. */
export function unusable(path: string, error: unknown): LogError {
  const known = error instanceof LogError ? error : diskFault(error, `the event log ${path}`);
  if (known) return known;
  const cause = error instanceof Error ? error.message : String(error);
  return new LogError(`The event log ${path} cannot be used: ${cause.replace(/\.$/, "")}.`, "log_unusable", {
    cause: error,
  });
}

const advice =
  "Nothing was changed. Bring a copy of it back, or move .signalbox/signalbox.db* aside to start anew; branches and worktrees stay.";

/** A log whose events cannot all be trusted. */
export function damaged(position: number, how: string, cause?: unknown): LogError {
  return new LogError(
    `The event log is damaged at position ${position}: ${how.replace(/\.$/, "")}. "signalbox export FILE" writes the events before that to a file. ${advice}`,
    "log_damaged",
    { cause },
  );
}

/** A log whose events are whole, while SQLite would not find them all. */
export function misshapen(how: string): LogError {
  return new LogError(
    `The event log's file is damaged around its events: ${how.trim().replace(/\.$/, "")}. "signalbox export FILE" writes the events to a file. ${advice}`,
    "log_damaged",
  );
}

/** A log whose file is no longer where it was opened. */
export function gone(path: string): LogError {
  return new LogError(
    `The event log ${path} was moved or deleted while Signalbox was using it, so nothing more can be recorded. Bring it back, then go on with "signalbox resume"; branches stay in git.`,
    "log_gone",
  );
}

function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = error instanceof SQLiteError || "code" in error ? `${String(error.code)}: ` : "";
  const stderr = "stderr" in error ? `\n${String(error.stderr)}` : "";
  return `${code}${error.message}${stderr}`;
}

function firstLine(words: string): string {
  return (words.split("\n")[0] ?? "").replace(/\.$/, "");
}
