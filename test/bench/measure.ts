/** Samples, in milliseconds unless a figure names another unit: taken in turn with their floor, so that both meet the same machine, and summed up by median and p95. */

/** What a list of samples says, in the unit of its figure. */
export interface Spread {
  readonly median: number;
  readonly p95: number;
  readonly count: number;
}

/** One line of the table: the product's figure beside its floor's. */
export interface Figure {
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  readonly ours: Spread;
  readonly floor: Spread;
  /** Median over median. */
  readonly ratio: number;
}

/**
 * Runs both in turn, after one round of each that does not count: the first start of a binary reads it from disk. There is no
 * such round where both are warm.
 */
export async function inTurn<Ours, Floor = Ours>(
  rounds: number,
  ours: () => Promise<Ours>,
  floor: () => Promise<Floor>,
  isWarm = false,
): Promise<{ readonly ours: Ours[]; readonly floor: Floor[] }> {
  const taken: { ours: Ours[]; floor: Floor[] } = { ours: [], floor: [] };
  if (!isWarm) {
    await ours();
    await floor();
  }
  for (let round = 0; round < rounds; round++) {
    taken.ours.push(await ours());
    taken.floor.push(await floor());
  }
  return taken;
}

/** Sums two lists of samples up. Throws when one is empty: then something did not work. */
export function figure(
  id: string,
  title: string,
  samples: { readonly ours: readonly number[]; readonly floor: readonly number[] },
  unit = "ms",
): Figure {
  const ours = spread(title, samples.ours);
  const floor = spread(`the floor of ${title}`, samples.floor);
  return { id, title, unit, ours, floor, ratio: rounded(ours.median / floor.median) };
}

function spread(title: string, samples: readonly number[]): Spread {
  if (samples.length === 0) throw new Error(`There is no sample of ${title}.`);
  const sorted = samples.toSorted((a, b) => a - b);
  return { median: rounded(quantile(sorted, 0.5)), p95: rounded(quantile(sorted, 0.95)), count: sorted.length };
}

/** The smallest sample that at least this share of all is not above; between two middle ones, their mean. */
function quantile(sorted: readonly number[], share: number): number {
  const at = share * sorted.length;
  const upper = sorted[Math.min(sorted.length, Math.floor(at) + 1) - 1] ?? 0;
  if (!Number.isInteger(at) || share !== 0.5) return sorted[Math.max(1, Math.ceil(at)) - 1] ?? upper;
  return ((sorted[at - 1] ?? upper) + upper) / 2;
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
