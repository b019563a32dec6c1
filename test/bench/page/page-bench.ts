/**
 * `bun run bench page`: what the page costs, in the browser and on the server, beside a bare page over the same streams in
 * the same run; and how long the first page takes over a long log. Slow figures are no failure.
 */
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { productBinary } from "../binaries.ts";
import { largeLogCost } from "./large-log-figures.ts";
import { floorCost, manyPages, productCost, type StreamCost } from "./stream-figures.ts";

const usage =
  "bun run bench page [--only streams,log] [--seconds N] [--streams N] [--pieces N] [--tickets N] [--json] [--binary FILE]";

interface Row {
  readonly title: string;
  readonly unit: string;
  readonly ours: number;
  /** Null where there is nothing to compare with. */
  readonly floor: number | null;
}

/** Runs the bench with the arguments after `page`; gives the exit code. */
export async function benchPage(argv: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      only: { type: "string", default: "streams,log" },
      seconds: { type: "string", default: "60" },
      streams: { type: "string", default: "16" },
      pieces: { type: "string", default: "100" },
      tickets: { type: "string", default: "10000" },
      json: { type: "boolean", default: false },
      binary: { type: "string" },
    },
  });
  const [seconds, streamCount, piecesPerSecond, ticketCount] = [
    values.seconds,
    values.streams,
    values.pieces,
    values.tickets,
  ].map(Number) as [number, number, number, number]; // Four in, four out.
  const parts = values.only.split(",");
  const isKnown = parts.every((part) => part === "streams" || part === "log");
  if (!isKnown || [seconds, streamCount, piecesPerSecond, ticketCount].some((n) => !Number.isInteger(n) || n < 1)) {
    console.error(`Nothing can be measured so. Usage: ${usage}`);
    return 2;
  }
  const binary = values.binary ? resolve(values.binary) : await productBinary();
  const rows: Row[] = [];
  if (parts.includes("streams")) {
    const load = { streamCount, piecesPerSecond, seconds };
    rows.push(...streamRows(await productCost(binary, load), await floorCost(load)));
  }
  if (parts.includes("log")) rows.push(...(await largeLogCost(binary, ticketCount)));
  const head = `${streamCount} streams of ${piecesPerSecond} pieces a second, watched for ${seconds} s; a log of ${ticketCount} tickets.`;
  console.log(values.json ? JSON.stringify({ type: "page-bench", seconds, rows }) : table(head, rows));
  return 0;
}

function streamRows(ours: StreamCost, floor: StreamCost): Row[] {
  const row = (title: string, unit: string, of: (cost: StreamCost) => number): Row => ({
    title,
    unit,
    ours: of(ours),
    floor: of(floor),
  });
  return [
    row("main thread busy", "%", ({ page }) => page.busyShare * 100),
    row("longest task (0: none of 50 ms)", "ms", ({ page }) => page.longestTaskMs),
    row("frames over 50 ms, of 1,000", "", ({ page }) => (page.lateFrameCount / Math.max(1, page.frameCount)) * 1000),
    row("heap at first", "MB", ({ page }) => page.heapMb[0]),
    row("heap at last", "MB", ({ page }) => page.heapMb[1]),
    row("nodes at last", "", ({ page }) => page.nodeCounts[1]),
    row("provider's byte to text, median", "ms", ({ page }) => quantile(page.delaysMs, 0.5)),
    row("provider's byte to text, p99", "ms", ({ page }) => quantile(page.delaysMs, 0.99)),
    row("server CPU, 1,000 pieces, no page", "ms", ({ cpuMs }) => cpuMs.none),
    row("server CPU, 1,000 pieces, 1 page", "ms", ({ cpuMs }) => cpuMs.one),
    row(`server CPU, 1,000 pieces, ${manyPages} pages`, "ms", ({ cpuMs }) => cpuMs.many),
  ];
}

function quantile(sorted: readonly number[], share: number): number {
  if (sorted.length === 0) throw new Error("No text with a time in it came to the page.");
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}

function table(head: string, rows: readonly Row[]): string {
  const cells = rows.map(({ title, unit, ours, floor }) => [
    title,
    `${ours.toFixed(1)} ${unit}`.trim(),
    floor === null ? "" : `${floor.toFixed(1)} ${unit}`.trim(),
    floor === null || floor === 0 ? "" : `${(ours / floor).toFixed(2)} x`,
  ]);
  const all = [["", "ours", "floor", "ratio"], ...cells];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const lines = all.map((row) =>
    row.map((cell, at) => (at === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[at] ?? 0))).join("  "),
  );
  return [head, ...lines].join("\n");
}
