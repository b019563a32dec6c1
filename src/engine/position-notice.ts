/** Tells listeners that the log has grown: once for all that one message changed, and after its thread has been answered. */
export class PositionNotice {
  readonly #listeners = new Set<(position: number) => void>();
  readonly #position: () => number;
  #isPending = false;
  #isClosed = false;

  constructor(position: () => number) {
    this.#position = position;
  }

  /** Returns the way to stop listening. */
  listen(listener: (position: number) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Tells them soon. */
  schedule(): void {
    if (this.#isPending) return;
    this.#isPending = true;
    queueMicrotask(() => {
      this.#isPending = false;
      if (!this.#isClosed) this.#tell();
    });
  }

  /** Tells them now, for the last time. */
  close(): void {
    this.#tell();
    this.#isClosed = true;
  }

  #tell(): void {
    for (const listener of this.#listeners) listener(this.#position());
  }
}
