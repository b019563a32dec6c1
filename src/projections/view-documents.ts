/** Where a plan on disk and the log differ, in sentences that say which of them counts. */
import type { State } from "../domain/state.ts";

interface TaskLine {
  readonly ticketId: string | null;
  readonly title: string;
  readonly mark: string;
  readonly isVerification: boolean;
}

const mostLines = 12;

/** The differences between a plan's task lines and the tickets of its track. */
export function planDrift(state: State, trackId: string, tasks: readonly TaskLine[]): readonly string[] {
  const ids = state.tracks.get(trackId)?.ticketIds ?? [];
  const own = new Set(ids);
  const lines = new Map(tasks.map((task) => [task.ticketId, task]));
  const ofTickets = ids.flatMap((ticketId) => {
    const ticket = state.tickets.get(ticketId);
    const line = lines.get(ticketId);
    if (!ticket) return [];
    if (!line) return [`${ticketId} has no line in the plan: it comes back. To take a ticket out, skip or cancel it.`];
    const isDone = ticket.stage.name === "completed" || ticket.stage.name === "skipped";
    if (line.mark === "x" && !isDone)
      return [`${ticketId} is ticked in the plan, but is not done: the mark goes back. To do without it, skip it.`];
    if (line.title === ticket.title.replace(/\s+/g, " ").trim()) return [];
    return [
      `${ticketId} is called “${line.title}” in the plan; its worker is told “${ticket.title}”. Edit the ticket to change that.`,
    ];
  });
  const others = tasks.flatMap(({ ticketId, title, mark, isVerification }) => {
    if (isVerification || (ticketId !== null && own.has(ticketId))) return [];
    if (ticketId !== null) return [`The plan names ${ticketId}, which is no ticket of this track.`];
    return mark === "x" ? [] : [`No ticket yet for “${title}”: add one with this title, and the line becomes its own.`];
  });
  const all = ids.length === 0 ? [] : [...ofTickets, ...others];
  return all.length <= mostLines ? all : [...all.slice(0, mostLines), `${all.length - mostLines} more differences.`];
}
