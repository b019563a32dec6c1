/** Limits on money and tokens: which one a call would pass, counting what is spent and what is held for other calls. */
import type { SpawnBudget } from "./gate.ts";
import { Budget, type BudgetLimit } from "./settings.ts";
import type { Agent, State, Ticket } from "./state.ts";

export interface Need {
  readonly usd: number;
  readonly tokens: number;
}

export interface Shortage {
  readonly limit: BudgetLimit;
  readonly scopeId: string;
  readonly current: number;
  readonly spent: number;
  readonly held: number;
  readonly needed: number;
  /** Whether the call fits once the calls under way have settled for less than was held for them. */
  readonly mayFitLater: boolean;
}

/** What a ticket's worker may take at a time: turns, tokens of one answer, and every limit in force that holds for it. */
export function spawnBudget(state: State, ticket: Ticket, at: string): SpawnBudget {
  const { workers, tiers } = state.settings;
  const scopes: Readonly<Record<BudgetLimit, string>> = {
    runUsd: "run",
    trackUsd: ticket.trackId,
    ticketUsd: ticket.ticketId,
    dayUsd: at.slice(0, 10),
    runTokens: "run",
  };
  const limits: { [Limit in BudgetLimit]?: number } = {};
  for (const limit of Budget.keyof().options) {
    const amount = limitInForce(state, limit, scopes[limit]);
    if (amount !== undefined) limits[limit] = amount;
  }
  return { maxTurns: workers.maxTurns, maxTokens: tiers.worker.maxTokens, limits };
}

interface Account {
  readonly limit: BudgetLimit;
  readonly scopeId: string;
  readonly spent: number;
  readonly held: number;
  readonly needed: number;
}

/** The first limit that an agent's next call would pass; null when it fits in all of them. */
export function shortage(state: State, agent: Agent, need: Need, at: string): Shortage | null {
  for (const account of accounts(state, agent, need, at)) {
    const current = limitInForce(state, account.limit, account.scopeId);
    if (current === undefined || account.spent + account.held + account.needed <= current) continue;
    return { ...account, current, mayFitLater: account.held > 0 && account.spent + account.needed <= current };
  }
  return null;
}

function accounts(state: State, agent: Agent, need: Need, at: string): Account[] {
  const { trackId, ticketId } = agent;
  const day = at.slice(0, 10);
  const held = heldUsd(state, () => true);
  const found: Account[] = [
    { limit: "runUsd", scopeId: "run", spent: state.runSpend.usd, held, needed: need.usd },
    { limit: "runTokens", scopeId: "run", spent: state.runSpend.tokens, held: heldTokens(state), needed: need.tokens },
    { limit: "dayUsd", scopeId: day, spent: state.daySpend.get(day) ?? 0, held, needed: need.usd },
  ];
  if (trackId !== null) {
    const heldHere = heldUsd(state, (holder) => holder.trackId === trackId);
    found.push({
      limit: "trackUsd",
      scopeId: trackId,
      spent: spentUsd(state, trackId),
      held: heldHere,
      needed: need.usd,
    });
  }
  if (ticketId !== null) {
    const heldHere = heldUsd(state, (holder) => holder.ticketId === ticketId);
    found.push({
      limit: "ticketUsd",
      scopeId: ticketId,
      spent: spentUsd(state, ticketId),
      held: heldHere,
      needed: need.usd,
    });
  }
  return found;
}

function heldUsd(
  state: State,
  isCounted: (holder: { trackId: string | null; ticketId: string | null }) => boolean,
): number {
  let sum = 0;
  for (const held of state.reservations.values()) if (isCounted(held)) sum += held.usd;
  return sum;
}

function heldTokens(state: State): number {
  let sum = 0;
  for (const held of state.reservations.values()) sum += held.tokens;
  return sum;
}

function spentUsd(state: State, scopeId: string): number {
  return (state.lostUsd.get(scopeId) ?? 0) + (state.spendOf.get(scopeId)?.costUsd ?? 0);
}

/** The limit that is in force: what a person raised it to, else what the settings say; undefined when there is none. */
export function limitInForce(state: State, limit: keyof Budget, scopeId: string): number | undefined {
  return state.raisedLimits.get(`${limit}:${scopeId}`) ?? state.settings.budget[limit];
}
