/** Runs every shell command that the README shows, as a reader would: the binary's in a sample project, npm's by name. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { demoFiles } from "../../src/simulator/demo-project.ts";
import { demoScenario } from "../../src/simulator/demo-scenario.ts";
import { type Simulator, startSimulator } from "../../src/simulator/simulator.ts";
import { makeTempRepository, type TempRepository } from "../support/temp-repository.ts";

const root = resolve(import.meta.dir, "../..");
const binary = join(root, "dist/signalbox");
const readme = readFileSync(join(root, "README.md"), "utf8");
const lines = [...readme.matchAll(/```sh\n([\s\S]*?)```/g)]
  .flatMap((block) => (block[1] ?? "").split("\n"))
  .map((line) => line.replace(/\s+#.*$/, "").trim())
  .filter((line) => line !== "");
const own = lines.filter((line) => line.startsWith("signalbox "));

let simulator: Simulator;
let project: TempRepository;
let home: string;

beforeAll(async () => {
  const verifyCommand = `BUN_BE_BUN=1 "${binary}" test`;
  simulator = await startSimulator({ scenario: demoScenario({ verifyCommand, speed: Number.POSITIVE_INFINITY }) });
  project = await makeTempRepository(demoFiles(verifyCommand));
  home = mkdtempSync(join(tmpdir(), "signalbox-readme-"));
});

afterAll(async () => {
  await simulator.stop();
  await project.remove();
  rmSync(home, { recursive: true, force: true });
});

test("shows commands of ours and of npm only", () => {
  expect(own.length).toBeGreaterThan(5);
  expect(lines.filter((line) => !/^(signalbox|npm) /.test(line))).toEqual([]);
});

test.each(own)("%s", async (line) => {
  const child = Bun.spawn(["/bin/sh", "-c", `exec "${binary}" ${line.slice("signalbox ".length)}${quiet(line)}`], {
    cwd: project.root,
    env: { PATH: process.env.PATH ?? "", HOME: home, ANTHROPIC_BASE_URL: simulator.url, NO_COLOR: "1" },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const output = isServing(line) ? stopOnceListening(child) : new Response(child.stdout).text();
  const words = new Response(child.stderr).text();
  const exitCode = await child.exited;
  const said = `${await output}${await words}`;
  expect({ line, exitCode, said }).toEqual({ line, exitCode: isServing(line) ? 130 : 0, said });
});

test("names npm scripts that exist", () => {
  const { scripts }: { scripts: Record<string, string> } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const named = lines.flatMap((line) => [...line.matchAll(/npm (?:run )?(\w+)/g)].map((match) => match[1] ?? ""));
  const missing = named.filter((name) => name !== "ci" && scripts[name] === undefined);
  expect(missing).toEqual([]);
});

function isServing(line: string): boolean {
  return line === "signalbox serve";
}

function quiet(line: string): string {
  return isServing(line) ? " --no-open --port 0 --trust" : "";
}

async function stopOnceListening(child: Bun.Subprocess<"ignore", "pipe", "pipe">): Promise<string> {
  let words = "";
  for await (const piece of child.stdout.pipeThrough(new TextDecoderStream())) {
    words += piece;
    if (words.includes("localhost")) child.kill("SIGINT");
  }
  return words;
}
