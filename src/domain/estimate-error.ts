/** How near our estimates of tokens come to what endpoints report, and by how much they are corrected for it. */

/** An estimate beside what the endpoint reported for the same request, in tokens. */
export interface EstimateSample {
  readonly estimated: number;
  /** The estimate as corrected by what was known of the model before. */
  readonly corrected: number;
  readonly reported: number;
}

/** Errors in percent of the reported tokens. */
export interface ErrorFigures {
  readonly requestCount: number;
  /** Half of the estimates are at most so far off, and 95 of 100 are. */
  readonly medianPercent: number;
  readonly p95Percent: number;
  /** The middle error with its sign: above 0 the estimates are too high. */
  readonly biasPercent: number;
}

/** So many samples are needed before an estimate is corrected by them. */
const enoughSamples = 5;
/** The newest requests say most of the next, and a start folds every call of the log: more would cost it seconds. */
const telling = 40;
/** A ratio beyond this is no tokenizer's: something else is wrong, and no limit may follow it. */
const mostCorrection = 4;

/** Null where no request has both an estimate and a report. */
export function errorFigures(
  samples: readonly EstimateSample[],
  which: "estimated" | "corrected",
): ErrorFigures | null {
  if (samples.length === 0) return null;
  const errors = samples.map((sample) => errorPercent(sample[which], sample.reported));
  return {
    requestCount: samples.length,
    medianPercent: quantile(errors.map(Math.abs), 0.5),
    p95Percent: quantile(errors.map(Math.abs), 0.95),
    biasPercent: quantile(errors, 0.5),
  };
}

/** How far an estimate is off, in percent of what was reported. */
export function errorPercent(estimated: number, reported: number): number {
  return ((estimated - reported) / reported) * 100;
}

/** The middle ratio of reports to estimates, which the next estimate is tried with; 1 while there are too few. */
export function ratioOf(samples: readonly EstimateSample[]): number {
  if (samples.length < enoughSamples) return 1;
  const ratio = quantile(
    samples.slice(-telling).map(({ estimated, reported }) => reported / estimated),
    0.5,
  );
  return Math.min(mostCorrection, Math.max(1 / mostCorrection, ratio));
}

/** What estimates are multiplied by: the ratio, where it has brought earlier ones nearer to their reports, else 1. */
export function correctionOf(samples: readonly EstimateSample[]): number {
  const tried = samples.filter(({ estimated, corrected }) => corrected !== estimated);
  const [raw, corrected] = [errorFigures(tried, "estimated"), errorFigures(tried, "corrected")];
  return raw && corrected && corrected.medianPercent < raw.medianPercent ? ratioOf(samples) : 1;
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}
