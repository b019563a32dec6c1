/** The first page over a long log: from the start of the process to the page served, its memory, and what each page then takes. */
import { makeBenchProject } from "../bench-project.ts";
import { MeasuredProcess, type Program } from "../measured-process.ts";
import { residentMb } from "../process-cost.ts";
import { layLargeLog } from "./large-log-project.ts";

const ticketsPerTrack = 100;
const eventsPerTicket = 100;
const asked = 5;

/** Writes a log of that many tickets with 100 events each, and serves it. */
export async function largeLogCost(binary: string, ticketCount: number) {
  const project = await makeBenchProject(10, "http://127.0.0.1:9");
  const token = project.env.SIGNALBOX_TOKEN ?? "";
  try {
    const trackCount = Math.max(1, Math.round(ticketCount / ticketsPerTrack));
    const large = { trackCount, ticketsPerTrack, eventsPerTicket };
    const { program, eventCount } = await layLargeLog(binary, project, large);
    const firstMs = await startMs(program, token);
    await using server = new MeasuredProcess(program);
    const againMs = await server.until(server.answer("/", token));
    const row = (title: string, unit: string, ours: number) => ({ title, unit, ours, floor: null });
    const rows = [
      row("events in the log", "", eventCount),
      row("first start to the first page", "ms", firstMs),
      row("start to the first page", "ms", againMs),
      row("memory with the log folded", "MB", residentMb(server.pid)),
    ];
    for (const path of [
      "/",
      "/tracks/part_1_20260105",
      "/tickets/T-050",
      "/gates",
      "/usage",
      "/context",
      "/comms",
      "/events",
    ])
      rows.push(row(`page ${path}`, "ms", await pageMs(await server.apiUrl(), path, token)));
    return rows;
  } finally {
    project.removeNow();
  }
}

/** A start that is ended as soon as it has answered. */
async function startMs(program: Program, token: string): Promise<number> {
  await using server = new MeasuredProcess(program);
  return await server.until(server.answer("/", token));
}

/** The median of a few answers, whole. */
async function pageMs(apiUrl: string, path: string, token: string): Promise<number> {
  const taken: number[] = [];
  for (let round = 0; round < asked; round++) {
    const startedAt = performance.now();
    const response = await fetch(apiUrl + path, { headers: { authorization: `Bearer ${token}` } });
    if (!response.ok) throw new Error(`${path} answered ${response.status}.`);
    await response.text();
    taken.push(performance.now() - startedAt);
  }
  return taken.toSorted((a, b) => a - b)[Math.floor(asked / 2)] ?? 0;
}
