/** What is measured: each figure is a few cold starts, or turns of a worker, in turn with a floor of its own. */
import { agentsFigures } from "./agents-figures.ts";
import type { BenchProject } from "./bench-project.ts";
import { floorBinary } from "./binaries.ts";
import { contextFigures } from "./context-figures.ts";
import { logStartFigures } from "./log-start-figures.ts";
import { type Figure, figure, inTurn } from "./measure.ts";
import { MeasuredProcess, type Program } from "./measured-process.ts";
import { memoryFigures } from "./memory-figures.ts";
import { mergeFigures } from "./merge-figures.ts";
import { deltaFigures } from "./page/delta-figures.ts";
import { type BenchProvider, type Gaps, turnsOfKind } from "./provider.ts";
import { scheduleFigures } from "./schedule-figures.ts";
import { sentFigures } from "./sent-figures.ts";
import { appendFigure, decisionFigure, sandboxFigure } from "./trust-figures.ts";
import { worktreeFigures } from "./worktree-figures.ts";

/** What a figure is measured with. */
export interface Bench {
  readonly binary: string;
  readonly project: BenchProject;
  readonly provider: BenchProvider;
  readonly rounds: number;
  /** Whether projects are as large as the goals say. */
  readonly isFull: boolean;
}

/** What can be measured by itself. */
export const figureIds = [
  "version",
  "healthz",
  "page",
  "first-request",
  "turns",
  "agents",
  "deltas",
  "append",
  "decision",
  "sandbox",
  "schedule",
  "context",
  "sent",
  "memory",
  "worktree",
  "merge",
  "log-start",
] as const;
export type FigureId = (typeof figureIds)[number];

/** Takes the figures of one id: one, or those that one measurement gives. */
export async function measure(id: FigureId, bench: Bench): Promise<Figure[]> {
  switch (id) {
    case "version":
      return [await versionFigure(bench)];
    case "healthz":
      return [await serverFigure(bench, id, "/healthz", "A  start to /healthz answered")];
    case "page":
      return [await serverFigure(bench, id, "/", "A2 start to the page served")];
    case "first-request":
      return [await firstRequestFigure(bench)];
    case "turns":
      return await turnFigures(bench);
    case "agents":
      return await agentsFigures(bench);
    case "deltas":
      return await deltaFigures(bench);
    case "append":
      return [await appendFigure(bench)];
    case "decision":
      return [await decisionFigure(bench)];
    case "sandbox":
      return [await sandboxFigure(bench)];
    case "schedule":
      return await scheduleFigures(bench);
    case "context":
      return await contextFigures(bench);
    case "sent":
      return await sentFigures(bench);
    case "memory":
      return await memoryFigures(bench);
    case "worktree":
      return await worktreeFigures(bench);
    case "merge":
      return await mergeFigures(bench);
    case "log-start":
      return await logStartFigures(bench);
    default:
      return id satisfies never;
  }
}

async function versionFigure(bench: Bench): Promise<Figure> {
  const floor = await floorBinary("version", bench.project.binFolder);
  const take = async (command: string[]) => {
    await using started = new MeasuredProcess(program(bench, command));
    return await started.until(started.exit());
  };
  const samples = await inTurn(
    bench.rounds,
    () => take([bench.binary, "--version"]),
    () => take([floor]),
  );
  return figure("version", "A  start to --version", samples);
}

async function serverFigure(bench: Bench, id: FigureId, path: string, title: string): Promise<Figure> {
  const floor = await floorBinary("server", bench.project.binFolder);
  const take = async (command: string[]) => {
    await using started = new MeasuredProcess(program(bench, command));
    return await started.until(started.answer(path, bench.project.env.SIGNALBOX_TOKEN ?? ""));
  };
  const serve = [bench.binary, "serve", "--port", "0", "--no-open", "--json", "--trust", "--unsafe-no-sandbox"];
  const samples = await inTurn(
    bench.rounds,
    () => take(serve),
    () => take([floor]),
  );
  return figure(id, title, samples);
}

async function firstRequestFigure(bench: Bench): Promise<Figure> {
  const floor = await floorBinary("first-request", bench.project.binFolder);
  const take = async (command: string[]) => {
    await bench.project.reset();
    const arrival = bench.provider.nextArrival();
    await using started = new MeasuredProcess(program(bench, command));
    return await started.until(arrival);
  };
  const samples = await inTurn(
    bench.rounds,
    () => take(runCommand(bench)),
    () => take([floor]),
  );
  return figure("first-request", "B  start to the first model request", samples);
}

async function turnFigures(bench: Bench): Promise<Figure[]> {
  const floor = await floorBinary("turns", bench.project.binFolder);
  const take = async (command: string[]) => {
    await bench.project.reset();
    const gaps = bench.provider.nextGaps();
    await using started = new MeasuredProcess(program(bench, command));
    await started.until(gaps.then(() => performance.now()));
    return checked(await gaps);
  };
  const samples = await inTurn(
    Math.ceil(bench.rounds / 4),
    () => take(runCommand(bench)),
    () => take([floor]),
  );
  const of = (kind: keyof Gaps) => ({
    ours: samples.ours.flatMap((gaps) => gaps[kind]),
    floor: samples.floor.flatMap((gaps) => gaps[kind]),
  });
  return [
    figure("turn-read", "C  response to next request, a file read", of("readMs")),
    figure("turn-bash", "C  response to next request, a command", of("bashMs")),
  ];
}

function checked(gaps: Gaps): Gaps {
  const { readMs, bashMs } = gaps;
  if (readMs.length === turnsOfKind && bashMs.length === turnsOfKind) return gaps;
  throw new Error(
    `A worker took ${readMs.length} reading and ${bashMs.length} command turns, not ${turnsOfKind} each.`,
  );
}

function runCommand({ binary }: Bench): string[] {
  return [binary, "run", "--epic", "Make the bench walk.", "--approve", "all", "--trust", "--unsafe-no-sandbox"];
}

function program({ project }: Bench, command: readonly string[]): Program {
  return { command, cwd: project.root, env: project.env };
}
