/** What a person of a recording gave the run to do besides decisions: goals, tracks, levers. */
import type { LeverLine, WorkLine } from "../../simulator/cassette.ts";
import { withoutDay } from "../../simulator/volatile.ts";
import type { RunningEngine } from "../compose.ts";
import { dispatch, startEpic } from "../start-work.ts";

/** Gives an engine what a person gave it in the recording. */
export function giveWork(engine: RunningEngine, line: WorkLine): void {
  switch (line.kind) {
    case "epic":
      startEpic(engine, line.goal, line.isStarting);
      return;
    case "import":
      if (!engine.state().tracks.has(line.track.trackId)) dispatch(engine, { type: "import_track", ...line.track });
      return;
    case "start": {
      const known = line.trackIds.flatMap((trackId) => presentTrack(engine, trackId) ?? []);
      dispatch(engine, { type: "start_run", trackIds: known });
      for (const trackId of known) engine.dispatch({ type: "start_track", trackId });
      return;
    }
    default:
      line satisfies never;
  }
}

/** A track that was planned on another day has that day in its id. */
function presentTrack(engine: RunningEngine, trackId: string): string | null {
  const { tracks } = engine.state();
  if (tracks.has(trackId)) return trackId;
  return [...tracks.keys()].find((known) => withoutDay(known) === withoutDay(trackId)) ?? null;
}

/** Pulls a lever as the person of the recording did; `idOf` gives the ids that tickets have here. */
export function pullLever(engine: RunningEngine, { command }: LeverLine, idOf: (ticketId: string) => string): void {
  const ticketId = idOf(command.ticketId);
  if (command.type !== "retry_ticket") engine.dispatch({ ...command, ticketId });
  else engine.dispatch({ ...command, ticketId, by: `recorded: ${command.by}` });
}
