/** What a start over a long log takes: from the start of the process to the first page, and the most memory until then, beside a bare read of the rows. */
import { floorBinary } from "./binaries.ts";
import type { Bench } from "./figures.ts";
import { type Figure, figure, inTurn } from "./measure.ts";
import { MeasuredProcess, type Program } from "./measured-process.ts";
import type { LargeLog } from "./page/large-log.ts";
import { layLargeLog } from "./page/large-log-project.ts";
import { peakMb } from "./process-cost.ts";

const short: LargeLog = { trackCount: 20, ticketsPerTrack: 25, eventsPerTicket: 100 };
const full: LargeLog = { trackCount: 500, ticketsPerTrack: 40, eventsPerTicket: 52 };

/**
 * 50,000 events of 500 tickets, or a million of 20,000. Each start adds a few events of its own. The first one of a binary reads
 * the whole log and leaves a snapshot; it is apart from those that follow.
 */
export async function logStartFigures({ binary, project, rounds, isFull }: Bench): Promise<Figure[]> {
  await project.reset();
  const floor = await floorBinary("replay", project.binFolder);
  const { program, logPath, eventCount } = await layLargeLog(binary, project, isFull ? full : short);
  const bare = { ...program, command: [floor], env: { ...program.env, FLOOR_LOG: logPath } };
  const take = (one: Program) => async () => {
    await using started = new MeasuredProcess(one);
    const ms = await started.until(started.answer("/", project.env.SIGNALBOX_TOKEN ?? ""));
    return { ms, mb: peakMb(started.pid) };
  };
  const first = await take(program)();
  const taken = await inTurn(Math.ceil(rounds / 8), take(program), take(bare));
  await project.reset();
  const of = (what: "ms" | "mb", ours = taken.ours) => ({
    ours: ours.map((start) => start[what]),
    floor: taken.floor.map((start) => start[what]),
  });
  const words = `over a log of ${eventCount} events`;
  return [
    figure("log-start", `G  start to the page ${words}`, of("ms")),
    figure("log-start-memory", `G  peak memory ${words}`, of("mb"), "MB"),
    figure("log-start-first", `G  first start to the page ${words}`, of("ms", [first])),
    figure("log-start-first-memory", `G  peak memory of the first start ${words}`, of("mb", [first]), "MB"),
  ];
}
