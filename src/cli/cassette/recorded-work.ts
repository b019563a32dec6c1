/** What a person of a recording gave the run to do besides decisions: goals, tracks, levers. */
import type { PersonCommand } from "../../domain/command.ts";
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
  engine.dispatch(inNames(command, idOf, (trackId) => presentTrack(engine, trackId) ?? trackId));
}

/** A recorded command in the names that tickets and tracks have in this run. */
function inNames(
  command: LeverLine["command"],
  idOf: (ticketId: string) => string,
  trackOf: (trackId: string) => string,
): PersonCommand {
  if (command.type === "add_ticket") {
    const { dependsOn, afterTicketId, ...ticket } = command.ticket;
    const place = afterTicketId === undefined ? {} : { afterTicketId: idOf(afterTicketId) };
    const trackId = trackOf(command.trackId);
    return { ...command, trackId, ticket: { ...ticket, dependsOn: dependsOn.map(idOf), ...place } };
  }
  const ticketId = idOf(command.ticketId);
  switch (command.type) {
    case "retry_ticket":
      return { ...command, ticketId, by: `recorded: ${command.by}` };
    case "edit_ticket": {
      const { dependsOn, ...changes } = command.changes;
      return {
        ...command,
        ticketId,
        changes: { ...changes, ...(dependsOn ? { dependsOn: dependsOn.map(idOf) } : {}) },
      };
    }
    case "move_ticket": {
      const { beforeTicketId } = command;
      return { ...command, ticketId, beforeTicketId: beforeTicketId === null ? null : idOf(beforeTicketId) };
    }
    default:
      return { ...command, ticketId };
  }
}
