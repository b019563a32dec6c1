/** Wakes the engine when a time comes that no event tells: a provider's model that is held becomes free. */

/** Timers of more than this many milliseconds fire at once. */
const longestMs = 2 ** 31 - 1;

export class WakeTimer {
  readonly #wake: () => void;
  #timer: Timer | undefined;

  constructor(wake: () => void) {
    this.#wake = wake;
  }

  /** Sets it to the first of these times that is still to come (milliseconds since 1970), in place of what it was set to. */
  set(timesMs: Iterable<number>, nowMs: number): void {
    this.clear();
    const waits = [...timesMs].map((timeMs) => timeMs - nowMs).filter((waitMs) => waitMs > 0);
    if (waits.length > 0) this.#timer = setTimeout(this.#wake, Math.min(...waits, longestMs));
  }

  clear(): void {
    clearTimeout(this.#timer);
  }
}
