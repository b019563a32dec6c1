/** How good the estimates of tokens are, model by model. */
import { correctionOf, type ErrorFigures, errorFigures } from "../domain/estimate-error.ts";
import type { State } from "../domain/state.ts";

/** The errors of one model, before and after its estimates are corrected by what its earlier requests have shown. */
export interface ModelError extends ErrorFigures {
  readonly provider: string;
  readonly model: string;
  readonly corrected: ErrorFigures;
  /** What estimates are multiplied by now; 1 where a correction would not make them better. */
  readonly correction: number;
}

/** Every model that has been asked, in the order of its first request. */
export function modelErrors(state: State): ModelError[] {
  return [...state.contexts.models].flatMap(([key, samples]) => {
    const [raw, corrected] = [errorFigures(samples, "estimated"), errorFigures(samples, "corrected")];
    if (!raw || !corrected) return [];
    const [provider = "", ...model] = key.split(" ");
    return [{ ...raw, provider, model: model.join(" "), corrected, correction: correctionOf(samples) }];
  });
}
