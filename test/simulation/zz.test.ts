import { expect, test } from "bun:test";
import { EngineSimulation } from "../support/engine-simulation.ts";
test("many", async () => {
  let shown = 0;
  for (let seed = 1000; seed < 1100; seed++) {
    const a = (await new EngineSimulation(seed).play()).events;
    const b = (await new EngineSimulation(seed).play()).events;
    const i = a.findIndex((e, k) => e.type !== b[k]?.type);
    if (i >= 0 && shown++ < 8) {
      console.log(seed, "of", a.length, "at", i, a.slice(i-4,i+2).map((e) => e.type + " " + JSON.stringify(e).slice(0,70)), b.slice(i-1,i+2).map((e) => e.type));
    }
  }
  console.log("differ", shown);
}, 200_000);
