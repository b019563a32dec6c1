/**
 * Writes a cassette while its run goes on, or at once from what the log holds. Each line is on its way to the disk when its
 * events are in the log; what a crash kept from the file is in the log still, so `resume` writes the whole file anew.
 */
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import type { Event } from "../../domain/event.ts";
import type { Redactor } from "../../domain/redactor.ts";
import type { CassetteHead, CassetteLine } from "../../simulator/cassette.ts";
import { failure, usageError } from "../cli-error.ts";
import { CassetteLines } from "./cassette-lines.ts";
import { lineText } from "./line-text.ts";

export interface WriterOptions {
  readonly path: string;
  readonly head: CassetteHead;
  /** The project's folder: it is called by another name in the file. */
  readonly folder: string;
  readonly redactor: Redactor;
}

export class CassetteWriter {
  readonly #options: WriterOptions;
  readonly #lines: CassetteLines;
  readonly #held: string[] = [];
  #descriptor: number | null = null;
  #exchangeCount = 0;

  /** Nothing is there before the first exchange: models are shown the names of the files that are in the project. */
  constructor(options: WriterOptions) {
    this.#options = options;
    this.#lines = new CassetteLines(options.folder);
  }

  /** Takes the events before the recording. */
  skip(events: readonly Event[]): void {
    this.#lines.skip(events);
  }

  /** Takes events in the log's order. */
  take(events: readonly Event[]): void {
    const lines = events.flatMap((event) => this.#lines.take(event));
    this.#exchangeCount += lines.filter(({ type }) => type === "exchange").length;
    this.#held.push(...lines.map((line) => this.#textOf(line)));
    if (this.#exchangeCount > 0) this.#flush();
  }

  /** Writes the last line, and closes the file. */
  end(outcome: string | null): void {
    if (outcome !== null) this.#held.push(this.#textOf({ type: "end", outcome }));
    this.#flush();
    if (this.#descriptor === null) return;
    fsyncSync(this.#descriptor);
    closeSync(this.#descriptor);
    this.#descriptor = null;
  }

  get exchangeCount(): number {
    return this.#exchangeCount;
  }

  get roughCount(): number {
    return this.#lines.roughCount;
  }

  /** Whole lines in one write each time: a crash tears the last one at most. */
  #flush(): void {
    const isNew = this.#descriptor === null;
    const text = `${isNew ? this.#textOf(this.#options.head) : ""}${this.#held.splice(0).join("")}`;
    if (text === "") return;
    this.#descriptor ??= newFile(this.#draft);
    writeWhole(this.#descriptor, text);
    // The name is taken with the first lines: what was there before stays until then.
    if (isNew) renameSync(this.#draft, this.#options.path);
  }

  get #draft(): string {
    return `${this.#options.path}.${process.pid}.part`;
  }

  #textOf(line: CassetteLine): string {
    return `${lineText(this.#options.redactor.json(line), this.#options.folder)}\n`;
  }
}

function writeWhole(descriptor: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let written = 0; written < bytes.length; ) written += writeSync(descriptor, bytes, written);
}

/** Prompts and code are in it: it is its owner's alone. */
function newFile(path: string): number {
  try {
    rmSync(path, { force: true });
    return openSync(path, "wx", 0o600);
  } catch (cause) {
    throw failure("no_cassette", `The cassette cannot be written to ${path}: ${String(cause)}.`, { cause });
  }
}

/** Wrong usage: the name is taken. */
export function refuseExisting(path: string): never {
  throw usageError(`${path} is there already, and is not overwritten. Give another name, or --force.`);
}
