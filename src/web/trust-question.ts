/** The question whether this user accepts the project's own config, as the page and the API ask it. */
import type { Rejection } from "../domain/command.ts";

/** What is shown: the file, those of its tables that need acceptance, and the hash that an answer names. */
export interface TrustAsked {
  /** The file's path from the project's root. */
  readonly path: string;
  readonly text: string;
  readonly hash: string;
  /** Why the file cannot be accepted as it stands; null when it can. */
  readonly fault: string | null;
}

export interface TrustQuestion {
  /** The question as it stands; null once it is answered with yes. */
  asked(): TrustAsked | null;
  /** Reads the file again, so that what is shown is what is there. */
  refresh(): Promise<void>;
  /** Accepts exactly what this hash stands for, and sets the engine going. Null, or why not. */
  accept(hash: string): Promise<Rejection | null>;
  /** Refuses it: nothing was run, and the program ends. Null, or why not. */
  refuse(hash: string): Promise<Rejection | null>;
}
