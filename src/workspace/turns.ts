/** A small queue by key: work under one key runs one after the other, work under different keys side by side. */

/** Lines work up by key. A failure of one piece is its caller's, and does not hold up the next. */
export class Turns {
  readonly #last = new Map<string, Promise<void>>();
  #laneCount = 0;

  /** Runs `work` once everything that was lined up under `key` before has ended. */
  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key) ?? Promise.resolve();
    const result = before.then(work);
    const settled = result.then(
      () => undefined,
      () => undefined,
    );
    this.#last.set(key, settled);
    try {
      return await result;
    } finally {
      if (this.#last.get(key) === settled) this.#last.delete(key);
    }
  }

  /** Runs work of a kind in one of a few lanes, by turns: what keeps a processor busy is done sooner one after the other. */
  async inLane<T>(kind: string, laneCount: number, work: () => Promise<T>): Promise<T> {
    this.#laneCount += 1;
    return await this.run(`${kind} ${this.#laneCount % laneCount}`, work);
  }
}
