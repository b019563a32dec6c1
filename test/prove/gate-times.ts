/** How long a decision takes until it is on disk, and how long it takes to look at all files of a worktree. Figures, not trials. */
import { join } from "node:path";
import { EventLog } from "../../src/log/event-log.ts";
import { openRepository } from "../../src/workspace/repository.ts";
import { EngineRig } from "../support/engine-rig.ts";
import { EngineWorld } from "../support/engine-world.ts";
import { makeTempRepository } from "../support/temp-repository.ts";

const ticketCount = 30;
const fileCount = 2_000;
const lookCount = 5;

/** Median and slowest, in words. */
export async function gateTimes(): Promise<string> {
  const [decisions, trees] = [await decisionTimes(), await treeTimes()];
  return `a decision on disk in ${spread(decisions)}, the tree of ${fileCount} files in ${spread(trees)}`;
}

/** From the answer to its fact in the log, flushed: the starts of many workers, approved one after the other. */
async function decisionTimes(): Promise<number[]> {
  const temp = await makeTempRepository();
  const tickets = Array.from({ length: ticketCount }, (_unset, index) => ({
    key: `t${index}`,
    files: [`${index}.ts`],
  }));
  const rig = new EngineRig({
    world: new EngineWorld({ alpha: tickets }),
    settings: { gates: { level: "manual", allow: [] }, workers: { max: ticketCount, retries: 0, maxTurns: 9 } },
    log: EventLog.open(join(temp.root, "signalbox.db")),
  });
  await rig.plan();
  await rig.approveAll(["tracks", "tickets"]);
  const times = rig.openGates().map((gate) => timed(() => rig.approve(gate)));
  await rig.engine.stop("the times are taken");
  await temp.remove();
  return times;
}

async function treeTimes(): Promise<number[]> {
  const text = "export const value = 1;\n".repeat(80);
  const names = Array.from({ length: fileCount }, (_unset, index) => [`src/m${index % 40}/f${index}.ts`, text + index]);
  const temp = await makeTempRepository(Object.fromEntries(names));
  const repository = await openRepository(temp.root);
  await repository.prepareTrack("times_20260101", []);
  await repository.prepareAttempt({ trackId: "times_20260101", ticketId: "T-001", isFresh: false });
  const times: number[] = [];
  for (let look = 0; look < lookCount; look += 1) {
    const startMs = performance.now();
    await repository.worktreeTree("T-001");
    times.push(performance.now() - startMs);
  }
  await temp.remove();
  return times;
}

function timed(work: () => void): number {
  const startMs = performance.now();
  work();
  return performance.now() - startMs;
}

function spread(times: readonly number[]): string {
  const sorted = times.toSorted((one, other) => one - other);
  const middle = sorted[Math.floor(sorted.length / 2)] ?? 0;
  return `${words(middle)} (median of ${times.length}; slowest ${words(sorted.at(-1) ?? 0)})`;
}

function words(ms: number): string {
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
}
