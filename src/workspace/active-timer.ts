/**
 * A time limit that counts only while this process runs. A machine that sleeps, a process that is stopped (Ctrl-Z) and a
 * loop that is busy let no time pass: what arrived meanwhile is looked at before anything is given up.
 */

const mostStepMs = 1_000;
const leastStepMs = 5;
const stepsOfLimit = 20;

export class ActiveTimer {
  readonly #limitMs: number;
  readonly #stepMs: number;
  readonly #onEnd: () => void;
  readonly #now: () => number;
  #activeMs = 0;
  #lastMs: number;
  #timer: Timer | undefined;

  /** Starts at once. `now` is a clock that nobody sets. */
  constructor(limitMs: number, onEnd: () => void, now: () => number = () => performance.now()) {
    this.#limitMs = limitMs;
    this.#stepMs = Math.max(leastStepMs, Math.min(mostStepMs, limitMs / stepsOfLimit));
    this.#onEnd = onEnd;
    this.#now = now;
    this.#lastMs = now();
    this.#wait();
  }

  /** Begins to count anew. */
  refresh(): void {
    this.#activeMs = 0;
    this.#lastMs = this.#now();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  /** Counts what has passed since it counted last: of a long silence no more than two steps. */
  tick(): void {
    const nowMs = this.#now();
    this.#activeMs += Math.min(nowMs - this.#lastMs, 2 * this.#stepMs);
    this.#lastMs = nowMs;
    if (this.#activeMs >= this.#limitMs) this.#onEnd();
    else this.#wait();
  }

  #wait(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.tick(), Math.min(this.#stepMs, this.#limitMs - this.#activeMs));
  }
}
