/**
 * How far a log has been written, in a small file beside it. SQLite cannot tell that the end of its log was taken away (a
 * write-ahead file deleted, or cut short); this can. It is written after each commit, so it is never ahead of the log, and
 * it is not synced: after a power cut it may be behind, which is harmless.
 */
import { closeSync, existsSync, openSync, readFileSync, statSync, writeSync } from "node:fs";

const digits = 16;

export class LogHead {
  readonly #path: string;
  #descriptor: number | null = null;

  constructor(databasePath: string) {
    this.#path = `${databasePath}-head`;
  }

  /** The position that was reached at least; 0 when it is not known. */
  read(): number {
    if (!existsSync(this.#path)) return 0;
    const [position, copy] = readFileSync(this.#path, "latin1").trim().split(" ");
    // Written twice: a torn or changed file says nothing.
    return position !== undefined && position === copy && /^\d+$/.test(position) ? Number(position) : 0;
  }

  write(position: number): void {
    this.#descriptor ??= openSync(this.#path, existsSync(this.#path) ? "r+" : "w", 0o600);
    const text = String(position).padStart(digits, "0");
    writeSync(this.#descriptor, `${text} ${text}\n`, 0);
  }

  close(): void {
    if (this.#descriptor !== null) closeSync(this.#descriptor);
    this.#descriptor = null;
  }
}

/** Files by their place on the disk, to notice that one was moved, deleted or replaced under an open log. */
export class Places {
  readonly #inodes = new Map<string, number>();

  constructor(paths: readonly string[]) {
    for (const path of paths) this.#inodes.set(path, statSync(path).ino);
  }

  /** The first file that is no longer where it was. */
  missing(): string | null {
    for (const [path, inode] of this.#inodes) if (statSync(path, { throwIfNoEntry: false })?.ino !== inode) return path;
    return null;
  }
}
