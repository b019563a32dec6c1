/** What a person changed in a plan while it ran, as levers of a cassette: the log holds what came of each, not the command. */
import type { Event, EventOf } from "../../domain/event.ts";
import type { LeverLine } from "../../simulator/cassette.ts";

type Lever = Exclude<LeverLine["command"], { type: "change_settings" }>;
type Added = EventOf<"ticket.created">;

/** Reads levers from events, one after another. The events of one command stand together, and are of one moment. */
export class PlanLevers {
  /** Tickets that a person has added, until the next event tells whether they are the parts of another one. */
  #added: Added[] = [];
  #plannedAt = "";
  #splitAt = "";
  #reopeningAt = "";

  /** The levers that an event tells of; none for what rules and agents did, and for what only follows from a lever. */
  take(event: Event): LeverLine[] {
    return this.#leversOf(event).map((command) => ({ type: "lever", command }));
  }

  #leversOf(event: Event): Lever[] {
    if (event.type === "tickets.proposed" || event.type === "gate.approved") this.#plannedAt = event.at;
    // The tech lead's tickets have keys of its own, and come with its proposal.
    if (event.type === "ticket.created" && event.key === event.ticketId && event.at !== this.#plannedAt) {
      const earlier = this.#added[0]?.at === event.at ? [] : this.#added.splice(0);
      this.#added.push(event);
      return earlier.map(addition);
    }
    const added = this.#added.splice(0);
    if (isSplit(event, added)) {
      this.#splitAt = event.at;
      this.#reopeningAt = event.at;
      return [splitting(event.ticketId, added)];
    }
    return [...added.map(addition), ...this.#changeOf(event)];
  }

  #changeOf(event: Event): Lever[] {
    switch (event.type) {
      case "ticket.edited":
        // What needed a split ticket needs its parts instead.
        if (event.at === this.#splitAt) return [];
        this.#reopeningAt = event.at;
        return [{ type: "edit_ticket", ticketId: event.ticketId, changes: event.changes }];
      case "ticket.moved":
        return [{ type: "move_ticket", ticketId: event.ticketId, beforeTicketId: event.beforeTicketId }];
      case "ticket.reopened":
        // Tickets that wait for a reopened or skipped one are reopened with it.
        if (event.at === this.#reopeningAt) return [];
        this.#reopeningAt = event.at;
        return [{ type: "retry_ticket", ticketId: event.ticketId, by: event.by }];
      case "ticket.skipped":
        this.#reopeningAt = event.at;
        return [{ type: "skip_ticket", ticketId: event.ticketId, reason: event.reason }];
      case "ticket.cancelled":
        return [{ type: "cancel_ticket", ticketId: event.ticketId, reason: event.reason }];
      default:
        return [];
    }
  }
}

function isSplit(event: Event, added: readonly Added[]): event is EventOf<"ticket.skipped"> {
  const ids = added.map(({ ticketId }) => ticketId).join(", ");
  return event.type === "ticket.skipped" && added[0]?.at === event.at && event.reason === `Split into ${ids}.`;
}

function addition({ trackId, dependsOn, phase, afterTicketId, ...ticket }: Added): Lever {
  const place = { phase, ...(afterTicketId === undefined ? {} : { afterTicketId }) };
  return { type: "add_ticket", trackId, ticket: { ...partOf(ticket), dependsOn, ...place } };
}

function splitting(ticketId: string, parts: readonly Added[]): Lever {
  const [first, second] = parts;
  const isChained = first !== undefined && second?.dependsOn[0] === first.ticketId;
  return { type: "split_ticket", ticketId, parts: parts.map(partOf), isChained };
}

/** What a ticket and a part of one have in common, with nothing left to a default. */
function partOf(made: Omit<Added, "trackId" | "dependsOn" | "phase">) {
  const { title, description, targetFiles, contextFiles, acceptanceCriteria, priority, isStepMode } = made;
  const own = { verify: made.verify ?? null, model: made.model ?? null };
  return { title, description, targetFiles, contextFiles, acceptanceCriteria, priority, isStepMode, ...own };
}
