/** Many random lives of an engine. A failure names its seed; `SEED=<that> bun test test/simulation` plays it again. */
import { expect, test } from "bun:test";
import { EngineSimulation } from "../support/engine-simulation.ts";

const seeds = process.env.SEED ? [Number(process.env.SEED)] : Array.from({ length: 300 }, (_unset, index) => index + 1);

async function life(seed: number): Promise<{ faults: readonly string[]; types: readonly string[] }> {
  const simulation = new EngineSimulation(seed);
  try {
    const rig = await simulation.play();
    const types = rig.events.map((event) => event.type);
    await rig.engine.stop("the life is over");
    return { faults: simulation.faults.map((fault) => `SEED=${seed}: ${fault}`), types };
  } catch (error) {
    throw new Error(`SEED=${seed}`, { cause: error });
  }
}

test("whatever models, people, disks and power do, a run ends, and nothing happens without leave or twice", async () => {
  const faults: string[] = [];
  for (const seed of seeds) faults.push(...(await life(seed)).faults);
  expect(faults).toEqual([]);
}, 120_000);

test("a seed is the whole of a life: the same one gives the same log", async () => {
  const seed = seeds[0] ?? 1;
  expect((await life(seed)).types).toEqual((await life(seed)).types);
});
