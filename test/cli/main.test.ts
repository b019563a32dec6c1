/** The program as a process: exit codes and sentences for what needs no engine. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { runGit } from "../../src/workspace/git.ts";
import { type TestWorld, testWorld } from "../support/cli-world.ts";

const main = resolve(import.meta.dir, "../../src/main.ts");

let world: TestWorld;
let repository: string;
beforeAll(async () => {
  world = testWorld();
  repository = join(world.cwd, "repository");
  mkdirSync(repository);
  await runGit(repository, ["init", "--quiet"]);
});
afterAll(() => world.remove());

async function signalbox(argv: string[], given: { env?: Record<string, string>; input?: string } = {}) {
  const child = Bun.spawn([process.execPath, "--no-env-file", main, ...argv], {
    cwd: world.cwd,
    env: { PATH: process.env.PATH ?? "", HOME: world.home, XDG_CONFIG_HOME: join(world.cwd, "c"), ...given.env },
    stdin: given.input === undefined ? "ignore" : new TextEncoder().encode(given.input),
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, note] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  return { exitCode: await child.exited, out, note, last: note.trim().split("\n").at(-1) ?? "" };
}

async function commit(): Promise<void> {
  await runGit(repository, [
    "-c",
    "user.name=t",
    "-c",
    "user.email=t@t",
    "commit",
    "--quiet",
    "--allow-empty",
    "-m",
    "x",
  ]);
}

describe("the program", () => {
  test("says its version and its help", async () => {
    expect(await signalbox(["--version"])).toMatchObject({
      exitCode: 0,
      out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    });
    expect((await signalbox(["--help"])).out).toContain("Exit codes:");
    expect((await signalbox(["run", "--help"])).out).toContain("--max-usd X");
  });

  test("exits with 2 and one sentence for wrong usage, as JSON too", async () => {
    expect(await signalbox(["runn"])).toMatchObject({
      exitCode: 2,
      out: "",
      last: expect.stringContaining('Did you mean "run"?'),
    });
    const json = await signalbox(["run", "--nope", "--json"]);
    expect(json.exitCode).toBe(2);
    expect(JSON.parse(json.out)).toEqual({ error: { code: "usage", message: expect.stringContaining("--nope") } });
  });

  test("refuses an empty goal, given or piped", async () => {
    for (const result of [
      await signalbox(["run", "--epic", "  ", "--project", repository]),
      await signalbox(["run", "--epic", "-", "--project", repository], { input: "\n" }),
      await signalbox(["plan", " ", "--project", repository]),
    ]) {
      expect(result).toMatchObject({ exitCode: 2, last: expect.stringContaining("The goal is empty.") });
    }
  });

  test("says what is wrong with a cassette that cannot be played", async () => {
    expect(await signalbox(["replay", "x.jsonl"])).toMatchObject({
      exitCode: 2,
      last: "signalbox: The cassette x.jsonl cannot be read. Make one with: signalbox record x.jsonl",
    });
    writeFileSync(join(world.cwd, "y.jsonl"), "{}\n");
    expect((await signalbox(["simulate", "--cassette", "y.jsonl"])).last).toContain("line 1: it has no type");
  });

  test("refuses a host that others could reach", async () => {
    const result = await signalbox(["serve", "--host", "0.0.0.0", "--project", repository]);
    expect(result).toMatchObject({ exitCode: 2, last: expect.stringContaining("loopback") });
  });
});

describe("the project", () => {
  test("must be a git repository with a commit, a key, and a valid and trusted config", async () => {
    const run = (env: Record<string, string> = {}) =>
      signalbox(["run", "--epic", "x", "--project", repository], { env });
    const elsewhere = await signalbox(["run", "--epic", "x"]);
    expect(elsewhere).toMatchObject({ exitCode: 2, last: expect.stringContaining('Run "git init"') });
    expect((await signalbox(["status", "--project", "nowhere"])).last).toContain("does not exist");
    expect(await run()).toMatchObject({ exitCode: 2, last: expect.stringContaining("has no commit yet") });
    await commit();
    expect(await run()).toMatchObject({ exitCode: 2, last: expect.stringContaining("set ANTHROPIC_API_KEY") });
    mkdirSync(join(repository, "conductor"));
    writeFileSync(join(repository, "conductor", "signalbox.toml"), "[workers]\nmaxi = 1\n");
    expect(await run({ ANTHROPIC_API_KEY: "k" })).toMatchObject({
      exitCode: 2,
      last: expect.stringContaining("workers.maxi"),
    });
    writeFileSync(join(repository, "conductor", "signalbox.toml"), '[verify]\ncommand = "true"\n');
    const untrusted = await run({ ANTHROPIC_API_KEY: "k" });
    expect(untrusted).toMatchObject({ exitCode: 2, last: expect.stringContaining("--trust") });
  });
});

test("simulate serves until it is interrupted, and refuses a bad scenario or fault", async () => {
  expect(await signalbox(["simulate", "--fault", "nonsense"])).toMatchObject({ exitCode: 2 });
  expect(await signalbox(["simulate", "--scenario", "none.json"])).toMatchObject({ exitCode: 2 });
  const child = Bun.spawn([process.execPath, main, "simulate", "--json"], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "ignore",
  });
  const reader = child.stdout.getReader();
  const first = new TextDecoder().decode((await reader.read()).value);
  const { url } = JSON.parse(first.split("\n")[0] ?? "");
  expect(
    (await fetch(`${url}/v1/models`, { headers: { "x-api-key": "k", "anthropic-version": "2023-06-01" } })).status,
  ).toBe(200);
  child.kill("SIGINT");
  expect(await child.exited).toBe(130);
});
