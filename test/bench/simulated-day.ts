/**
 * A day of an engine in simulated time: the real rules, log and engine; a world of its own for models, git and the clock. Each
 * hour a goal is stated and carried to its end. Run as a program it prints the heap after each hour, in MB, as JSON.
 */
import { heapStats } from "bun:jsc";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Engine } from "../../src/engine/engine.ts";
import { EventLog } from "../../src/log/event-log.ts";
import { EngineWorld, engineSettings } from "../support/engine-world.ts";
import { ScriptedThread } from "../support/scripted-thread.ts";
import { threadWorld, worldParts } from "../support/world-parts.ts";

const hours = 24;
const hourSeconds = 3_600;

/** The heap after each hour, after a collection. Throws when a goal does not end well. */
async function simulatedDay(ticketsOfHour: number): Promise<number[]> {
  const folder = mkdtempSync(join(tmpdir(), "signalbox-day-"));
  const tickets = Array.from({ length: ticketsOfHour }, (_, index) => ({ key: `t${index}` }));
  const world = new EngineWorld({ alpha: tickets });
  const threads: ScriptedThread[] = [];
  const spawnThread = () => {
    const thread = new ScriptedThread(threadWorld(world));
    threads.push(thread);
    return thread;
  };
  const problems: string[] = [];
  const log = EventLog.open(join(folder, "log.db"));
  const parts = worldParts(world, { log, spawnThread, report: (problem) => problems.push(problem) });
  const engine = Engine.start(parts, engineSettings());
  const heapMb: number[] = [];
  try {
    for (let hour = 1; hour <= hours; hour += 1) {
      const stated = engine.dispatch({ type: "create_epic", goal: `Goal of hour ${hour}.`, isStarting: true });
      if (!stated.isAccepted) throw new Error(`The goal was refused: ${stated.rejection.message}`);
      await engine.whenSettled();
      const { length } = engine.events({ after: 0, limit: Number.MAX_SAFE_INTEGER, type: "ticket.completed" });
      if (length !== hour * ticketsOfHour) throw new Error(`${length} tickets ended well by hour ${hour}. ${problems}`);
      forget(world, threads);
      world.jumpClock(hourSeconds);
      Bun.gc(true);
      heapMb.push(heapStats().heapSize / 1e6);
    }
    return heapMb;
  } finally {
    await engine.stop("the day is over");
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Takes away what only the world keeps: what it was asked, and a disk that is no memory in truth. */
function forget(world: EngineWorld, threads: readonly ScriptedThread[]): void {
  world.ran = [];
  const { head, commits, tracks, tickets } = world.disk;
  for (const commit of Object.keys(commits)) if (commit !== head) delete commits[commit];
  commits[head] = { label: "first", parents: [] };
  for (const finished of [tracks, tickets]) for (const id of Object.keys(finished)) delete finished[id];
  world.charged.length = 0;
  for (const thread of threads) thread.received.length = 0;
}

if (import.meta.main) {
  console.log(JSON.stringify(await simulatedDay(Number(process.argv[2]))));
  process.exit(0);
}
