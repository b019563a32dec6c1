/** Forks: everything before the place comes from the cassette, what is asked anew goes to the endpoint, and the rest stays free. */
import { afterAll, expect, test } from "bun:test";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { readEvents } from "../../src/cli/read-log.ts";
import { runCli } from "../../src/cli/run-cli.ts";
import { parseScenario } from "../../src/simulator/scenario.ts";
import { startSimulator } from "../../src/simulator/simulator.ts";
import { sceneFiles, scenes } from "../cassettes/scenes.ts";
import { testWorld } from "../support/cli-world.ts";
import { makeTempRepository } from "../support/temp-repository.ts";

const cassette = join(import.meta.dir, "../cassettes/two-tracks.jsonl");
const open: { remove(): unknown }[] = [];
afterAll(async () => {
  for (const each of open) await each.remove();
});

const Body = z.looseObject({ model: z.string(), messages: z.array(z.unknown()) });

/** A fork against a simulator of its own: what it asked there, what was said, and the log of its clone. */
async function forked(...argv: readonly string[]) {
  const scene = scenes.find(({ name }) => name === "two-tracks");
  const simulator = await startSimulator({ scenario: parseScenario(scene?.scenario) });
  const repository = await makeTempRepository(sceneFiles);
  const world = testWorld({ env: { ANTHROPIC_BASE_URL: simulator.url } });
  open.push(repository, world, { remove: () => simulator.stop() });
  const exitCode = await runCli(["fork", cassette, "--project", repository.root, "--trust", ...argv], world);
  const root = /played in a clone: (\S+)/.exec(world.said.note)?.[1] ?? "";
  if (root !== "") open.push({ remove: () => rmSync(root, { recursive: true }) });
  const events = readEvents({ root, name: "", stateDir: join(root, ".signalbox") }, { after: 0, limit: 100_000 });
  const asked = simulator.requests.map(({ body }) => Body.parse(body));
  return {
    exitCode,
    note: world.said.note,
    events,
    asked,
    readClone: (path: string) => Bun.file(join(root, path)).text(),
  };
}

test.concurrent("from a ticket, with another prompt and model: only what differs is asked anew", async () => {
  const before = await Bun.file(cassette).text();
  const prompt = "Write the word emu into emu.txt.";
  const { exitCode, note, events, asked, readClone } = await forked(
    "--from",
    "T-002",
    "--prompt",
    prompt,
    "--model",
    "ostrich",
  );
  expect([exitCode, note]).toEqual([0, expect.stringMatching(/\d of them went to the real endpoint/)]);
  const workers = asked.filter(({ model }) => model === "ostrich");
  expect(workers.length).toBeGreaterThan(0);
  for (const { messages } of workers) expect(JSON.stringify(messages[0])).toContain(prompt);
  // Tier 1, tier 2's plans and the workers of the other tickets cost nothing.
  expect(asked.map(({ model }) => model)).not.toContain("one");
  expect(asked.map(({ model }) => model)).not.toContain("three-a");
  const edited = events.find((event) => event.type === "gate.approved" && event.kind === "spawn" && event.isEdited);
  expect(edited).toMatchObject({ by: "person: fork", payload: { prompt, model: "ostrich" } });
  expect(await readClone("emu.txt")).toBe("emu\n");
  expect(await Bun.file(cassette).text()).toBe(before);
});

test.concurrent("from a turn: that turn and what comes of it are asked anew, in the same words", async () => {
  const { exitCode, note, asked } = await forked("--from", "Tier 3 (Worker): T-005:2");
  expect([exitCode, note]).toEqual([0, expect.stringContaining("1 of them went to the real endpoint")]);
  expect(asked.map(({ model }) => model)).toEqual(["three-a"]);
});

test.concurrent("from a track, with another plan: it is approved in place of the proposal", async () => {
  const ticket = { key: "elk", title: "Write the word elk", description: "Write elk.", target_files: ["elk.txt"] };
  const plan = { tickets: [{ ...ticket, acceptance_criteria: ["It is there."], depends_on: [] }] };
  const path = join(testFolder(), "plan.json");
  await Bun.write(path, JSON.stringify(plan));
  const { exitCode, note, events, readClone } = await forked("--from", "beta", "--plan", path);
  expect([exitCode, note]).toEqual([0, expect.stringContaining("went to the real endpoint")]);
  const titles = events.flatMap((event) => (event.type === "ticket.created" ? event.title : []));
  expect(titles).toContain("Write the word elk");
  expect(titles).not.toContain("Write the word bat");
  expect(await readClone("elk.txt")).toBe("elk\n");
});

test.concurrent.each([
  [["--from", "T-099"], 'The recording has no "T-099".'],
  [["--from", "Tier 3 (Worker): T-001:77"], "Give a ticket, a track, or STREAM:TURN of one of its streams: Tier 1"],
  [["--from", "alpha", "--model", "x"], "--prompt and --model change a ticket's start, and alpha is none"],
  [["--from", "T-001", "--plan", cassette], "is not JSON"],
  [[], "Say where the fork begins"],
] as const)("%p is refused with a sentence", async (argv, sentence) => {
  const { exitCode, note } = await forked(...argv);
  expect([exitCode, note]).toEqual([2, expect.stringContaining(sentence)]);
});

function testFolder(): string {
  const world = testWorld();
  open.push(world);
  return world.cwd;
}
