/** Exceptions that reached nobody: told without a secret, recorded where an engine runs, and the end of the process. */

/** How long the engine and the command may take to end by themselves. */
const endMs = 2_000;

/** Something threw where nobody was listening: a fault of Signalbox itself. */
class ProcessFault extends Error {
  override readonly name = "ProcessFault";
  readonly code = "internal";
}

export class ProcessFaults {
  readonly #note: (words: string) => void;
  readonly #listeners = new Set<(error: Error) => void>();
  #isEnding = false;

  constructor(note: (words: string) => void) {
    this.#note = note;
  }

  /** From now on an exception that nobody catches comes here. */
  listen(): void {
    process.on("uncaughtException", (error) => this.#meet(error));
    process.on("unhandledRejection", (error) => this.#meet(error));
  }

  onFault(listener: (error: Error) => void): void {
    this.#listeners.add(listener);
  }

  #meet(thrown: unknown): void {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    this.#note(`${error.stack ?? error.message}\n`);
    if (this.#isEnding) return;
    this.#isEnding = true;
    const words = `A fault of Signalbox itself ended it: ${error.message.replace(/\.$/, "")}. What was recorded is kept: go on with "signalbox resume", and please report this.`;
    const end = () => {
      this.#note(`signalbox: ${words}\n`);
      process.exit(1);
    };
    if (this.#listeners.size === 0) return end();
    setTimeout(end, endMs);
    for (const listener of this.#listeners) listener(new ProcessFault(words, { cause: error }));
  }
}
