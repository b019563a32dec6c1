/** Gives an engine its work: a goal, named tracks, or every track that is not finished, taken in from disk where needed. */
import type { Command, PersonCommand } from "../domain/command.ts";
import type { Event } from "../domain/event.ts";
import type { State } from "../domain/state.ts";
import { type DocumentTask, type DocumentTrack, readTracks } from "../workspace/documents/read-tracks.ts";
import { CliError, usageError } from "./cli-error.ts";
import type { RunningEngine } from "./compose.ts";

/** Dispatches a command; a refusal is thrown with its reason. */
export function dispatch(engine: RunningEngine, command: Command): readonly Event[] {
  const result = engine.dispatch(command);
  if (result.isAccepted) return result.events;
  const { code, message } = result.rejection;
  throw new CliError(code, code === "invalid" ? 2 : 1, message);
}

/** Starts a goal: tier 1 plans it, and with `isStarting` its tracks start once they are approved. */
export function startEpic(engine: RunningEngine, goal: string, isStarting: boolean): string {
  if (goal.trim() === "") throw usageError("The goal is empty. Say in a sentence or more what should be built.");
  wake(engine);
  const events = dispatch(engine, { type: "create_epic", goal: goal.trim(), isStarting });
  const created = events.find((event) => event.type === "epic.created");
  const epicId = created?.epicId ?? "";
  // A run's limits count from its start, also when an earlier run left something unfinished.
  if (!events.some((event) => event.type === "run.started"))
    dispatch(engine, { type: "start_run", trackIds: [], epicId });
  return epicId;
}

/** Starts the named tracks, or every unfinished one; gives their ids. None at all is wrong usage. */
export function startTracks(engine: RunningEngine, names: readonly string[]): readonly string[] {
  const onDisk = readTracks(engine.project.root);
  const trackIds = names.length > 0 ? checkedNames(engine, onDisk, names) : unfinishedTracks(engine, onDisk);
  wake(engine);
  for (const trackId of trackIds) {
    const known = engine.state().tracks.get(trackId);
    const document = onDisk.find((track) => track.trackId === trackId);
    if (!known && document) dispatch(engine, importCommand(document));
  }
  dispatch(engine, { type: "start_run", trackIds: [...trackIds] });
  for (const trackId of trackIds) {
    const { status } = engine.state().tracks.get(trackId) ?? {};
    if (status === "new" || status === "blocked") engine.dispatch({ type: "start_track", trackId });
  }
  return trackIds;
}

/** A person who starts something wants it to move: a pause from before does not hold it up. */
export function wake(engine: RunningEngine): void {
  if (engine.state().isPaused) dispatch(engine, { type: "unpause_engine", by: "command line" });
}

function checkedNames(engine: RunningEngine, onDisk: readonly DocumentTrack[], names: readonly string[]): string[] {
  const known = new Set([...engine.state().tracks.keys(), ...onDisk.map((track) => track.trackId)]);
  const unknown = names.find((name) => !known.has(name));
  if (unknown === undefined) return [...new Set(names)];
  const list = [...known].join(", ") || "none yet";
  throw usageError(`There is no track "${unknown}". Tracks: ${list}. A goal is given with --epic "GOAL".`);
}

/** Whether there is work that a run without a goal would go on with. */
export function hasUnfinished(state: State, root: string): boolean {
  return unfinishedIds(state, readTracks(root)).length > 0;
}

function unfinishedIds({ tracks }: State, onDisk: readonly DocumentTrack[]): string[] {
  const logged = [...tracks.values()].filter((track) => track.status !== "completed").map((track) => track.trackId);
  const isOver = (track: DocumentTrack) => track.status === "completed" || track.status === "cancelled";
  const fresh = onDisk.filter((track) => !tracks.has(track.trackId) && !isOver(track));
  return [...logged, ...fresh.map((track) => track.trackId)];
}

function unfinishedTracks(engine: RunningEngine, onDisk: readonly DocumentTrack[]): string[] {
  const { tracks } = engine.state();
  const trackIds = unfinishedIds(engine.state(), onDisk);
  if (trackIds.length > 0) return trackIds;
  const isAnyKnown = tracks.size + onDisk.length > 0;
  throw usageError(
    `${isAnyKnown ? "Every track under conductor/tracks/ is finished" : "There is no track under conductor/tracks/ yet"}. Start a goal with: signalbox run --epic "GOAL"`,
  );
}

/** A track that was written by hand, or by the Gemini extension, as the engine takes it in. */
function importCommand(track: DocumentTrack): PersonCommand {
  const tasks = track.tasks.filter((task) => task.mark !== "x" && !task.isVerification);
  return {
    type: "import_track",
    trackId: track.trackId,
    key: track.trackId,
    title: track.title || track.trackId,
    goal: [track.goal, track.spec, taskList(tasks)].filter((part) => part.trim() !== "").join("\n\n") || track.title,
    acceptanceCriteria: [...track.acceptanceCriteria],
    modules: [],
    dependsOn: [],
    kind: track.kind,
  };
}

/** The plan's open tasks as words for tier 2, which makes tickets with target files of them. */
function taskList(tasks: readonly DocumentTask[]): string {
  if (tasks.length === 0) return "";
  return [
    "The plan has these open tasks. A ticket that stands for one keeps its phase and its title word for word:",
    ...tasks.map((task) => `- ${task.phase}: ${task.title}`),
  ].join("\n");
}
