/** The bench itself: its shortest form works, and says what it should. */
import { expect, test } from "bun:test";
import { join } from "node:path";
import { z } from "zod";

const Spread = z.object({ median: z.number().positive(), p95: z.number().positive(), count: z.number() });
const Result = z.object({
  type: z.literal("bench"),
  fileCount: z.number(),
  figures: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      unit: z.string(),
      ours: Spread,
      floor: Spread,
      ratio: z.number().positive(),
    }),
  ),
});

const PageResult = z.object({
  rows: z.array(z.object({ title: z.string(), ours: z.number(), floor: z.number().nullable() })),
});

test("the bench measures a worker's turns beside a bare loop", async () => {
  const figures = await figuresOf("turns");
  expect(figures.map(({ id, unit }) => [id, unit])).toEqual([
    ["turn-read", "ms"],
    ["turn-bash", "ms"],
  ]);
  for (const { ours, floor } of figures) expect([ours.count, floor.count]).toEqual([20, 20]);
}, 120_000);

test("the bench measures agents at once: nobody is faster than the model, and they are in flight together", async () => {
  const figures = await figuresOf("agents");
  const row = (id: string) => figures.find((figure) => figure.id === `agents-8-${id}`);
  for (const side of ["ours", "floor"] as const) {
    expect(row("makespan")?.[side].median).toBeGreaterThan(1_000);
    expect(row("flight")?.[side].median).toBeWithin(2, 9);
  }
  expect(figures.map(({ unit }) => unit)).toEqual(["ms", "ms", "ms", "ms", "MB", "MB", ""]);
}, 120_000);

test("the bench measures how old text is on its way to a reader, and what each piece costs the server", async () => {
  const figures = await figuresOf("deltas");
  expect(figures.map(({ id, unit }) => [id, unit])).toEqual([
    ["delta-api", "ms"],
    ["delta-page", "ms"],
    ["delta-cpu-unread", "µs"],
    ["delta-cpu-api", "µs"],
    ["delta-cpu-page", "µs"],
  ]);
  for (const { ours } of figures.slice(0, 2)) expect(ours.count).toBeGreaterThan(20);
}, 120_000);

test("the bench measures what each tier sends first, and what of a worker's input a cache serves", async () => {
  const figures = await figuresOf("sent");
  const ours = (id: string) => figures.find((figure) => figure.id === `sent-${id}`)?.ours.median;
  const tiers = ["orchestrator", "tech-lead", "worker", "qa"];
  for (const tier of tiers) expect(ours(`${tier}-bytes`)).toBeGreaterThan(3 * (ours(`${tier}-tokens`) ?? Infinity));
  expect(ours("cached")).toBeWithin(50, 100);
  // One goes ahead; the others ask once the cache is warm.
  expect([ours("prefix"), ours("cold")]).toEqual([1, 1]);
}, 120_000);

test("the bench measures the memory of an idle server, of agents, of a long run and of a day", async () => {
  const figures = await figuresOf("memory");
  expect(figures.map(({ id, unit }) => [id, unit])).toEqual([
    ["memory-idle", "MB"],
    ["memory-idle-proportional", "MB"],
    ["memory-agent", "MB"],
    ["memory-agent-all", "MB"],
    ["memory-tickets", "MB"],
    ["memory-day", "MB"],
  ]);
}, 120_000);

test("the bench measures a ticket's worktree beside git's own", async () => {
  const figures = await figuresOf("worktree");
  expect(figures.map(({ id }) => id)).toEqual(["worktree-2000", "worktree-2000-no-checkout"]);
}, 120_000);

test("the bench measures the merges of tickets that are ready at once beside bare ones", async () => {
  const figures = await figuresOf("merge");
  expect(figures.map(({ id, unit }) => [id, unit])).toEqual([
    ["merge", "ms"],
    ["merge-git", "git"],
  ]);
  for (const { ours, floor } of figures) expect([ours.count, floor.count]).toEqual([9, 9]);
}, 120_000);

test("the bench measures a start over a long log beside a bare read of its rows", async () => {
  const figures = await figuresOf("log-start");
  expect(figures.map(({ id, unit }) => [id, unit])).toEqual([
    ["log-start", "ms"],
    ["log-start-memory", "MB"],
    ["log-start-first", "ms"],
    ["log-start-first-memory", "MB"],
  ]);
}, 120_000);

test("the page bench measures the streams page beside a bare one, and pages over a long log", async () => {
  const short = ["--seconds", "1", "--streams", "2", "--pieces", "20", "--tickets", "100"];
  const { rows } = PageResult.parse(await printed("page", ...short));
  const row = (title: string) => rows.find((each) => each.title.startsWith(title));
  expect(row("provider's byte to text, median")?.floor).toBePositive();
  expect(row("events in the log")?.ours).toBeGreaterThan(9_000);
  expect(row("page /usage")?.ours).toBePositive();
}, 120_000);

/** One run for all of them: each makes its floors and projects anew. */
let run: Promise<unknown> | null = null;

/** The figures of one id, in their shortest form. */
async function figuresOf(id: string) {
  run ??= printed("--only", "turns,agents,deltas,sent,memory,worktree,merge,log-start", "--rounds", "1");
  const { figures } = Result.parse(await run);
  const prefix = { turns: "turn-", agents: "agents-", deltas: "delta-" }[id] ?? id;
  return figures.filter((figure) => figure.id.startsWith(prefix));
}

/** What the bench prints as JSON; it must end well and say nothing else. */
async function printed(...args: string[]): Promise<unknown> {
  const command = [process.execPath, join(import.meta.dir, "bench.ts"), ...args, "--json"];
  const child = Bun.spawn(command, { stdout: "pipe", stderr: "pipe" });
  const [out, words] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  expect({ exitCode: await child.exited, words }).toEqual({ exitCode: 0, words: "" });
  return JSON.parse(out);
}
