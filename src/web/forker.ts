/** Forking a run from the page of one of its tickets: a run of its own, in a clone, with a page of its own. */
import type { Rejection } from "../domain/command.ts";

/** What is different in it; nothing different asks the ticket's models again. */
export interface ForkWish {
  readonly ticketId: string;
  readonly prompt?: string | undefined;
  readonly model?: string | undefined;
}

export interface ForkView {
  readonly forkId: string;
  readonly folder: string;
  readonly startedAt: string;
  /** How it stands, in a sentence. */
  readonly words: string;
}

export interface Forker {
  /** Starts it; resolves once its page can be opened. */
  fork(
    wish: ForkWish,
  ): Promise<
    { readonly isDone: true; readonly message: string } | { readonly isDone: false; readonly rejection: Rejection }
  >;
  /** The forks from a ticket, oldest first, that this server has begun. */
  list(ticketId: string): readonly ForkView[];
  /** An address of its page that works once; null when there is no such fork. */
  urlOf(forkId: string): string | null;
}
