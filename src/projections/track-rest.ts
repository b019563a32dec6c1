/** Why a track does not move, in one sentence; null while something of it does, and once it has landed. */
import type { State, Track } from "../domain/state.ts";
import type { StatusLine } from "../domain/ticket-status.ts";

const moving: ReadonlySet<string> = new Set(["in_progress", "verifying", "merging"]);

/** `lines` are the statuses of its tickets, by ticket id. */
export function trackRest(state: State, track: Track, lines: ReadonlyMap<string, StatusLine>): string | null {
  switch (track.status) {
    case "new":
      return unstarted(state, track);
    case "planning":
      return isAsking(state, track, "tickets") ? "Waits for you to approve its tickets." : pausedWords(state);
    case "in_progress":
      return restOfTickets(state, lines);
    case "completed":
      return restOfLanding(state, track);
    case "blocked":
      return track.reason;
    default:
      return track.status satisfies never;
  }
}

function unstarted(state: State, { dependsOn }: Track): string {
  const needed = dependsOn.flatMap((trackId) => {
    const other = state.tracks.get(trackId);
    return other && other.status !== "completed" ? [other.title] : [];
  });
  return needed.length === 0 ? "Not started." : `Not started: it needs ${needed.join(", ")}.`;
}

function restOfTickets(state: State, lines: ReadonlyMap<string, StatusLine>): string | null {
  const all = [...lines];
  if (all.some(([, line]) => moving.has(line.status))) return null;
  const [ticketId, line] =
    all.find(([, each]) => each.status === "waiting") ?? all.find(([, each]) => each.status === "todo") ?? [];
  if (ticketId === undefined || !line) return pausedWords(state);
  return line.reason === null ? pausedWords(state) : `${ticketId}: ${line.reason}`;
}

function restOfLanding(state: State, track: Track): string | null {
  if (isAsking(state, track, "land")) return "Waits for you to approve its landing.";
  if (isAsking(state, track, "checkpoint")) return "Waits for you to try it by hand.";
  return track.landing.name === "refused" || track.landing.name === "declined" ? track.landing.reason : null;
}

function isAsking(state: State, { trackId }: Track, kind: string): boolean {
  for (const gate of state.work.openGates.values()) if (gate.kind === kind && gate.trackId === trackId) return true;
  return false;
}

function pausedWords(state: State): string | null {
  return state.isPaused ? "The engine is paused: nothing new starts." : null;
}
