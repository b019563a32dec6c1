/**
 * Keeps `conductor/` documents in step with the log: after each change of a track its documents are written once, however
 * many events there were. Delivery: the last state wins; a failed write is reported and tried again with the next change.
 */
import type { Event } from "../domain/event.ts";
import type { State } from "../domain/state.ts";
import type { DocumentStore } from "./engine-parts.ts";

const written = /^(track\.(?!landed)|ticket\.|attempt\.started|attempt\.failed|checkpoint\.)/;

export class DocumentSync {
  readonly #store: DocumentStore;
  readonly #state: () => State;
  readonly #report: (problem: string) => void;
  readonly #dirty = new Set<string>();
  #moved = new Set<string>();
  #renamed = new Set<string>();
  #writing: Promise<void> = Promise.resolve();

  constructor(store: DocumentStore, state: () => State, report: (problem: string) => void) {
    this.#store = store;
    this.#state = state;
    this.#report = report;
  }

  /** Notes that an event changes a track's documents. */
  follow(event: Event): void {
    if (event.type === "ticket.moved") this.#moved.add(event.ticketId);
    if (event.type === "ticket.edited" && event.changes.title !== undefined) this.#renamed.add(event.ticketId);
    if (written.test(event.type) && "trackId" in event && event.trackId) this.mark(event.trackId);
  }

  mark(trackId: string): void {
    this.#dirty.add(trackId);
    if (this.#dirty.size === 1) this.#writing = this.#writing.then(() => this.#write());
  }

  /** Resolves when what was noted so far is on disk. */
  settled(): Promise<void> {
    return this.#writing;
  }

  #write(): void {
    const changes = { moved: this.#moved, renamed: this.#renamed };
    this.#moved = new Set();
    this.#renamed = new Set();
    for (const trackId of this.#dirty) {
      this.#dirty.delete(trackId);
      const track = this.#state().tracks.get(trackId);
      if (!track) continue;
      const tickets = track.ticketIds.flatMap((ticketId) => this.#state().tickets.get(ticketId) ?? []);
      try {
        this.#store.writeTrack(track, tickets, changes);
      } catch (error) {
        this.#report(
          `The documents of ${trackId} could not be written: ${error instanceof Error ? error.message : String(error)}`,
        );
      }
    }
  }
}
