/**
 * What a log folded to, kept in a file beside it for the next start: parts of plain data in frames, each with a hash over all
 * frames up to it. A file that is not whole, not ours or not of this program gives nothing; what the parts mean is not known here.
 */
import { deserialize, serialize } from "bun:jsc";
import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import type { Checked } from "./log-row.ts";

/** Of which program, and of which log up to where. A snapshot counts only for the very same program. */
export interface SnapshotHead {
  readonly program: string;
  readonly checked: Checked;
}

export type Snapshot =
  | { readonly kind: "none" }
  /** It is not what was written, for a reason that ends a sentence. */
  | { readonly kind: "damaged"; readonly how: string }
  | { readonly kind: "whole"; readonly checked: Checked; readonly parts: readonly unknown[] };

/** So long the event loop waits for a slice of the writing, in milliseconds, and for the part that ends it. */
const sliceMs = 4;
const digestBytes = 32;
/** Length of the payload as a 32-bit number, little end first; then the digest. A frame without a payload is the last. */
const frameHeadBytes = 4 + digestBytes;

/** Reads the snapshot of this program. Not a byte is taken apart before its hash holds. */
export function readSnapshot(path: string, program: string): Snapshot {
  let descriptor: number | null = null;
  try {
    // A link is no file of ours.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
    const frames = readFrames(descriptor, fstatSync(descriptor).size);
    const first = frames.next();
    if (first.done) throw new Error("it is empty");
    // The hash shows that `writeSnapshot` wrote it, so it is a head. It is plain JSON, for every program to read.
    const head = JSON.parse(new TextDecoder().decode(first.value)) as SnapshotHead;
    if (head.program !== program) return { kind: "none" };
    const parts: unknown[] = [];
    for (const payload of frames) parts.push(deserialize(payload));
    return { kind: "whole", checked: head.checked, parts };
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return { kind: "none" };
    return { kind: "damaged", how: error instanceof Error ? error.message : String(error) };
  } finally {
    if (descriptor !== null) closeSync(descriptor);
  }
}

/** Writes a snapshot, whole or not at all, a few parts in each turn of the event loop. Rejects when the disk does not take it. */
export async function writeSnapshot(path: string, head: SnapshotHead, parts: Iterable<unknown>): Promise<void> {
  const unfinished = `${path}.new`;
  // What a crash left of one may be longer, and whoever may read it was decided by its maker.
  await rm(unfinished, { force: true });
  const file = await open(unfinished, "wx", 0o600);
  try {
    await writeFrames(file, payloadsOf(head, parts));
    await file.sync();
    await rename(unfinished, path);
    await syncFolder(dirname(path));
  } finally {
    await file.close();
    // After the rename there is none.
    await rm(unfinished, { force: true });
  }
}

function* payloadsOf(head: SnapshotHead, parts: Iterable<unknown>): Generator<Uint8Array> {
  yield Buffer.from(JSON.stringify(head));
  for (const part of parts) yield serialize(part, { binaryType: "nodebuffer" });
  yield new Uint8Array(0);
}

async function writeFrames(file: FileHandle, payloads: Iterable<Uint8Array>): Promise<void> {
  let digest: Uint8Array = new Uint8Array(digestBytes);
  let made: Uint8Array[] = [];
  let sinceMs = performance.now();
  for (const payload of payloads) {
    digest = digestOf(digest, payload);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(payload.length);
    made.push(length, digest, payload);
    if (performance.now() - sinceMs < sliceMs) continue;
    await file.writev(made);
    made = [];
    sinceMs = performance.now();
  }
  await file.writev(made);
}

/** Each payload up to the last frame. What is given holds only until the next one is asked for. */
function* readFrames(descriptor: number, sizeBytes: number): Generator<Uint8Array> {
  const frameHead = Buffer.alloc(frameHeadBytes);
  let buffer = Buffer.alloc(1 << 20);
  let digest: Uint8Array = new Uint8Array(digestBytes);
  for (let taken = 0; ; ) {
    taken += readExactly(descriptor, frameHead);
    const length = frameHead.readUInt32LE(0);
    if (taken + length > sizeBytes) throw new Error("its end is missing");
    if (length > buffer.length) buffer = Buffer.alloc(2 * length);
    const payload = buffer.subarray(0, length);
    taken += readExactly(descriptor, payload);
    digest = digestOf(digest, payload);
    if (!frameHead.subarray(4).equals(digest)) throw new Error("it does not match its hash");
    if (length > 0) yield payload;
    else if (taken === sizeBytes) return;
    else throw new Error("something stands behind its end");
  }
}

function readExactly(descriptor: number, into: Uint8Array): number {
  let count = 0;
  while (count < into.length) {
    const read = readSync(descriptor, into, count, into.length - count, null);
    if (read === 0) throw new Error("its end is missing");
    count += read;
  }
  return count;
}

function digestOf(before: Uint8Array, payload: Uint8Array): Uint8Array {
  return new Bun.CryptoHasher("sha256").update(before).update(payload).digest();
}

/** So that a power cut cannot bring the name of the one before back. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
