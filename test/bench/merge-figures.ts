/**
 * What the merge queue takes: tickets that are all ready before the first of them is merged, without a conflict, in the whole
 * program; beside the least that git takes for the same merges.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { runGit } from "../../src/workspace/git.ts";
import { launch, summaryOf } from "../support/e2e-binary.ts";
import { crew, ticketPlan, trackPlan } from "../support/foreign-crew.ts";
import { startForeignProvider } from "../support/foreign-provider.ts";
import { type NotedGit, noteGit, quoted } from "../support/noted-git.ts";
import type { Bench } from "./figures.ts";
import { type Figure, figure } from "./measure.ts";

const mark = "a merge was checked";

const Check = z.object({
  type: z.enum(["check.started", "check.completed"]),
  at: z.iso.datetime(),
  ticketId: z.string(),
  subject: z.enum(["ticket", "merged"]),
});
const Merged = z.object({
  type: z.literal("merge.completed"),
  at: z.iso.datetime(),
  ticketId: z.string(),
  commit: z.string(),
});
const MergeEvent = z.discriminatedUnion("type", [Check, Merged]);
type MergeEvent = z.infer<typeof MergeEvent>;

/** Time and git processes of a merge. They come from two runs: noting a process takes time. */
export async function mergeFigures(bench: Bench): Promise<Figure[]> {
  const ticketCount = bench.isFull ? 100 : 10;
  const noted = await noteGit(join(bench.project.binFolder, "noted"));
  await mergedRun(bench, ticketCount, noted);
  const processes = callsBetweenMarks(await noted.calls(), ticketCount);
  const events = await mergedRun(bench, ticketCount, null);
  const bare = await bareMerges(bench.project.root, mergesOf(events));
  const words = `K  a merge, ${ticketCount} tickets ready at once`;
  const floor = { ms: bare.map(({ ms }) => ms), processes: bare.map((merge) => merge.processes) };
  return [
    figure("merge", `${words}, beyond its check`, { ours: beyondChecks(events), floor: floor.ms }),
    figure("merge-git", `${words}, git processes`, { ours: processes, floor: floor.processes }, "git"),
  ];
}

/** Runs the program until all tickets are merged; the first merge's check waits until every ticket is ready. */
async function mergedRun(
  { binary, project }: Bench,
  ticketCount: number,
  noted: NotedGit | null,
): Promise<MergeEvent[]> {
  await project.reset();
  const allReady = join(project.binFolder, `all-ready-${noted === null ? "timed" : "noted"}`);
  const note = noted === null ? "" : `echo ${quoted(mark)} >> ${quoted(noted.log)};`;
  // Merges are checked in a folder whose name begins so.
  const verify = `case "$PWD" in */_*) until [ -e ${quoted(allReady)} ]; do sleep 0.02; done; ${note} esac`;
  const plans = Array.from({ length: ticketCount }, (_, index) => ticketPlan(`t${index}`, { verify }));
  const provider = startForeignProvider(crew([trackPlan("merges", plans)]));
  const env = { ...project.env, ANTHROPIC_BASE_URL: provider.url, ...(noted && { PATH: noted.path }) };
  try {
    const command = ["run", "--epic", "Merge much.", "--approve", "all", "--trust", "--unsafe-no-sandbox", "--json"];
    const run = launch(command, { cwd: project.root, home: project.env.HOME ?? "", env, binary });
    const ready = new Set<string>();
    await run.line((line) => {
      const { data } = Check.safeParse(line);
      if (data?.type === "check.completed" && data.subject === "ticket") ready.add(data.ticketId);
      return ready.size === ticketCount;
    });
    await writeFile(allReady, "");
    const { outcome } = summaryOf(await run.finished);
    if (outcome !== "done") throw new Error(`The run that merges ended with "${outcome}", not with "done".`);
    return (await run.finished).lines.flatMap((line) => MergeEvent.safeParse(line).data ?? []);
  } finally {
    await provider.stop();
  }
}

/** How many processes began between each check of a merge and the next: everything that the program did meanwhile. */
function callsBetweenMarks(calls: readonly string[], ticketCount: number): number[] {
  const marks = calls.flatMap((call, index) => (call === mark ? [index] : []));
  if (marks.length !== ticketCount)
    throw new Error(
      `${marks.length} merges of ${ticketCount} tickets were checked: the processes of one cannot be told.`,
    );
  return marks.slice(1).map((at, index) => at - (marks[index] ?? 0) - 1);
}

/** Milliseconds from the end of each merge to the end of the next, without the check between them. */
function beyondChecks(events: readonly MergeEvent[]): number[] {
  const merges = mergesOf(events);
  return merges.slice(1).map(({ at, ticketId }, index) => {
    const [started, completed] = events.filter(
      (event) => event.type !== "merge.completed" && event.subject === "merged" && event.ticketId === ticketId,
    );
    if (!started || !completed) throw new Error(`${ticketId} was merged without a check.`);
    return msBetween(merges[index], { at }) - msBetween(started, completed);
  });
}

function msBetween(one: { readonly at: string } | undefined, other: { readonly at: string }): number {
  return Date.parse(other.at) - Date.parse(one?.at ?? "");
}

function mergesOf(events: readonly MergeEvent[]) {
  return events.flatMap((event) => (event.type === "merge.completed" ? [event] : []));
}

/** The same merges once more, into a ref of its own, by what git at least takes: a tree, a commit, a moved ref. */
async function bareMerges(root: string, merges: readonly { readonly commit: string }[]) {
  let processes = 0;
  const git = async (...args: string[]) => {
    processes += 1;
    return (await runGit(root, ["-c", "user.name=Bench", "-c", "user.email=bench@example.org", ...args])).stdout.trim();
  };
  const ref = "refs/bench/merges";
  let tip = await git("rev-parse", `${merges[0]?.commit}`);
  const parents = merges.slice(1).map(({ commit }) => git("rev-parse", `${commit}^2`));
  const taken: { readonly ms: number; readonly processes: number }[] = [];
  for (const ticket of await Promise.all(parents)) {
    processes = 0;
    const startedAt = performance.now();
    const tree = await git("merge-tree", "--write-tree", tip, ticket);
    const commit = await git("commit-tree", tree, "-p", tip, "-p", ticket, "-m", "Merge");
    await git("update-ref", ref, commit, taken.length === 0 ? "" : tip);
    taken.push({ ms: performance.now() - startedAt, processes });
    tip = commit;
  }
  return taken;
}
