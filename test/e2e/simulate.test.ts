/** The compiled binary's simulator, driven to the end of a true task by an agent loop that is not ours: the SDK's tool runner. */
import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import Anthropic from "@anthropic-ai/sdk";
import { z } from "zod";
import { blocksOf } from "../../src/domain/message-block.ts";
import { readTape } from "../../src/simulator/cassette-tape.ts";
import { type Launched, launch } from "../support/e2e-binary.ts";

const folder = mkdtempSync(join(tmpdir(), "signalbox-simulate-"));
const started: Launched[] = [];
afterAll(async () => {
  for (const simulator of started) await ended(simulator);
  rmSync(folder, { recursive: true });
});

const Listening = z.object({ url: z.string() });
const scenarioPath = resolve(import.meta.dir, "../foreign/double.json");
const cassettePath = resolve(import.meta.dir, "../cassettes/answered-gates.jsonl");

async function serve(...args: string[]): Promise<{ readonly simulator: Launched; readonly client: Anthropic }> {
  const simulator = launch(["simulate", ...args, "--json"], { cwd: folder, home: folder });
  started.push(simulator);
  const { url } = Listening.parse(await simulator.line(({ type }) => type === "listening"));
  return { simulator, client: new Anthropic({ apiKey: "any", baseURL: url, maxRetries: 2 }) };
}

async function ended(simulator: Launched) {
  simulator.kill("SIGINT");
  return await simulator.finished;
}

/** A tool as the runner takes it; the input is what the scenario or the recording says. */
function tool<Input>(name: string, run: (input: Input) => string) {
  const schema = { type: "object" as const };
  return { name, description: name, input_schema: schema, parse: (input: unknown) => input as Input, run };
}

/** Tools of a coding agent that does what it is told, in the test's own folder. */
const tools = [
  tool("read", ({ path }: { path: string }) => readFileSync(join(folder, path), "utf8")),
  tool("write", ({ path, content }: { path: string; content: string }) => {
    writeFileSync(join(folder, path), content);
    return `Wrote ${path}.`;
  }),
  tool("bash", ({ command }: { command: string }) =>
    Bun.spawnSync(["sh", "-c", command], { cwd: folder }).stdout.toString(),
  ),
];

const messages: Anthropic.Beta.BetaMessageParam[] = [{ role: "user", content: "Double the number in note.txt" }];
const task = { model: "any", max_tokens: 1_000, tools, messages };
const faults = "529:1:retry-after=0.01,500:1:after=1:retry-after=0.01";

for (const stream of [false, true]) {
  test(`the SDK's tool runner reads, writes and runs, through errors that pass (stream: ${stream})`, async () => {
    writeFileSync(join(folder, "note.txt"), `The answer is ${stream ? 21 : 42}.\n`);
    const { simulator, client } = await serve("--scenario", scenarioPath, "--fault", faults, "--follow");
    const { messages: beta } = client.beta;
    const runner = stream ? beta.toolRunner({ ...task, stream }) : beta.toolRunner({ ...task, stream });
    const final = await runner.runUntilDone();
    expect(final.content).toMatchObject([{ type: "text", text: `It is ${stream ? 42 : 84}.` }]);
    const { lines, exitCode, err } = await ended(simulator);
    const requests = lines.filter(({ type }) => type === "request");
    expect([exitCode, err]).toEqual([130, expect.not.stringContaining("No rule")]);
    expect(requests.map(({ status, ruleName }) => [status, ruleName])).toEqual([
      [529, "(fault)"],
      [200, "read"],
      [500, "(fault)"],
      [200, "write"],
      [200, "bash"],
      [200, "say bash"],
    ]);
  });
}

test("what no rule answers is said to the client, and once on stderr, with a rule that would", async () => {
  const { simulator, client } = await serve("--scenario", scenarioPath, "--follow", "--full");
  const offered = [{ name: "fly", input_schema: { type: "object" as const } }];
  const said = [{ role: "user" as const, content: "Fly away" }];
  const ask = () => client.messages.create({ model: "any", max_tokens: 1_000, tools: offered, messages: said });
  const words =
    'No rule of the scenario answers this request: model any; turn 0; last user message "Fly away"; tools fly. Add one, such as {"when":{"turn":0},';
  expect((await ask()).content).toMatchObject([{ text: expect.stringContaining(words) }]);
  await ask();
  const { err, lines } = await ended(simulator);
  expect(err.split(words)).toHaveLength(2);
  expect(lines.at(-1)).toMatchObject({ type: "request", ruleName: "(none)", body: { max_tokens: 1_000 } });
});

for (const stream of [false, true]) {
  test(`a cassette leads the SDK's tool runner as it led the recorded worker (stream: ${stream})`, async () => {
    const { simulator, client } = await serve("--cassette", cassettePath, "--follow");
    const { first, last, results } = recordedWorker();
    const run = () => results.shift() ?? "nothing";
    const offered = (first.tools ?? []).map((each) => ({ ...Tool.parse(each), parse: (input: unknown) => input, run }));
    const { model, system } = z.object({ model: z.string(), system: z.string() }).parse(first);
    const begin = {
      model,
      system,
      max_tokens: 1_000,
      tools: offered,
      messages: z.array(Message).parse(first.messages),
    };
    const { messages: beta } = client.beta;
    const runner = stream ? beta.toolRunner({ ...begin, stream }) : beta.toolRunner({ ...begin, stream });
    expect((await runner.runUntilDone()).content).toMatchObject(last);
    expect([results, (await ended(simulator)).lines.slice(1).map(({ status }) => status)]).toEqual([
      [],
      [200, 200, 200],
    ]);
  });
}

const Message = z.custom<Anthropic.Beta.BetaMessageParam>(); // As it was sent.
const Tool = z.object({
  name: z.string(),
  description: z.string(),
  input_schema: z.looseObject({ type: z.literal("object") }),
});
const Result = z.object({ type: z.literal("tool_result"), content: z.string() });

/** The first request of the recorded worker, what its tools gave in turn, and its last words. */
function recordedWorker() {
  const { exchanges } = readTape(readFileSync(cassettePath, "utf8"), "answered-gates.jsonl");
  const turns = exchanges.filter(({ role }) => role === "worker");
  const [first, last] = [turns[0], turns.at(-1)];
  if (first === undefined || last?.response.kind !== "message")
    throw new Error("The cassette holds no worker to its end.");
  const blocks = last.request.messages.flatMap((message) => blocksOf(message));
  const results = blocks.flatMap((block) => Result.safeParse(block).data?.content ?? []);
  return { first: first.request, last: last.response.content, results };
}
