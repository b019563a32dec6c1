/** How near our estimates of tokens come to what endpoints report: figures over an agent's or a model's requests. */
import { correctionOf, type EstimateSample } from "../domain/evolve-context.ts";
import type { State } from "../domain/state.ts";

/** Errors in percent of the reported tokens. */
export interface ErrorFigures {
  readonly requestCount: number;
  /** Half of the estimates are at most so far off, and 95 of 100 are. */
  readonly medianPercent: number;
  readonly p95Percent: number;
  /** The middle error with its sign: above 0 the estimates are too high. */
  readonly biasPercent: number;
}

/** The errors of one model, before and after its estimates are corrected by what its earlier requests have shown. */
export interface ModelError extends ErrorFigures {
  readonly provider: string;
  readonly model: string;
  readonly corrected: ErrorFigures;
  /** What estimates are multiplied by now; 1 where a correction would not make them better. */
  readonly correction: number;
}

/** Null where no request has both an estimate and a report. */
export function errorFigures(
  samples: readonly EstimateSample[],
  which: "estimated" | "corrected",
): ErrorFigures | null {
  if (samples.length === 0) return null;
  const errors = samples.map((sample) => errorPercent(sample[which], sample.reported));
  const sizes = errors.map(Math.abs).sort(ascending);
  return {
    requestCount: samples.length,
    medianPercent: quantile(sizes, 0.5),
    p95Percent: quantile(sizes, 0.95),
    biasPercent: quantile(errors.toSorted(ascending), 0.5),
  };
}

/** How far an estimate is off, in percent of what was reported. */
export function errorPercent(estimated: number, reported: number): number {
  return ((estimated - reported) / reported) * 100;
}

/** Every model that has been asked, in the order of its first request. */
export function modelErrors(state: State): ModelError[] {
  return [...state.contexts.models].flatMap(([key, samples]) => {
    const [raw, corrected] = [errorFigures(samples, "estimated"), errorFigures(samples, "corrected")];
    if (!raw || !corrected) return [];
    const [provider = "", ...model] = key.split(" ");
    return [{ ...raw, provider, model: model.join(" "), corrected, correction: correctionIn(state, key) }];
  });
}

/** What the estimates of a model are multiplied by: its newest requests' ratio, where that has come nearer than none. */
export function correctionIn(state: State, modelKey: string): number {
  const samples = state.contexts.models.get(modelKey) ?? [];
  const [raw, corrected] = [errorFigures(samples, "estimated"), errorFigures(samples, "corrected")];
  return raw && corrected && corrected.medianPercent < raw.medianPercent ? correctionOf(samples) : 1;
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}

function ascending(a: number, b: number): number {
  return a - b;
}
