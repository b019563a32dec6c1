/** The program's outputs: nothing is cut or out of order, whether it goes out directly or through the stream. */
import { expect, test } from "bun:test";
import { resolve } from "node:path";

const source = resolve(import.meta.dir, "../../src/cli/output.ts");

/** Runs lines of code that have `output`, on stdout. */
function program(code: string) {
  const opening = `import { Output } from ${JSON.stringify(source)};
    const output = new Output(1, () => process.stdout.on("error", () => process.exit(7)));
    const write = (text) => output.write(text);`;
  return Bun.spawn([process.execPath, "-e", `${opening}${code}; await output.end(); process.exit(0);`], {
    stdin: "pipe",
    stdout: "pipe",
    stderr: "inherit",
  });
}

test("keeps the order of short and long texts, and loses none at the end", async () => {
  const child = program(`
    write("first é\\n");
    write("x".repeat(4000) + "\\n");
    write("over the direct part\\n" + "y".repeat(2_000_000) + "\\n");
    write("last\\n")`);
  const lines = (await text(child)).split("\n");
  expect(lines.map((line) => (line.length > 100 ? line.length : line))).toEqual([
    "first é",
    4000,
    "over the direct part",
    2_000_000,
    "last",
    "",
  ]);
  expect(await child.exited).toBe(0);
});

test("has nothing to wait for when nothing was written", async () => {
  const child = program("");
  expect([await text(child), await child.exited]).toEqual(["", 0]);
});

test("leaves it to the stream to find out that the reader has gone", async () => {
  const child = program(
    `process.stdin.resume(); await new Promise((go) => process.stdin.once("end", go)); write("to nobody\\n")`,
  );
  await child.stdout.cancel();
  child.stdin.end();
  expect(await child.exited).toBe(7);
});

test("is no terminal where it is a pipe", async () => {
  const child = program("write(String(output.isTerminal))");
  expect(await text(child)).toBe("false");
});

function text(child: ReturnType<typeof program>): Promise<string> {
  return new Response(child.stdout).text();
}
