/** What a killed Signalbox left behind is taken away once, whoever starts next. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ownTag } from "../../../src/workspace/sandbox/owner.ts";

const sweeper = join(import.meta.dir, "../../../src/workspace/sandbox/leftovers.ts");

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "signalbox-sweep-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("programs that start together do not stumble over each other's sweeping, and leave what they cannot tell apart", async () => {
  // Our own process, said to have started at another time: it has ended, and its number has been used again.
  const tag = ownTag().replace(/\d+-$/, "1-");
  const left = Array.from({ length: 2_000 }, (_, index) => `${tag}${index}`);
  const atWork = `${ownTag()}at-work`;
  for (const name of [...left, atWork]) mkdirSync(join(folder, name));
  const script = `import { sweepLeftovers } from ${JSON.stringify(sweeper)}; sweepLeftovers(${JSON.stringify(folder)});`;
  const start = () => Bun.spawn([process.execPath, "-e", script], { stdout: "ignore", stderr: "pipe" });
  const ended = [start(), start(), start()].map(async (child) => [
    await new Response(child.stderr).text(),
    await child.exited,
  ]);
  expect(await Promise.all(ended)).toEqual([0, 1, 2].map(() => ["", 0]));
  // Only Linux says when a process started; elsewhere nothing is known to be left.
  const kept = process.platform === "linux" ? [atWork] : [...left, atWork];
  expect(readdirSync(folder).sort()).toEqual(kept.sort());
});
