/**
 * Keeps the beginning and the end of a command's output, whatever its length, in a fixed amount of memory. The text says
 * in the middle how much was cut. Any bytes are taken: what is not UTF-8 shows as replacement characters.
 */

export class OutputBuffer {
  readonly #head: Uint8Array;
  readonly #tail: Uint8Array;
  #total = 0;

  constructor(maxBytes: number) {
    this.#head = new Uint8Array(Math.ceil(maxBytes / 2));
    this.#tail = new Uint8Array(Math.max(1, Math.floor(maxBytes / 2)));
  }

  /** All bytes that were ever added, kept or not. */
  get totalBytes(): number {
    return this.#total;
  }

  add(bytes: Uint8Array): void {
    const toHead = Math.max(0, Math.min(bytes.length, this.#head.length - this.#total));
    this.#head.set(bytes.subarray(0, toHead), this.#total < this.#head.length ? this.#total : 0);
    // The tail is a ring: a byte's place in it follows from its place in the whole output.
    const start = Math.max(toHead, bytes.length - this.#tail.length);
    let at = (this.#total + start - this.#head.length) % this.#tail.length;
    for (let from = start; from < bytes.length; ) {
      const length = Math.min(bytes.length - from, this.#tail.length - at);
      this.#tail.set(bytes.subarray(from, from + length), at);
      from += length;
      at = (at + length) % this.#tail.length;
    }
    this.#total += bytes.length;
  }

  /** The output as text; where bytes were dropped, a line says how many. */
  text(): string {
    const tailTotal = this.#total - this.#head.length;
    if (tailTotal <= 0) return decode(this.#head.subarray(0, this.#total));
    if (tailTotal <= this.#tail.length) return decode(concat(this.#head, this.#tail.subarray(0, tailTotal)));
    const at = tailTotal % this.#tail.length;
    const head = wholeCharacters(this.#head);
    const tail = withoutBrokenStart(concat(this.#tail.subarray(at), this.#tail.subarray(0, at)));
    const cutBytes = this.#total - head.length - tail.length;
    return `${decode(head)}\n[... ${cutBytes} of ${this.#total} bytes of output cut here ...]\n${decode(tail)}`;
  }
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { fatal: false, ignoreBOM: true }).decode(bytes);
}

function concat(first: Uint8Array, second: Uint8Array): Uint8Array {
  return Buffer.concat([first, second]);
}

/** Without a character that the cut has split: at most the last three bytes. */
function wholeCharacters(bytes: Uint8Array): Uint8Array {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return bytes;
    if (byte >= 0xc0) {
      const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return needed > back ? bytes.subarray(0, bytes.length - back) : bytes;
    }
  }
  return bytes;
}

function withoutBrokenStart(bytes: Uint8Array): Uint8Array {
  let start = 0;
  while (start < 3 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start++;
  return bytes.subarray(start);
}
