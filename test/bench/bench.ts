/**
 * `bun run bench`: how far the compiled program is from a minimal one, as ratios of medians taken in one run. Slow figures
 * are no failure; the exit code says only whether everything worked.
 */
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { makeBenchProject } from "./bench-project.ts";
import { productBinary } from "./binaries.ts";
import { type FigureId, figureIds, measure } from "./figures.ts";
import type { Figure } from "./measure.ts";
import { benchPage } from "./page/page-bench.ts";
import { startBenchProvider } from "./provider.ts";

const usage = `bun run bench page, or bun run bench [--full] [--json] [--only ${figureIds.join(",")}] [--rounds N] [--binary FILE]`;

if (process.argv[2] === "page") process.exit(await benchPage(process.argv.slice(3)));

const { values: options } = parseArgs({
  options: {
    full: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    only: { type: "string", default: figureIds.join(",") },
    rounds: { type: "string" },
    binary: { type: "string" },
    help: { type: "boolean", default: false },
  },
});

if (options.help) console.log(usage);
else process.exitCode = await bench(asked(options.only), Number(options.rounds ?? (options.full ? 40 : 16)));

async function bench(ids: readonly FigureId[], rounds: number): Promise<number> {
  if (ids.length === 0 || !Number.isInteger(rounds) || rounds < 1) {
    console.error(`Nothing can be measured so. Usage: ${usage}`);
    return 2;
  }
  let files: readonly string[] = [];
  const provider = startBenchProvider(() => files);
  const fileCount = options.full ? 2000 : 200;
  const project = await makeBenchProject(fileCount, provider.baseUrl);
  files = project.files;
  process.once("SIGINT", () => {
    project.removeNow();
    process.exit(130);
  });
  try {
    const binary = options.binary ? resolve(options.binary) : await productBinary();
    const figures: Figure[] = [];
    for (const id of ids)
      figures.push(...(await measure(id, { binary, project, provider, rounds, isFull: options.full })));
    console.log(options.json ? JSON.stringify({ type: "bench", fileCount, figures }) : table(figures, fileCount));
    return 0;
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    return 1;
  } finally {
    await provider.stop();
    project.removeNow();
  }
}

/** The figures that `--only` names; none when it names one that there is not. */
function asked(only: string): FigureId[] {
  const names = only.split(",");
  const known = figureIds.filter((id) => names.includes(id));
  return known.length === names.length ? known : [];
}

function table(figures: readonly Figure[], fileCount: number): string {
  const head = ["", "median", "p95", "floor", "floor p95", "ratio"];
  const rows = figures.map(({ title, unit, ours, floor, ratio }) => [
    title,
    ...[ours.median, ours.p95, floor.median, floor.p95].map((value) => `${value.toFixed(2)} ${unit}`),
    `${ratio.toFixed(2)} x`,
  ]);
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const lines = all.map((row) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))),
  );
  return [`A project of ${fileCount} files.`, ...lines.map((line) => line.join("  "))].join("\n");
}
