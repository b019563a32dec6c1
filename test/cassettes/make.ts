/**
 * Makes the cassettes of this folder: `bun test/cassettes/make.ts [NAME ...]`. Each is recorded from a real run against the
 * simulator, with its events beside it (without times and ids) for `replay.test.ts` to compare with.
 */
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { readEvents } from "../../src/cli/read-log.ts";
import { runCli } from "../../src/cli/run-cli.ts";
import { parseScenario } from "../../src/simulator/scenario.ts";
import { startSimulator } from "../../src/simulator/simulator.ts";
import { type TestWorld, testWorld } from "../support/cli-world.ts";
import { runLines } from "../support/same-run.ts";
import { makeTempRepository } from "../support/temp-repository.ts";
import { answerGates, type Scene, sceneFiles, sceneGoal, scenes } from "./scenes.ts";
import { steer } from "./steer.ts";

const folder = import.meta.dir;

async function make(scene: Scene): Promise<void> {
  const simulator = await startSimulator({ scenario: parseScenario(scene.scenario) });
  const repository = await makeTempRepository(sceneFiles);
  const world = testWorld({
    env: { ANTHROPIC_BASE_URL: simulator.url, ANTHROPIC_API_KEY: "sk-test-0123456789-canary" },
  });
  const path = join(folder, `${scene.name}.jsonl`);
  const project = ["--project", repository.root, "--trust"];
  try {
    rmSync(path, { force: true });
    const run = [...project, "--approve", scene.level, "--land"];
    let exitCode = await runCli(["record", path, "--epic", sceneGoal, ...run], world);
    let { steering } = scene;
    for (let left = 60; exitCode === 3 && left > 0; left -= 1) {
      if (steering && (await steer(steering, repository.root, world))) steering = undefined;
      await answerGates(["--project", repository.root], world);
      exitCode = await runCli(["resume", ...run], world);
    }
    if (exitCode !== scene.exitCode) {
      await runCli(["retry", "T-001", "--project", repository.root], world);
      exitCode = await runCli(["resume", ...run], world);
    }
    const events = readEvents({ root: repository.root, name: "", stateDir: join(repository.root, ".signalbox") }, all);
    await Bun.write(join(folder, `${scene.name}.events.txt`), `${runLines(events, repository.root).join("\n")}\n`);
    process.stdout.write(`${scene.name}: exit ${exitCode}, ${events.length} events\n`);
    if (exitCode > 1) process.stdout.write(said(world));
  } finally {
    await simulator.stop();
    await repository.remove();
    world.remove();
  }
}

const all = { after: 0, limit: Number.MAX_SAFE_INTEGER };

function said(world: TestWorld): string {
  return `${world.said.out}${world.said.note}`.slice(-4_000);
}

mkdirSync(folder, { recursive: true });
const names = process.argv.slice(2);
for (const scene of scenes) if (names.length === 0 || names.includes(scene.name)) await make(scene);
process.exit(0);
