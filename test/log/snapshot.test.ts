/** A snapshot is what was written, to the last byte, or it is none. */
import { afterAll, expect, test } from "bun:test";
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readSnapshot, writeSnapshot } from "../../src/log/snapshot.ts";

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

const head = { program: "signalbox 1", checked: { position: 7, hash: "ab" } };
const strange = JSON.parse('{"__proto__": {"a": 1}, "2": "two", "1": "\\ud800", "": -0, "wide": "漢字"}');
const parts = [
  strange,
  { name: "one", list: [1, undefined, null] },
  new Map([["key", { deep: new Map([[1, "é"]]) }]]),
  "end",
];

async function written(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "signalbox-snapshot-"));
  folders.push(folder);
  const path = join(folder, "log-snapshot");
  await writeSnapshot(path, head, parts);
  return path;
}

test("gives back what was written, and is its owner's alone", async () => {
  const path = await written();
  expect(readSnapshot(path, head.program)).toStrictEqual({ kind: "whole", checked: head.checked, parts });
  expect(Object.hasOwn(strange, "__proto__")).toBe(true);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readdirSync(join(path, ".."))).toEqual(["log-snapshot"]);
});

test("of another program, or of none, is none", async () => {
  const path = await written();
  expect(readSnapshot(path, "signalbox 2")).toEqual({ kind: "none" });
  expect(readSnapshot(`${path}-other`, head.program)).toEqual({ kind: "none" });
});

test("with any one byte changed is damaged", async () => {
  const path = await written();
  const bytes = readFileSync(path);
  for (let at = 0; at < bytes.length; at += 1) {
    const changed = Buffer.from(bytes);
    changed[at] = (bytes[at] ?? 0) ^ 0x01;
    writeFileSync(path, changed);
    expect({ at, kind: readSnapshot(path, head.program).kind }).toEqual({ at, kind: "damaged" });
  }
});

test("that was cut anywhere, or goes on behind its end, is damaged", async () => {
  const path = await written();
  const { size } = statSync(path);
  appendFileSync(path, "x");
  expect(readSnapshot(path, head.program).kind).toBe("damaged");
  for (let length = size - 1; length >= 0; length -= 1) {
    truncateSync(path, length);
    expect({ length, kind: readSnapshot(path, head.program).kind }).toEqual({ length, kind: "damaged" });
  }
});

test("with two whole parts in each other's places is damaged", async () => {
  const path = await written();
  const bytes = readFileSync(path);
  const frames: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = 36 + bytes.readUInt32LE(at);
    frames.push(bytes.subarray(at, at + length));
    at += length;
  }
  const [first, second, third, ...others] = frames.map((frame) => Uint8Array.from(frame));
  writeFileSync(path, Buffer.concat([first, third, second, ...others].flatMap((frame) => frame ?? [])));
  expect(readSnapshot(path, head.program).kind).toBe("damaged");
});

test("that is a link is not followed", async () => {
  const path = await written();
  renameSync(path, `${path}-elsewhere`);
  symlinkSync(`${path}-elsewhere`, path);
  expect(readSnapshot(path, head.program).kind).toBe("damaged");
});

test("that a crash left half written is no snapshot, does not touch the one before, and makes room for the next", async () => {
  const path = await written();
  writeFileSync(`${path}.new`, readFileSync(path).subarray(0, 100), { mode: 0o644 });
  expect(readSnapshot(path, head.program).kind).toBe("whole");
  await writeSnapshot(path, { ...head, checked: { position: 8, hash: "cd" } }, parts);
  expect(readSnapshot(path, head.program)).toMatchObject({ kind: "whole", checked: { position: 8 } });
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readdirSync(join(path, ".."))).toEqual(["log-snapshot"]);
});

test("that cannot be written leaves the one before, and nothing half", async () => {
  const path = await written();
  const failing = (function* () {
    yield parts[0];
    throw new Error("no more");
  })();
  await expect(writeSnapshot(path, head, failing)).rejects.toThrow("no more");
  expect(readSnapshot(path, head.program)).toMatchObject({ kind: "whole", parts });
  expect(readdirSync(join(path, ".."))).toEqual(["log-snapshot"]);
});
