/**
 * Random lives of an engine in this process: models, people, disks and power as bad as the seed says. It fails when a run
 * does not end, when anything happens twice or without leave, when a limit is passed, or when the log does not fold to the state.
 */
import { EngineSimulation } from "../support/engine-simulation.ts";
import type { Proof } from "./proof.ts";

export const simulation: Proof = {
  name: "simulation",
  promise: "Whatever models, people, disks and power do, a run ends, and nothing happens twice or without leave.",
  async prove(tally, { isLong, seed }) {
    const seeds = Array.from({ length: isLong ? 600 : 40 }, (_unset, index) => seed + index);
    tally.note = `seeds ${seed} to ${seed + seeds.length - 1}`;
    for (const one of seeds) tally.trial(`SEED=${one}`, await faultsOf(one));
  },
};

async function faultsOf(seed: number): Promise<readonly string[]> {
  const life = new EngineSimulation(seed);
  try {
    const rig = await life.play();
    await rig.engine.stop("the life is over");
    return life.faults;
  } catch (error) {
    return [...life.faults, error instanceof Error ? error.message : String(error)];
  }
}
