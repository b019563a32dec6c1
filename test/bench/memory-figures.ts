/**
 * What memory it takes: an idle server, one more agent at work, a long run of tickets, a day. Where nothing bare does the same,
 * the floor is the same thing earlier: memory that does not grow has a ratio of 1.
 */
import { join } from "node:path";
import { setTimeout as after } from "node:timers/promises";
import { z } from "zod";
import { type BenchProject, makeBenchProject } from "./bench-project.ts";
import { floorBinary } from "./binaries.ts";
import { type CrewProvider, startCrewProvider } from "./crew-provider.ts";
import type { Bench } from "./figures.ts";
import { type Figure, figure, inTurn } from "./measure.ts";
import { MeasuredProcess } from "./measured-process.ts";
import { descendantsMb, proportionalMb, residentMb } from "./process-cost.ts";

/** Sizes by form: the issue's, those of a usual run, and the shortest that still says something. */
interface Sizes {
  readonly idleMs: number;
  readonly agents: number;
  readonly tickets: number;
  readonly ticketsOfHour: number;
}

const turnCount = 5;
const heldTurn = 3;
/** Few, because worktrees have figures of their own: a ticket beyond them is about a new file. */
const fileCount = 100;
const usualWorkers = 4;
const longLimitMs = 1_800_000;

export async function memoryFigures(bench: Bench): Promise<Figure[]> {
  const sizes = sizesOf(bench);
  const provider = startCrewProvider();
  const project = await makeBenchProject(fileCount, provider.baseUrl);
  try {
    return [
      ...(await idleRows(bench, sizes)),
      ...(await agentRows(bench, provider, project, sizes)),
      await ticketsRow(bench, provider, project, sizes),
      await dayRow(sizes),
    ];
  } finally {
    await provider.stop();
    project.removeNow();
  }
}

function sizesOf({ isFull, rounds }: Bench): Sizes {
  if (isFull) return { idleMs: 10_000, agents: 64, tickets: 1_000, ticketsOfHour: 40 };
  if (rounds === 1) return { idleMs: 200, agents: 16, tickets: 20, ticketsOfHour: 1 };
  return { idleMs: 1_000, agents: 16, tickets: 50, ticketsOfHour: 2 };
}

async function idleRows({ binary, project, rounds }: Bench, { idleMs }: Sizes): Promise<Figure[]> {
  const floor = await floorBinary("server", project.binFolder);
  const serve = [binary, "serve", "--port", "0", "--no-open", "--json", "--trust", "--unsafe-no-sandbox"];
  const take = async (command: string[]) => {
    // A server that finds a run unfinished goes on with it, and is not idle.
    await project.reset();
    await using started = new MeasuredProcess({ command, cwd: project.root, env: project.env });
    await started.until(started.answer("/healthz", project.env.SIGNALBOX_TOKEN ?? ""));
    await after(idleMs);
    return { resident: residentMb(started.pid), proportional: proportionalMb(started.pid) };
  };
  const samples = await inTurn(
    Math.ceil(rounds / 8),
    () => take(serve),
    () => take([floor]),
    true,
  );
  const row = (id: string, words: string, of: "resident" | "proportional") => {
    const both = { ours: samples.ours.map((each) => each[of]), floor: samples.floor.map((each) => each[of]) };
    return figure(`memory-idle${id}`, `H  idle server, ${words}`, both, "MB");
  };
  return [row("", "resident", "resident"), row("-proportional", "shared pages in part", "proportional")];
}

/** What each agent adds to a process that has one, at its fourth request. */
async function agentRows(
  { binary, rounds }: Bench,
  provider: CrewProvider,
  project: BenchProject,
  { agents }: Sizes,
): Promise<Figure[]> {
  const floor = await floorBinary("turns", project.binFolder);
  const held = async (command: string[], workerCount: number) => {
    await project.reset();
    const allHeld = Promise.withResolvers<number>();
    const onHeld = (count: number) => {
      if (count === workerCount) allHeld.resolve(performance.now());
    };
    void provider.nextWork({ workerCount, turnCount, latencyMs: 0, heldTurn, onHeld });
    const env = { ...project.env, FLOOR_AGENTS: String(workerCount) };
    await using started = new MeasuredProcess({ command, cwd: project.root, env, isUnread: true });
    await started.until(allHeld.promise);
    const own = residentMb(started.pid);
    return { own, all: own + descendantsMb(started.pid) };
  };
  const perAgent = async (command: string[]) => {
    const [one, many] = [await held(command, 1), await held(command, agents)];
    return { own: (many.own - one.own) / (agents - 1), all: (many.all - one.all) / (agents - 1) };
  };
  const samples = await inTurn(
    Math.ceil(rounds / 16),
    () => perAgent(runCommand(binary, agents)),
    () => perAgent([floor]),
    true,
  );
  const row = (id: string, words: string, of: "own" | "all") => {
    const both = { ours: samples.ours.map((each) => each[of]), floor: samples.floor.map((each) => each[of]) };
    return figure(`memory-agent${id}`, `H  an agent more, of ${agents} at work${words}`, both, "MB");
  };
  return [row("", "", "own"), row("-all", ", children too", "all")];
}

function runCommand(binary: string, workers: number): string[] {
  const leave = ["--approve", "all", "--trust", "--unsafe-no-sandbox"];
  return [binary, "run", "--epic", "Walk.", "--workers", String(workers), ...leave];
}

/** One run of many tickets: its memory at the end of the last worker, beside that at a tenth of them. */
async function ticketsRow(
  { binary }: Bench,
  provider: CrewProvider,
  project: BenchProject,
  { tickets }: Sizes,
): Promise<Figure> {
  await project.reset();
  const residentAt = new Map<number, number>();
  const onEnd = (count: number) => void residentAt.set(count, residentMb(started.pid));
  const working = provider.nextWork({ workerCount: tickets, turnCount, latencyMs: 0, onEnd });
  const { root: cwd, env } = project;
  await using started = new MeasuredProcess({
    command: runCommand(binary, usualWorkers),
    cwd,
    env,
    isUnread: true,
    limitMs: longLimitMs,
  });
  await started.until(working.then(({ lastResponseAt }) => lastResponseAt));
  const early = Math.ceil(tickets / 10);
  const [last, first] = [residentAt.get(tickets) ?? 0, residentAt.get(early) ?? 0];
  const title = `H  a run after ${tickets} tickets; floor: after ${early}`;
  return figure("memory-tickets", title, { ours: [last], floor: [first] }, "MB");
}

const Heap = z.array(z.number().positive()).length(24);

/** A simulated day in a process of its own: its heap after the last hour, beside that after the first. */
async function dayRow({ ticketsOfHour }: Sizes): Promise<Figure> {
  const command = [process.execPath, join(import.meta.dir, "simulated-day.ts"), String(ticketsOfHour)];
  const child = Bun.spawn(command, { stdout: "pipe", stderr: "inherit" });
  const out = await new Response(child.stdout).text();
  if ((await child.exited) !== 0) throw new Error("The simulated day did not end well.");
  const heap = Heap.parse(JSON.parse(out));
  const title = `H  heap after 24 simulated hours, ${ticketsOfHour} tickets in each; floor: after 1`;
  return figure("memory-day", title, { ours: heap.slice(-1), floor: heap.slice(0, 1) }, "MB");
}
