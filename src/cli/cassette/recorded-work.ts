/** What a person of a recording gave the run to do besides decisions: goals, tracks, levers. */
import type { PersonCommand } from "../../domain/command.ts";
import type { Settings } from "../../domain/settings.ts";
import { openByRule } from "../../engine/open-by-rule.ts";
import type { LeverLine, RecordedSettings, WorkLine } from "../../simulator/cassette.ts";
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

/** What a replay makes of a recorded lever. */
export interface LeverPlace {
  /** The id that a ticket of the recording has here. */
  idOf(ticketId: string): string;
  /** What becomes of recorded settings here. */
  settingsAs(recorded: RecordedSettings): Settings;
}

/** Pulls a lever as the person of the recording did. Gives why the rules refuse it here, which changes nothing; null when it is taken. */
export function pullLever(
  engine: RunningEngine,
  { command }: LeverLine,
  { idOf, settingsAs }: LeverPlace,
): string | null {
  if (command.type === "change_settings") {
    const by = `recorded: ${command.by}`;
    const result = engine.dispatch({ ...command, settings: settingsAs(command.settings), by });
    openByRule(engine);
    return result.isAccepted ? null : result.rejection.message;
  }
  const result = engine.dispatch(inNames(command, idOf, (trackId) => presentTrack(engine, trackId) ?? trackId));
  return result.isAccepted ? null : result.rejection.message;
}

/** A recorded command in the names that tickets and tracks have in this run. */
function inNames(
  command: Exclude<LeverLine["command"], { type: "change_settings" }>,
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
