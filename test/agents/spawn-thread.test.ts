/** A real thread, from the sources and from a compiled binary in a foreign folder: it runs an agent, and its death is seen. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { call, calls, scriptedProvider, text } from "../support/scripted-provider.ts";
import { removeRoots, startOf, temporaryRoot } from "./agent-scene.ts";

afterAll(removeRoots);

const here = import.meta.dir;
const source = join(here, "thread-main.ts");

/** Runs the small main of `thread-main.ts` and gives the JSON lines that it prints. */
async function runMain(command: string[], input: object): Promise<string[]> {
  const child = Bun.spawn([...command, JSON.stringify(input)], { cwd: "/", stdout: "pipe", stderr: "pipe" });
  const [out, error] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  expect({ exitCode: await child.exited, error }).toMatchObject({ exitCode: 0 });
  return out.trim().split("\n");
}

let binary = "";
beforeAll(async () => {
  // The binary finds a thread's file beside its main entry, as in the real build, so both entries share a folder here too.
  const folder = await temporaryRoot();
  await Bun.write(join(folder, "main.ts"), `import ${JSON.stringify(source)};`);
  await Bun.write(
    join(folder, "agent-thread.ts"),
    `import ${JSON.stringify(join(here, "../../src/agent-thread.ts"))};`,
  );
  binary = join(folder, "thread-main");
  const flags = ["build", "--compile", "--minify", "--bytecode", "--format=esm", "--outfile", binary];
  const built = Bun.spawnSync([process.execPath, ...flags, join(folder, "main.ts"), join(folder, "agent-thread.ts")]);
  expect({ exitCode: built.exitCode, error: built.stderr.toString() }).toMatchObject({ exitCode: 0 });
}, 120_000);

describe.each([
  ["from the sources", () => [process.execPath, source]],
  ["in the compiled binary", () => [binary]],
] as const)("a thread %s", (_, command) => {
  test("runs an agent", async () => {
    const provider = scriptedProvider([text("hello from a thread")]);
    const lines = await runMain(command(), { kind: "run", start: startOf(provider) });
    await provider.stop();
    expect(lines).toEqual(["ready", "call_requested", "delta", "delta", "call_settled", "ended: hello from a thread"]);
  });

  test("can read a file's skeleton and search it, which load their parts on first use", async () => {
    const root = await temporaryRoot();
    await Bun.write(join(root, "a.ts"), "export function add(a: number, b: number) {\n  return a + b + 12345;\n}\n");
    const asked = calls(call("skeleton", { file_path: "a.ts" }), call("grep", { pattern: "12\\d+" }));
    const provider = scriptedProvider([asked, text("done")]);
    await runMain(command(), { kind: "run", start: startOf(provider, { root }) });
    await provider.stop();
    const [skeleton, found] = provider.requests[1]?.body.messages.at(-1)?.content ?? [];
    expect(skeleton?.content).toContain("add(a: number, b: number)");
    expect(skeleton?.content).not.toContain("12345");
    expect(found?.content).toBe("a.ts:2:  return a + b + 12345;");
  });

  test("that gets a message it cannot parse closes with the reason", async () => {
    const lines = await runMain(command(), { kind: "raw", message: { type: "hello" } });
    expect(lines.at(-1)).toContain("closed: The agent's thread died.");
    expect(lines.at(-1)).toContain("does not parse");
  });
});
