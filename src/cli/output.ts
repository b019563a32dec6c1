/**
 * One of the program's two outputs. Its first words are written directly: making the runtime's stream for it takes longer than
 * the rest of a short command. Everything after them goes through that stream, in order, and waits where the reader is slow.
 */
import { fstatSync, writeSync } from "node:fs";

/** An empty pipe takes this much on every system, so that writing it directly holds nothing up. */
const directBytes = 4096;

export class Output {
  readonly #descriptor: 1 | 2;
  readonly #open: () => NodeJS.WriteStream;
  #stream: NodeJS.WriteStream | null = null;
  #directLeft = directBytes;

  /** `open` gives the stream of the descriptor, when it is needed at last. */
  constructor(descriptor: 1 | 2, open: () => NodeJS.WriteStream) {
    this.#descriptor = descriptor;
    this.#open = open;
  }

  /** Whether a person sees it. */
  get isTerminal(): boolean {
    return isDevice(this.#descriptor) && this.#toStream().isTTY === true;
  }

  write(text: string): void {
    const rest = this.#writeNow(Buffer.from(text));
    if (rest.length > 0) this.#toStream().write(rest);
  }

  /** Resolves when everything has been written; nothing can be written afterwards. */
  end(): Promise<void> {
    const stream = this.#stream;
    // An empty write would not do: Bun answers it before what waits in front of it.
    return stream ? new Promise((resolve) => stream.end(() => resolve())) : Promise.resolve();
  }

  /** Gives what is left for the stream. */
  #writeNow(bytes: Buffer): Buffer {
    if (this.#stream || bytes.length > this.#directLeft) return bytes;
    try {
      const count = writeSync(this.#descriptor, bytes);
      this.#directLeft -= count;
      return bytes.subarray(count);
    } catch (error) {
      // A full pipe, or one whose reader has gone: the stream knows how to wait, and who is told of its faults.
      if (error instanceof Error && "code" in error) return bytes;
      throw error;
    }
  }

  #toStream(): NodeJS.WriteStream {
    this.#stream ??= this.#open();
    return this.#stream;
  }
}

/** Whether a descriptor is a terminal, or another device: cheaper to ask than its stream is to make. */
export function isDevice(descriptor: number): boolean {
  try {
    return fstatSync(descriptor).isCharacterDevice();
  } catch (error) {
    // A program may be started with its descriptors closed.
    if (error instanceof Error && "code" in error) return false;
    throw error;
  }
}
