/** Every cassette of this folder, played again in the process of the test: the same events but for times and ids, the same files. */
import { afterAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { readEvents } from "../../src/cli/read-log.ts";
import { runCli } from "../../src/cli/run-cli.ts";
import { FaultKind } from "../../src/simulator/fault.ts";
import { type TestWorld, testWorld } from "../support/cli-world.ts";
import { runLines } from "../support/same-run.ts";
import { makeTempRepository, type TempRepository } from "../support/temp-repository.ts";
import { faults, sceneFiles, scenes } from "./scenes.ts";

const open: { readonly repository: TempRepository; readonly world: TestWorld }[] = [];
afterAll(async () => {
  for (const { repository, world } of open) {
    await repository.remove();
    world.remove();
  }
});

async function freshClone() {
  const place = { repository: await makeTempRepository(sceneFiles), world: testWorld() };
  open.push(place);
  return place;
}

test("every fault of the simulator is in one of them", () => {
  expect(FaultKind.options.filter((kind) => !faults.includes(kind))).toEqual([]);
});

describe.concurrent("a cassette plays its run again", () => {
  test.each(scenes)("$name", async ({ name, exitCode: recordedCode }) => {
    const { repository, world } = await freshClone();
    const { root } = repository;
    const args = ["replay", join(import.meta.dir, `${name}.jsonl`), "--project", root, "--trust", "--land"];
    const exitCode = await runCli(args, world);
    const { note } = world.said;
    expect([exitCode, note]).toEqual([recordedCode, expect.stringContaining("cost nothing")]);
    const events = readEvents({ root, name, stateDir: join(root, ".signalbox") }, { after: 0, limit: 100_000 });
    const recorded = await Bun.file(join(import.meta.dir, `${name}.events.txt`)).text();
    expect(runLines(events, root)).toEqual(recorded.trimEnd().split("\n"));
  });
});
