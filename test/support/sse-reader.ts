/** Reads server-sent events from a response, one frame at a time. */

export interface SseFrame {
  readonly id?: string;
  readonly event?: string;
  readonly data?: string;
  readonly comment?: string;
}

export class SseReader {
  readonly #read: () => Promise<{ done: boolean; value?: Uint8Array | undefined }>;
  readonly #cancel: () => Promise<void>;
  readonly #decoder = new TextDecoder();
  #rest = "";
  #frames: SseFrame[] = [];

  constructor(response: Response) {
    if (!response.body) throw new Error("the response has no body");
    const reader = response.body.getReader();
    this.#read = () => reader.read();
    this.#cancel = () => reader.cancel();
  }

  /** The next frame that is not a comment (or that is, when `isComment`); null at the end. */
  async next({ isComment = false }: { isComment?: boolean } = {}): Promise<SseFrame | null> {
    for (;;) {
      const frame = this.#frames.shift();
      if (frame && (frame.comment !== undefined) === isComment && (isComment || frame.data !== undefined)) return frame;
      if (frame) continue;
      const { done, value } = await this.#read();
      if (done) return null;
      const parts = (this.#rest + this.#decoder.decode(value, { stream: true })).split("\n\n");
      this.#rest = parts.pop() ?? "";
      this.#frames = parts.flatMap(parseFrame);
    }
  }

  async take(count: number): Promise<SseFrame[]> {
    const frames: SseFrame[] = [];
    while (frames.length < count) {
      const frame = await this.next();
      if (!frame) break;
      frames.push(frame);
    }
    return frames;
  }

  async cancel(): Promise<void> {
    await this.#cancel();
  }
}

function parseFrame(text: string): SseFrame[] {
  const fields: Record<string, string> = {};
  for (const line of text.split("\n")) {
    const [, name = "", value = ""] = /^([^:]*): ?(.*)$/.exec(line) ?? [];
    fields[name === "" ? "comment" : name] = value;
  }
  return [fields];
}
