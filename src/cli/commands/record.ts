/** `signalbox record CASSETTE`: a run whose traffic with its models is kept in a file; or the file of what the log holds. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { fold } from "../../domain/evolve.ts";
import { outcomeOf } from "../../projections/summary.ts";
import type { CassetteHead } from "../../simulator/cassette.ts";
import { carryOut, positionBeforeStart } from "../carry-out.ts";
import { headNow, headOfLog } from "../cassette/cassette-head.ts";
import { refuseExisting } from "../cassette/cassette-writer.ts";
import { beginRecording, cassetteWriter, type Recording, recorded, tellWritten } from "../cassette/recording.ts";
import { failure } from "../cli-error.ts";
import type { RunCommand } from "../command-table.ts";
import type { RunningEngine } from "../compose.ts";
import { loadConfig } from "../config/load-config.ts";
import { goalOf } from "../goal.ts";
import { openEngine } from "../open-engine.ts";
import { findProject, type Project } from "../project.ts";
import { readEvents } from "../read-log.ts";
import { openSession } from "../session.ts";
import { hasUnfinished, startEpic, startTracks } from "../start-work.ts";
import { judgeState, refused } from "../state-owner.ts";
import type { World } from "../world.ts";

/** Runs and records; with nothing to run, writes what has been. */
export const record: RunCommand = async (invocation, world) => {
  const { options, positionals } = invocation;
  const path = resolve(world.cwd, positionals[0] ?? "");
  const names = positionals.slice(1);
  if (existsSync(path) && !options.force) refuseExisting(path);
  const goal = await goalOf(options.epic, names, world);
  if (goal === null && names.length === 0) {
    const project = await findProject(options.project, world);
    if (await hasOnlyPast(project, world)) return await recordLog(project, path, world);
  }
  const session = await openSession(invocation, world, options.serve);
  const now = await headNow(session.project, session.config.settings);
  const engine = await openEngine(session, invocation, world);
  const recording = await recordingOf(engine, { path, now });
  beginRecording(session.project, recording);
  const start = async () => {
    if (goal === null) return startTracks(engine, names);
    startEpic(engine, goal, true);
    return null;
  };
  return await recorded(() => carryOut(engine, session, invocation, world, start), engine, session, recording, world);
};

/** A run that goes on is recorded from its beginning: what a replay needs to know of it is there. */
async function recordingOf(
  engine: RunningEngine,
  { path, now }: { readonly path: string; readonly now: CassetteHead },
): Promise<Recording> {
  const { tracks, epics } = engine.state();
  const isGoingOn =
    [...tracks.values()].some(({ status }) => status === "planning" || status === "in_progress") ||
    [...epics.values()].some(({ status }) => status === "planning");
  if (!isGoingOn) return { path, from: positionBeforeStart(engine), head: now };
  const events = engine.events({ after: 0, limit: Number.MAX_SAFE_INTEGER });
  return { path, from: 0, head: (await headOfLog(engine.project.root, events)) ?? now };
}

/** Whether the log holds runs, and nothing is left to run. */
async function hasOnlyPast(project: Project, world: World): Promise<boolean> {
  const state = await judgeState(project, world);
  if ("found" in state) throw refused(project, state);
  const events = readEvents(project, { after: 0, limit: Number.MAX_SAFE_INTEGER });
  return events.some(({ type }) => type === "call.started") && !hasUnfinished(fold(events), project.root);
}

async function recordLog(project: Project, path: string, world: World): Promise<number> {
  const events = readEvents(project, { after: 0, limit: Number.MAX_SAFE_INTEGER });
  const head = await headOfLog(project.root, events);
  if (!head)
    throw failure("no_cassette", "The log says nothing of the settings that its runs had, so no cassette can be made.");
  const config = await loadConfig(project.root, {}, world);
  const writer = cassetteWriter(project, config, { path, head, from: 0 }, world);
  writer.take(events);
  writer.end(outcomeOf(fold(events)));
  tellWritten(writer, path, world);
  return 0;
}
