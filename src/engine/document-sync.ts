/**
 * Keeps `conductor/` documents in step with the log: after each change of a track its documents are written once, however
 * many events there were. Delivery: the last state wins; a failed write is reported and tried again with the next change.
 * What a person changes in them on the page comes through here too.
 */
import type { Command } from "../domain/command.ts";
import type { Event, EventOf } from "../domain/event.ts";
import type { DocumentName } from "../domain/event-document.ts";
import type { State } from "../domain/state.ts";
import type { PlanChanges } from "../workspace/documents/plan-document.ts";
import { ProjectFileError } from "../workspace/documents/project-files.ts";
import { parsePlan } from "../workspace/documents/read-tracks.ts";
import { textHash } from "../workspace/documents/three-way.ts";
import { type DocumentEdit, type DocumentResult, editDocument, finishEdits, readDocument } from "./document-edit.ts";
import type { DispatchResult, DocumentsApi, EventQuery, OpenDocument } from "./engine-api.ts";
import type { DocumentStore } from "./engine-parts.ts";

const written = /^(track\.(?!landed)|ticket\.|attempt\.started|attempt\.failed|checkpoint\.)/;

/** So long more events are waited for, so that they are written together. */
const pauseMs = 50;

/** A few tracks are written at a stroke: some milliseconds. */
const manyTracks = 8;

/** What it needs of the engine. */
interface Surroundings {
  state(): State;
  dispatch(command: Command): DispatchResult;
  events(query: EventQuery): readonly Event[];
}

export class DocumentSync implements DocumentsApi {
  readonly #store: DocumentStore;
  readonly #engine: Surroundings;
  readonly #report: (problem: string) => void;
  readonly #dirty = new Set<string>();
  /** What was read last of each document, while it says the same. */
  readonly #open = new Map<string, OpenDocument>();
  #moved = new Set<string>();
  #renamed = new Set<string>();
  #writing: Promise<void> = Promise.resolve();
  #hurry: () => void = () => undefined;

  constructor(store: DocumentStore, engine: Surroundings, report: (problem: string) => void) {
    this.#store = store;
    this.#engine = engine;
    this.#report = report;
  }

  /** At a start: finishes what a crash left, and brings every track's documents up to date. */
  begin(): void {
    this.#guarded("The edits of documents", () => finishEdits(this.#writer(), this.#openEdits()));
    for (const trackId of this.#engine.state().tracks.keys()) this.#mark(trackId);
  }

  #openEdits(): EventOf<"document.edited">[] {
    const positions = [...this.#engine.state().openEdits.values()];
    const events = positions.flatMap((position) => this.#engine.events({ after: position - 1, limit: 1 }));
    return events.filter((event) => event.type === "document.edited");
  }

  /** Notes that an event changes a track's documents. */
  follow(event: Event): void {
    if (event.type === "ticket.moved") this.#moved.add(event.ticketId);
    if (event.type === "ticket.edited" && event.changes.title !== undefined) this.#renamed.add(event.ticketId);
    if (written.test(event.type) && "trackId" in event && event.trackId) this.#mark(event.trackId);
  }

  /** Resolves when what was noted so far is on disk, which then is in a hurry. */
  settled(): Promise<void> {
    this.#hurry();
    return this.#writing;
  }

  read(trackId: string, name: DocumentName): OpenDocument {
    try {
      return this.#read(trackId, name);
    } catch (error) {
      if (!(error instanceof ProjectFileError)) throw error;
      return { text: "", hash: textHash(""), tasks: [], fault: error.message };
    }
  }

  #read(trackId: string, name: DocumentName): OpenDocument {
    const key = `${trackId} ${name}`;
    const known = this.#open.get(key);
    const text = this.#store.readDocument(trackId, name) ?? "";
    if (known?.text === text) return known;
    const tasks = name === "plan" ? parsePlan(text) : [];
    const fresh = { ...readDocument(this.#store, trackId, name), tasks };
    this.#open.set(key, fresh);
    return fresh;
  }

  edit(edit: DocumentEdit): DocumentResult {
    const result = editDocument(this.#writer(), edit);
    // A ticket's mark and id are the log's to say: a plan that was written by hand is brought in line at once.
    if (result.outcome === "saved") this.#mark(edit.trackId);
    return result;
  }

  #writer() {
    return { store: this.#store, dispatch: (command: Command) => this.#engine.dispatch(command) };
  }

  #mark(trackId: string): void {
    this.#dirty.add(trackId);
    if (this.#dirty.size > 1) return;
    const paused = new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, pauseMs);
      this.#hurry = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#writing = this.#writing.then(() => paused).then(() => this.#write());
  }

  /** With many to write, other work comes in between. What is noted meanwhile is written too. */
  async #write(): Promise<void> {
    for (const trackId of this.#dirty) {
      this.#dirty.delete(trackId);
      this.#writeTrack(trackId, { moved: this.#moved, renamed: this.#renamed });
      if (this.#dirty.size >= manyTracks) await new Promise((resolve) => setImmediate(resolve));
    }
    this.#moved = new Set();
    this.#renamed = new Set();
  }

  #writeTrack(trackId: string, changes: PlanChanges): void {
    const { tracks, tickets: all } = this.#engine.state();
    const track = tracks.get(trackId);
    if (!track) return;
    const tickets = track.ticketIds.flatMap((ticketId) => all.get(ticketId) ?? []);
    this.#guarded(`The documents of ${trackId}`, () => this.#store.writeTrack(track, tickets, changes));
  }

  #guarded(subject: string, work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#report(`${subject} could not be written: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}
