/** Edits of a plan by chance: sensible ones and foolish ones, so that the rules have something to refuse. */
import type { PlanCommand } from "../../src/domain/command.ts";
import { NewTicket } from "../../src/domain/plan-edit.ts";
import type { State } from "../../src/domain/state.ts";
import type { Dice } from "../support/dice.ts";

/** One edit of some ticket or track; null while there is none to edit. */
export function randomEdit(state: State, dice: Dice): PlanCommand | null {
  const tickets = [...state.tickets.values()];
  if (tickets.length === 0) return null;
  const { ticketId, trackId } = dice.pick(tickets);
  const others = tickets.map((ticket) => ticket.ticketId).filter(() => dice.isLucky(0.3));
  const edit = (changes: Extract<PlanCommand, { type: "edit_ticket" }>["changes"]): PlanCommand => ({
    type: "edit_ticket",
    ticketId,
    changes,
  });
  return dice.pick([
    () => edit({ description: `Other words ${dice.below(100)}.` }),
    () => edit({ targetFiles: [`src/${dice.below(5)}.ts`] }),
    () => edit({ dependsOn: others }),
    () => edit({ dependsOn: [] }),
    () => edit({ priority: dice.pick(["high", "medium", "low"]), model: dice.pick(["big", null]) }),
    () => edit({ isStepMode: dice.isLucky(0.5) }),
    (): PlanCommand => ({ type: "move_ticket", ticketId, beforeTicketId: others[0] ?? null }),
    (): PlanCommand => ({ type: "skip_ticket", ticketId, reason: "" }),
    (): PlanCommand => ({ type: "add_ticket", trackId, ticket: NewTicket.parse({ title: "More", dependsOn: others }) }),
    (): PlanCommand => ({
      type: "split_ticket",
      ticketId,
      parts: [{ title: "One" }, { title: "Two", targetFiles: ["src/two.ts"] }],
      isChained: dice.isLucky(0.5),
    }),
  ])();
}
