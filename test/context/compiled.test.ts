/** Grammars inside the compiled binary: a skeleton can be made on the main thread and in a Bun Worker, from a foreign folder. */
import { afterAll, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const folder = await mkdtemp(join(tmpdir(), "compiled-"));
afterAll(() => rm(folder, { recursive: true }));

const skeleton = JSON.stringify(join(import.meta.dir, "../../src/context/skeleton.ts"));
const source = JSON.stringify("def total(a: int) -> int:\n    return a\n");
const main = `
import { skeletonOf } from ${skeleton};
console.log(await skeletonOf("a.py", ${source}));
const thread = new Worker(new URL("./thread.ts", import.meta.url).href, {});
thread.onmessage = (event) => { console.log(event.data); thread.terminate(); };
thread.postMessage("go");`;
const thread = `
import { skeletonOf } from ${skeleton};
self.onmessage = async () => postMessage(await skeletonOf("a.py", ${source}));`;

test("skeletons work in the binary and in its threads", async () => {
  await Bun.write(join(folder, "main.ts"), main);
  await Bun.write(join(folder, "thread.ts"), thread);
  const flags = ["--compile", "--minify", "--bytecode", "--format=esm", "--outfile", join(folder, "app")];
  const build = Bun.spawnSync([
    process.execPath,
    "build",
    ...flags,
    join(folder, "main.ts"),
    join(folder, "thread.ts"),
  ]);
  expect(build.exitCode).toBe(0);
  const run = Bun.spawnSync([join(folder, "app")], { cwd: "/" });
  const view = "def total(a: int) -> int:\n    ...\n";
  expect(run.stdout.toString()).toBe(view + view);
}, 120_000);
