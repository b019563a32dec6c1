/** Many workers at once, each of a few turns with a model that takes its time: makespan, CPU and memory beside as many bare loops in one process. */
import { makeBenchProject } from "./bench-project.ts";
import { floorBinary } from "./binaries.ts";
import { type CrewProvider, type CrewWork, startCrewProvider } from "./crew-provider.ts";
import type { Bench } from "./figures.ts";
import { type Figure, figure, inTurn } from "./measure.ts";
import { MeasuredProcess } from "./measured-process.ts";
import { cpuSecondsWithChildren, descendantsMb, peakMb } from "./process-cost.ts";

const turnCount = 5;
const latencyMs = 200;
const sampleMs = 50;
/** Few, because worktrees have figures of their own. */
const fileCount = 100;

/** What one run of a program cost, from its start to its last worker's last response. */
interface CrewCost {
  readonly makespanMs: number;
  /** The part of it before the first worker's first request: for the product the start, the plan and its worktrees. */
  readonly planMs: number;
  readonly cpuMs: number;
  readonly memoryMb: number;
  /** With the most that its children held at one time. */
  readonly allMemoryMb: number;
  readonly mostInFlight: number;
}

/** Seven figures for each number of workers. The planners' requests are answered at once, so what they add is the product's own. */
export async function agentsFigures({ binary, rounds, isFull }: Bench): Promise<Figure[]> {
  const provider = startCrewProvider();
  const project = await makeBenchProject(fileCount, provider.baseUrl, "[workers]\nmax = 64\n");
  try {
    const floor = await floorBinary("turns", project.binFolder);
    const take = async (command: string[], workerCount: number) => {
      await project.reset();
      const env = { ...project.env, FLOOR_AGENTS: String(workerCount) };
      return await crewCost(provider, workerCount, { command, cwd: project.root, env, isUnread: true });
    };
    const ours = [binary, "run", "--epic", "Walk.", "--approve", "all", "--trust", "--unsafe-no-sandbox"];
    const figures: Figure[] = [];
    const counts = isFull ? [8, 16, 32, 64] : rounds === 1 ? [8] : [8, 16];
    await using warm = new MeasuredProcess({ command: [binary, "--version"], cwd: project.root, env: project.env });
    await warm.exit();
    for (const count of counts) {
      const samples = await inTurn(
        Math.ceil(rounds / 8),
        () => take(ours, count),
        () => take([floor], count),
        true,
      );
      figures.push(...rows(count, samples));
    }
    return figures;
  } finally {
    await provider.stop();
    project.removeNow();
  }
}

function rows(count: number, samples: { readonly ours: CrewCost[]; readonly floor: CrewCost[] }): Figure[] {
  const row = (id: string, words: string, unit: string, of: (cost: CrewCost) => number) => {
    const both = { ours: samples.ours.map(of), floor: samples.floor.map(of) };
    return figure(`agents-${count}-${id}`, `D  ${count} agents: ${words}`, both, unit);
  };
  const idealMs = turnCount * latencyMs;
  return [
    row("makespan", `start to the last response, ideal ${idealMs}`, "ms", ({ makespanMs }) => makespanMs),
    row("plan", "of it before the first worker's request", "ms", ({ planMs }) => planMs),
    row("work", "of it from there", "ms", ({ makespanMs, planMs }) => makespanMs - planMs),
    row("cpu", "CPU until then, children too", "ms", ({ cpuMs }) => cpuMs),
    row("memory", "peak memory until then", "MB", ({ memoryMb }) => memoryMb),
    row("all-memory", "peak memory until then, children too", "MB", ({ allMemoryMb }) => allMemoryMb),
    row("flight", "requests in flight at most", "", ({ mostInFlight }) => mostInFlight),
  ];
}

async function crewCost(
  provider: CrewProvider,
  workerCount: number,
  program: ConstructorParameters<typeof MeasuredProcess>[0],
): Promise<CrewCost> {
  await using started = new MeasuredProcess(program);
  const { pid, startedAt } = started;
  let [cpuMs, processMb, childrenMb] = [0, 0, 0];
  const sampling = setInterval(() => {
    childrenMb = Math.max(childrenMb, descendantsMb(pid));
  }, sampleMs);
  try {
    const onEnd = () => {
      cpuMs = cpuSecondsWithChildren(pid) * 1_000;
      processMb = peakMb(pid);
    };
    const working = provider.nextWork({ workerCount, turnCount, latencyMs, onEnd });
    const makespanMs = await started.until(working.then(({ lastResponseAt }) => lastResponseAt));
    const { firstRequestAt, mostInFlight }: CrewWork = await working;
    const planMs = firstRequestAt - startedAt;
    return { makespanMs, planMs, cpuMs, memoryMb: processMb, allMemoryMb: processMb + childrenMb, mostInFlight };
  } finally {
    clearInterval(sampling);
  }
}
