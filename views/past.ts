/**
 * The moment of the past that is drawn, handed down beside the data: levers then draw nothing, because nobody can act there,
 * and what counts seconds stands still.
 */
import { createContext } from "hono/jsx";

export interface PastMoment {
  readonly position: number;
  /** When its event happened (ISO 8601 UTC). */
  readonly at: string;
}

/** Null in the present. */
export const Past = createContext<PastMoment | null>(null);
