/** Reads what a command says: bounded, in steps where it floods, and not for longer than the command lives. */
import type { OutputBuffer } from "./sandbox/output-buffer.ts";

/** A background process may hold the output open after the command's end; this long we listen on. */
const drainMs = 200;
/** Past this the output is read in steps, so that a flood does not take the main loop's time. */
const floodBytes = 16 * 1024 * 1024;

export interface Reading {
  readonly done: Promise<void>;
  cancel(): Promise<void>;
}

/** Begins to read a stream into a buffer. */
export function read(
  stream: ReadableStream<Uint8Array>,
  into: OutputBuffer,
  live?: (bytes: Uint8Array) => void,
): Reading {
  const reader = stream.getReader();
  const pump = async () => {
    let nextPause = floodBytes;
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      into.add(part.value);
      live?.(part.value);
      if (into.totalBytes < nextPause) continue;
      nextPause = into.totalBytes + floodBytes / 4;
      await Bun.sleep(25);
    }
  };
  return { done: pump(), cancel: () => reader.cancel() };
}

/** Waits for the rest of the output, but not for a background process that keeps it open. */
export async function drain(readers: readonly Reading[]): Promise<void> {
  const all = Promise.all(readers.map((reader) => reader.done));
  const late = Bun.sleep(drainMs).then(() => "late" as const);
  if ((await Promise.race([all, late])) === "late") await Promise.all(readers.map((reader) => reader.cancel()));
}

/** Hands on output as it comes: at most `maxBytes` of it. */
export function liveListener(onOutput: ((text: string) => void) | undefined, maxBytes: number) {
  if (!onOutput) return undefined;
  const decoder = new TextDecoder("utf-8", { fatal: false });
  let leftBytes = maxBytes;
  return (bytes: Uint8Array) => {
    if (leftBytes <= 0) return;
    const text = decoder.decode(bytes.subarray(0, leftBytes), { stream: true });
    leftBytes -= bytes.length;
    if (text !== "") onOutput(text);
  };
}
