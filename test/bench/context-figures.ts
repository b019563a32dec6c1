/** What the building of context takes: a map of 5,000 names and the views that a tech lead begins with, cold and warm, beside a bare read. */
import { orchestratorMessage, techLeadMessage } from "../../src/context/plan-message.ts";
import { skeletonOf } from "../../src/context/skeleton.ts";
import { diskReader } from "../../src/context/source-reader.ts";
import { openRepository } from "../../src/workspace/repository.ts";
import { makeBenchProject } from "./bench-project.ts";
import type { Bench } from "./figures.ts";
import { type Figure, figure } from "./measure.ts";

const modules = ["src/part-0", "src/part-1/module-50.ts"];
const track = {
  trackId: "bench_20260101",
  title: "Bench",
  goal: "Go.",
  acceptanceCriteria: ["It goes."],
  modules,
  kind: "feature",
} as const;
const nothing = { documents: {}, earlierTracks: [], roster: [] } as const;

/**
 * Cold is the first time in a fresh process: grammars are loaded and every file is parsed. The floor lists the project and reads
 * the very files that are shown.
 */
export async function contextFigures({ rounds, isFull }: Bench): Promise<Figure[]> {
  const fileCount = isFull ? 5_000 : 500;
  const project = await makeBenchProject(fileCount, "http://127.0.0.1:9");
  try {
    const cold = await timesOf(Math.ceil(rounds / 4), () => inFreshProcess(project.root));
    const repository = await openRepository(project.root);
    await planningContext(repository);
    const warm: number[] = [];
    const floor: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      warm.push(await timed(() => planningContext(repository)));
      floor.push(await timed(() => bareRead(repository)));
    }
    const all = await repository.files();
    const reader = diskReader(project.root, async () => all);
    const skeletons = () => everySkeleton(reader, all);
    const allCold = await timed(skeletons);
    const allWarm = await timesOf(Math.ceil(rounds / 4), () => timed(skeletons));
    const allFloor = await timesOf(Math.ceil(rounds / 4), () =>
      timed(async () => {
        for (const path of all) await reader.read(path);
      }),
    );
    const words = `${fileCount} files`;
    return [
      figure("context-cold", `J  map and views of ${words}, cold`, { ours: cold, floor }),
      figure("context-warm", `J  map and views of ${words}, warm`, { ours: warm, floor }),
      figure("skeletons-cold", `J  skeletons of all ${words}, cold`, { ours: [allCold], floor: allFloor }),
      figure("skeletons-warm", `J  skeletons of all ${words}, warm`, { ours: allWarm, floor: allFloor }),
    ];
  } finally {
    project.removeNow();
  }
}

type Repository = Awaited<ReturnType<typeof openRepository>>;

/** What tiers 1 and 2 begin with: the map of all names, then the views of a track's modules. */
export async function planningContext(repository: Repository): Promise<void> {
  const paths = await repository.files();
  orchestratorMessage({ goal: "Go.", paths, ...nothing });
  const { commit } = await repository.head();
  const disk = diskReader(repository.root, () => repository.fileNamesAt(commit));
  const reader = { list: () => disk.list(), read: (path: string) => repository.readFileAt(commit, path) };
  const message = await techLeadMessage({ track, paths: await disk.list(), reader, ...nothing });
  if (!message.join("").includes("step0Part0")) throw new Error("The views do not show the modules.");
}

async function bareRead(repository: Repository): Promise<void> {
  await repository.files();
  const { commit } = await repository.head();
  const names = await repository.fileNamesAt(commit);
  for (const path of names.filter((name) => name.startsWith("src/part-0/")).slice(0, 43))
    await repository.readFileAt(commit, path);
}

async function everySkeleton(reader: ReturnType<typeof diskReader>, paths: readonly string[]): Promise<void> {
  for (const path of paths) await skeletonOf(path, (await reader.read(path)) ?? "");
}

async function inFreshProcess(root: string): Promise<number> {
  const child = Bun.spawn([process.execPath, import.meta.filename, root], { stdout: "pipe", stderr: "inherit" });
  const ms = Number(await new Response(child.stdout).text());
  if ((await child.exited) !== 0 || !(ms > 0)) throw new Error("The context could not be built in a fresh process.");
  return ms;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

async function timesOf(count: number, take: () => Promise<number>): Promise<number[]> {
  const times: number[] = [];
  for (let round = 0; round < count; round += 1) times.push(await take());
  return times;
}

if (import.meta.main) {
  const repository = await openRepository(process.argv[2] ?? "");
  console.log(await timed(() => planningContext(repository)));
  process.exit(0);
}
