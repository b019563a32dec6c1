/**
 * Lets what a replay does through in the order of the recording, whatever comes first: ids are counted and a tech lead's
 * conversation grows in the order in which things end. What waits for something that never comes is let through after a while,
 * so that a replay that has left the recording still ends.
 */

/** So long without any progress, and with nothing running, whoever is first is let through: longer than a busy machine takes for anything. */
const quietMs = 10_000;

/** The same where the recording has been left: what was waited for seldom comes, and what comes may come in any order. */
export const leftQuietMs = 2_000;

export class Turnstile {
  readonly #steps: readonly number[];
  #quietMs: number;
  readonly #passed = new Set<number>();
  readonly #waiting = new Map<number, () => void>();
  #idle: PromiseWithResolvers<void> | null = null;
  #first = 0;
  #runningCount = 0;
  #timer: ReturnType<typeof setTimeout> | null = null;

  /** The steps that wait for each other, in ascending order. */
  constructor(steps: readonly number[], options: { readonly quietMs?: number } = {}) {
    this.#steps = steps;
    this.#quietMs = options.quietMs ?? quietMs;
  }

  /** Resolves when everything before the step has passed. The step itself passes when it says so. */
  enter(step: number): Promise<void> {
    // Those behind it were let through before it came.
    if (this.#passed.has(step)) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.set(step, resolve);
    this.#advance();
    return promise;
  }

  /** The step is done, and all that it leads to has begun. */
  pass(step: number): void {
    this.#passed.add(step);
    this.#advance();
  }

  /** What comes from now on is not what was recorded: nothing is waited for as long as before. */
  leave(): void {
    this.#quietMs = Math.min(this.#quietMs, leftQuietMs);
    this.#watch();
  }

  /** Something runs that steps may wait for, however long it takes. Returns the way to say that it has ended. */
  run(): () => void {
    this.#runningCount += 1;
    return () => {
      this.#runningCount -= 1;
      this.#watch();
    };
  }

  /** Whether anybody waits for a turn. */
  get isAwaited(): boolean {
    return this.#waiting.size > 0;
  }

  /** Resolves when nobody waits any more. */
  idle(): Promise<void> {
    if (!this.isAwaited) return Promise.resolve();
    this.#idle ??= Promise.withResolvers<void>();
    return this.#idle.promise;
  }

  /** Lets everything through: nothing is in order any more. */
  close(): void {
    if (this.#timer) clearTimeout(this.#timer);
    for (const resolve of this.#waiting.values()) resolve();
    this.#waiting.clear();
    this.#tellIdle();
  }

  #advance(): void {
    for (;;) {
      const step = this.#steps[this.#first];
      if (step === undefined) break;
      if (this.#passed.has(step)) {
        this.#first += 1;
        continue;
      }
      this.#let(step);
      break;
    }
    this.#watch();
  }

  #let(step: number): void {
    const resolve = this.#waiting.get(step);
    if (!resolve) return;
    this.#waiting.delete(step);
    resolve();
    this.#tellIdle();
  }

  #tellIdle(): void {
    if (this.isAwaited) return;
    this.#idle?.resolve();
    this.#idle = null;
  }

  #watch(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#waiting.size === 0) return;
    this.#timer = setTimeout(() => this.#giveUp(), this.#quietMs);
    this.#timer.unref();
  }

  /** What is before the first that waits does not come: the recording went another way there. */
  #giveUp(): void {
    if (this.#runningCount > 0) return this.#watch();
    const next = Math.min(...this.#waiting.keys());
    for (const step of this.#steps) if (step < next) this.#passed.add(step);
    this.#advance();
  }
}
