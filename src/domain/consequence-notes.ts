/** What is so after a change of the plan beyond what happens to single tickets: the track, the order, and what only counts later. */
import type { PlanCommand } from "./command.ts";
import { readyTickets } from "./readiness.ts";
import type { State, Ticket } from "./state.ts";

const toldReady = 5;

/** Sentences on a change, from the state before it and the state after it. */
export function consequenceNotes(before: State, after: State, trackId: string, command: PlanCommand): string[] {
  return [...choiceNotes(before, after, command), ...trackNotes(before, after, trackId), ...orderNotes(after)];
}

/** Choices that change nothing at once: the model of the next attempt, and what step mode asks from now on. */
function choiceNotes(before: State, after: State, command: PlanCommand): string[] {
  if (command.type !== "edit_ticket") return [];
  const was = before.tickets.get(command.ticketId);
  const now = after.tickets.get(command.ticketId);
  if (!was || !now) return [];
  return [
    ...(was.model === now.model
      ? []
      : [`The next attempt at ${now.ticketId} takes ${now.model ?? "the tier's model"}.`]),
    ...(was.isStepMode === now.isStepMode ? [] : [stepWords(after, now)]),
  ];
}

function stepWords({ settings }: State, { ticketId, isStepMode }: Ticket): string {
  const { level } = settings.gates;
  if (level === "all") return `The level is all: step mode asks for nothing of ${ticketId}.`;
  if (level === "manual") return `The level is manual: everything of ${ticketId} asks, with step mode and without.`;
  const steps = `Each start, command and merge of ${ticketId}`;
  return isStepMode
    ? `${steps} asks you from now on.`
    : `${steps} asks only where no rule allows it; what step mode alone asked is decided.`;
}

function trackNotes(before: State, after: State, trackId: string): string[] {
  const was = before.tracks.get(trackId);
  const now = after.tracks.get(trackId);
  if (!was || !now) return [];
  const lost = Object.keys(was.checkpoints).filter((phase) => now.checkpoints[phase] === undefined);
  return [
    ...(was.status !== now.status
      ? [`The track is then ${now.status.replaceAll("_", " ")}; it was ${was.status.replaceAll("_", " ")}.`]
      : []),
    ...lost.map((phase) => `The checkpoint of "${phase}" is asked for again.`),
  ];
}

function orderNotes(after: State): string[] {
  const ready = readyTickets(after, toldReady);
  return ready.length < 2 ? [] : [`Next, as workers become free: ${ready.map(({ ticketId }) => ticketId).join(", ")}.`];
}
