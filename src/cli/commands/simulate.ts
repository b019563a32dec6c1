/** `signalbox simulate`: the simulator on loopback, until Ctrl-C. */
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { CassetteDesk } from "../../simulator/cassette-desk.ts";
import { FaultSpecError, parseFault } from "../../simulator/fault.ts";
import { parseScenarioText, type Scenario, ScenarioError } from "../../simulator/scenario.ts";
import { startSimulator } from "../../simulator/simulator.ts";
import { usageError } from "../cli-error.ts";
import type { RunCommand } from "../command-table.ts";
import { requestReporter } from "../simulator-report.ts";
import type { World } from "../world.ts";

/** Serves the scenario of `--scenario`, the cassette of `--cassette`, or the demo. */
export const simulate: RunCommand = async ({ options }, world) => {
  if (options.scenario !== undefined && options.cassette !== undefined)
    throw usageError("Give either --scenario or --cassette: one of them answers.");
  const script =
    options.cassette === undefined
      ? { scenario: await scenarioOf(options.scenario, world) }
      : { cassette: await cassetteOf(options.cassette, world) };
  const faults = options.fault === undefined ? [] : asUsage(() => parseFault(options.fault ?? ""));
  const simulator = await startSimulator({
    port: options.port ?? 0,
    ...script,
    faults,
    onRequest: requestReporter(options, world),
  });
  const interrupted = Promise.withResolvers<void>();
  const stopListening = world.onInterrupt(interrupted.resolve);
  try {
    if (options.json) world.out(`${JSON.stringify({ type: "listening", url: simulator.url, pid: process.pid })}\n`);
    else world.out(`The simulator answers at ${simulator.url}\n`);
    world.note(
      `Use it with: ANTHROPIC_BASE_URL=${simulator.url} ANTHROPIC_API_KEY=none signalbox ...   (or another client)   Ctrl-C ends.\n`,
    );
    await interrupted.promise;
    return 130;
  } finally {
    stopListening();
    await simulator.stop();
  }
};

/** Any client is answered, as often as it asks. */
async function cassetteOf(file: string, world: World): Promise<CassetteDesk> {
  const { loadTape } = await import("../cassette/load-tape.ts");
  const { CassetteDesk } = await import("../../simulator/cassette-desk.ts");
  const { CassettePlayer } = await import("../../simulator/cassette-player.ts");
  return new CassetteDesk(new CassettePlayer(await loadTape(file, world), { isRepeating: true }));
}

async function scenarioOf(file: string | undefined, world: World): Promise<Scenario> {
  if (file === undefined) {
    const { demoScenario } = await import("../../simulator/demo-scenario.ts");
    return demoScenario({ speed: 1, verifyCommand: "bun test" });
  }
  const text = await readFile(resolve(world.cwd, file), "utf8").catch(() => {
    throw usageError(`The scenario ${file} cannot be read. Give --scenario a JSON file.`);
  });
  return asUsage(() => parseScenarioText(text, file));
}

/** Faults in what a person gave are wrong usage, with the parser's own sentence. */
function asUsage<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof FaultSpecError || error instanceof ScenarioError) throw usageError(error.message);
    throw error;
  }
}
