/** Plays a cassette from the command line: where, with which settings, to which end, and what to say of it. */
import { resolve } from "node:path";
import type { Event } from "../../domain/event.ts";
import type { Tape } from "../../simulator/cassette-tape.ts";
import type { Invocation } from "../command-table.ts";
import { type Config, loadConfig } from "../config/load-config.ts";
import { findWorkingProject, type Project } from "../project.ts";
import { readEvents } from "../read-log.ts";
import { runToEnd } from "../run-to-end.ts";
import { checkSession } from "../session.ts";
import { ensureOwnState } from "../state-owner.ts";
import { ensureTrust } from "../trust.ts";
import type { World } from "../world.ts";
import { appendLive } from "./append-live.ts";
import type { ForkPoint } from "./fork-point.ts";
import { openReplay } from "./open-replay.ts";
import { cassetteRedactor } from "./recording.ts";
import { type ReplayPlace, replayPlace } from "./replay-place.ts";
import type { Replay } from "./replay-run.ts";
import { treeDifference } from "./tree-difference.ts";

/** Plays it, and gives the exit code of a run: 1 also where it comes to other files than the recording did. */
export async function playTape(
  tape: Tape,
  file: string,
  invocation: Invocation,
  world: World,
  fork?: ForkPoint,
): Promise<number> {
  const { options } = invocation;
  const project = await findWorkingProject(options.project, world);
  await ensureOwnState(project, options.trust ?? false, world);
  const config = await loadConfig(project.root, options, world);
  await ensureTrust({ root: project.root, file: config.projectFile }, options.trust ?? false, world);
  const isLive = fork !== undefined || options["on-miss"] === "live";
  if (isLive) checkSession(config, world);
  const place = await replayPlace(project, tape.head.base, world, fork !== undefined);
  try {
    if (place.isScratch) world.note(`It is played in a clone: ${place.project.root}\n`);
    return await playIn(place, { tape, file, config, invocation, world, fork, isLive });
  } finally {
    await place.close(fork !== undefined || (options.keep ?? false));
  }
}

interface Play {
  readonly tape: Tape;
  readonly file: string;
  readonly config: Config;
  readonly invocation: Invocation;
  readonly world: World;
  readonly fork: ForkPoint | undefined;
  readonly isLive: boolean;
}

async function playIn(place: ReplayPlace, play: Play): Promise<number> {
  const { tape, config, invocation, world, fork, isLive } = play;
  const { options } = invocation;
  const { project } = place;
  const mayLand = place.isScratch || (options.land ?? false);
  const open = await openReplay(place, { tape, config, world, level: options.approve, mayLand, isLive, fork });
  const { replay, live } = open;
  try {
    const exitCode = await runToEnd(open.engine, {
      isJson: options.json ?? false,
      isHeadless: true,
      after: 0,
      world,
      broken: open.broken,
      ...(isLive ? {} : { fault: () => treeDifference(tape.lines, replay.merged) }),
      whyGate: (gate) => replay.whyOpen(gate),
      goesOn: goesOn(place, fork !== undefined),
    });
    const events = readEvents(project, { after: 0, limit: Number.MAX_SAFE_INTEGER });
    return end(exitCode, events, { ...play, project, replay, live });
  } finally {
    await open.close();
  }
}

/** A clone that is thrown away cannot be gone on with; what can is no replay any more. */
function goesOn({ isScratch, project }: ReplayPlace, isFork: boolean): string {
  if (isScratch && !isFork) return '"signalbox replay" begins it again.';
  const where = isScratch ? ` --project ${project.root}` : "";
  return `"signalbox resume${where}" goes on from here, and asks the real endpoint.`;
}

interface Ended extends Play {
  readonly project: Project;
  readonly replay: Replay;
  readonly live: ReadonlySet<string>;
}

function end(exitCode: number, events: readonly Event[], ended: Ended): number {
  const { file, world, replay, live, fork } = ended;
  const count = fork ? live.size : append(events, ended);
  const cost = "The spend shown is what all calls take at your prices, recorded or not";
  if (fork) world.note(`${cost}; ${count} of them went to the real endpoint.\n`);
  else if (count > 0) world.note(`${cost}; ${count} calls went to the real endpoint, and are in ${file} now.\n`);
  else world.note(`${cost}; this replay cost nothing.\n`);
  if (live.size > 0 || exitCode !== 0) return exitCode;
  const left = replay.unused.filter(({ response }) => response.kind === "message").length;
  if (left > 0) world.note(`${left} recorded answers were not asked for.\n`);
  return exitCode;
}

/** A fork is a run of its own: its calls are in its own log, from which it can be recorded. */
function append(events: readonly Event[], { tape, file, world, live, config, project }: Ended): number {
  const path = resolve(world.cwd, file);
  const redactor = cassetteRedactor(config, world);
  return appendLive(events, { path, tape, folder: project.root, redactor, hashes: live });
}
