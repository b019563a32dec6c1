/** What a proof is, and how it counts: every trial is either right or told in words. A proof that tried nothing has failed. */

export interface ProofOptions {
  /** The whole enumeration instead of a sample. */
  readonly isLong: boolean;
  /** What everything random is drawn from; the same seed makes the same trials. */
  readonly seed: number;
}

export interface Proof {
  readonly name: string;
  /** One sentence: what the product promises. */
  readonly promise: string;
  prove(tally: Tally, options: ProofOptions): Promise<void>;
}

/** The count of one proof. */
export class Tally {
  tried = 0;
  failed = 0;
  /** What went wrong, trial by trial. */
  readonly failures: string[] = [];
  /** What a reader of the figure should know, such as the sandbox that was tried. */
  note = "";

  /** One trial that is right when nothing is said against it. */
  trial(what: string, faults: readonly string[]): void {
    this.tried += 1;
    if (faults.length === 0) return;
    this.failed += 1;
    this.failures.push(`${what}: ${faults.join("; ")}`);
  }

  /** A proof whose trials were not what they should have been proves nothing. */
  fail(why: string): void {
    this.failed += 1;
    this.failures.push(why);
  }
}

/** Does the work for each item, this many at a time. */
export async function inLanes<T>(
  items: Iterable<T>,
  laneCount: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items[Symbol.iterator]();
  const lane = async () => {
    for (let next = queue.next(); !next.done; next = queue.next()) await work(next.value);
  };
  await Promise.all(Array.from({ length: laneCount }, lane));
}

/** Looks until it holds, at most this long. For what no event announces, such as the end of somebody else's process. */
export function until(holds: () => boolean, boundMs: number): Promise<boolean> {
  const deadline = Date.now() + boundMs;
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      const isHolding = holds();
      if (!isHolding && Date.now() < deadline) return;
      clearInterval(timer);
      resolve(isHolding);
    }, 50);
  });
}

/** The work's result, or null when it takes longer than the bound. */
export async function within<T>(work: Promise<T>, boundMs: number): Promise<T | null> {
  let timer: Timer | undefined;
  const bound = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), boundMs);
  });
  return await Promise.race([work, bound]).finally(() => clearTimeout(timer));
}

/** Items that are not once in the list: `name: count`. */
export function notOnce(names: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].filter(([, count]) => count !== 1).map(([name, count]) => `${name} ${count} times`);
}
