/** spec.md and plan.md of tracks in memory; a test changes them as a person does with an editor. */
import type { DocumentName } from "../../src/domain/event-document.ts";
import type { DocumentStore } from "../../src/engine/engine-parts.ts";

export class MemoryDocuments implements DocumentStore {
  readonly texts = new Map<string, string>();
  /** What bringing a track's documents up to date does; nothing, unless a test says so. */
  writeTrack: DocumentStore["writeTrack"] = () => undefined;

  constructor(writeTrack?: DocumentStore["writeTrack"]) {
    if (writeTrack) this.writeTrack = writeTrack;
  }

  put(trackId: string, name: DocumentName, text: string): void {
    this.texts.set(`${trackId} ${name}`, text);
  }

  readDocument(trackId: string, name: DocumentName): string | null {
    return this.texts.get(`${trackId} ${name}`) ?? null;
  }

  writeDocument(trackId: string, name: DocumentName, text: string): void {
    this.put(trackId, name, text);
  }

  productDocuments(): Readonly<Record<string, string>> {
    return {};
  }
}
