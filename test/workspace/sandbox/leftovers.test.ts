/** What a killed Signalbox left behind is taken away once, whoever starts next. */
import { expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ownTag } from "../../../src/workspace/sandbox/owner.ts";

const sweeper = join(import.meta.dir, "../../../src/workspace/sandbox/leftovers.ts");

test.skipIf(process.platform !== "linux")(
  "programs that start together do not stumble over each other's sweeping",
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "signalbox-sweep-"));
    // Our own process, said to have started at another time: it has ended, and its number has been used again.
    const tag = ownTag().replace(/\d+-$/, "1-");
    for (let index = 0; index < 2_000; index += 1) mkdirSync(join(folder, `${tag}${index}`));
    mkdirSync(join(folder, `${ownTag()}at-work`));
    const script = `import { sweepLeftovers } from ${JSON.stringify(sweeper)}; sweepLeftovers(${JSON.stringify(folder)});`;
    const start = () => Bun.spawn([process.execPath, "-e", script], { stdout: "ignore", stderr: "pipe" });
    const ended = [start(), start(), start()].map(async (child) => [
      await new Response(child.stderr).text(),
      await child.exited,
    ]);
    expect(await Promise.all(ended)).toEqual([0, 1, 2].map(() => ["", 0]));
    expect(readdirSync(folder)).toEqual([`${ownTag()}at-work`]);
    rmSync(folder, { recursive: true, force: true });
  },
);
