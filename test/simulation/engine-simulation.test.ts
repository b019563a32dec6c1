/** Many random lives of an engine. A failure names its seed; `SEED=<that> bun test test/simulation` plays it again. */
import { expect, test } from "bun:test";
import { EngineSimulation } from "../support/engine-simulation.ts";

const seeds = process.env.SEED ? [Number(process.env.SEED)] : Array.from({ length: 60 }, (_unset, index) => index + 1);

test("whatever models, people, disks and power do, a run ends, and nothing happens without leave or twice", async () => {
  const faults: string[] = [];
  for (const seed of seeds) {
    const simulation = new EngineSimulation(seed);
    try {
      await simulation.play();
    } catch (error) {
      throw new Error(`SEED=${seed}`, { cause: error });
    }
    faults.push(...simulation.faults.map((fault) => `SEED=${seed}: ${fault}`));
  }
  expect(faults).toEqual([]);
}, 30_000);
