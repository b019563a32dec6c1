/** What may be spent, what is spent, and what is held for calls in flight: one line for each limit that is in force. */

import { limitInForce } from "../domain/budget.ts";
import type { BudgetLimit } from "../domain/settings.ts";
import type { Reservation } from "../domain/spend-state.ts";
import type { State } from "../domain/state.ts";
import { roundUsd, spentOf } from "./usage.ts";

/** `max`, `used` and `reserved` are US dollars, or tokens where the limit's name ends in `Tokens`. */
interface BudgetLine {
  readonly limit: BudgetLimit;
  readonly scopeId: string;
  readonly max: number;
  readonly used: number;
  readonly reserved: number;
  readonly isReached: boolean;
}

export interface ApiBudget {
  readonly limits: readonly BudgetLine[];
  readonly run: { readonly costUsd: number; readonly tokens: number; readonly startedAt: string | null };
}

/** The budget as it stands: limits of the run and the day, then of each track and ticket that has one. */
export function apiBudget(state: State): ApiBudget {
  const held = [...state.reservations.values()];
  const day = state.lastAt.slice(0, 10);
  const lines = [
    line(state, "runUsd", "run", () => ({ used: state.runSpend.usd, reserved: usdOf(held) })),
    line(state, "runTokens", "run", () => ({ used: state.runSpend.tokens, reserved: tokensOf(held) })),
    line(state, "dayUsd", day, () => ({ used: state.daySpend.get(day) ?? 0, reserved: usdOf(held) })),
    ...[...state.tracks.keys()].map((trackId) =>
      line(state, "trackUsd", trackId, () => ({
        used: spentOf(state, trackId) + (state.lostUsd.get(trackId) ?? 0),
        reserved: usdOf(held.filter((item) => item.trackId === trackId)),
      })),
    ),
    ...[...state.tickets.keys()].map((ticketId) =>
      line(state, "ticketUsd", ticketId, () => ({
        used: spentOf(state, ticketId) + (state.lostUsd.get(ticketId) ?? 0),
        reserved: usdOf(held.filter((item) => item.ticketId === ticketId)),
      })),
    ),
  ];
  return {
    limits: lines.filter((item) => item !== null),
    run: {
      costUsd: roundUsd(state.runSpend.usd),
      tokens: state.runSpend.tokens,
      startedAt: state.run.startedAt || null,
    },
  };
}

/** The amounts are asked for only where there is a limit: they cost a walk over all spend. */
function line(
  state: State,
  limit: BudgetLimit,
  scopeId: string,
  amounts: () => { readonly used: number; readonly reserved: number },
): BudgetLine | null {
  const max = limitInForce(state, limit, scopeId);
  if (max === undefined) return null;
  const { used, reserved } = amounts();
  const isReached = state.reachedLimits.has(`${limit}:${scopeId}`);
  return { limit, scopeId, max, used: roundUsd(used), reserved: roundUsd(reserved), isReached };
}

function usdOf(held: readonly Reservation[]): number {
  return held.reduce((sum, item) => sum + item.usd, 0);
}

function tokensOf(held: readonly Reservation[]): number {
  return held.reduce((sum, item) => sum + item.tokens, 0);
}
