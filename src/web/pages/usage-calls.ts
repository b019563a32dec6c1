/**
 * The single calls of a part of the spend: read from the log for the agents that can have made them, and put to the same
 * leaf as the fold puts them to. Read only for a part that few agents belong to.
 */
import type { Event } from "../../domain/event.ts";
import type { Agent, State } from "../../domain/state.ts";
import { callSpend, type SpendLeaf } from "../../domain/usage.ts";
import type { EngineApi } from "../../engine/engine-api.ts";
import { usageRow } from "../../projections/usage.ts";
import { type ScopedCall, type ScopedCalls, scopedCalls } from "../../projections/usage-calls.ts";
import { none, partOf, type UsageScope, usageParts } from "../../projections/usage-scope.ts";

const agentLimit = 40;

/** The calls of a scope; null when too many agents may have made some: a narrower scope has them. */
export function callsIn(engine: EngineApi, scope: UsageScope): ScopedCalls | null {
  const state = engine.state();
  const agents = [...state.agents.values()].filter((agent) => mayBeIn(state, agent, scope));
  if (agents.length > agentLimit) return null;
  return scopedCalls(agents.flatMap((agent) => callsOf(engine, agent, scope)));
}

/** A tech lead works for one ticket after the other: whose a call of it is, its prompts say. */
function mayBeIn(state: State, agent: Agent, scope: UsageScope): boolean {
  const { tier, model, track, ticket, attempt } = scope;
  const ticketId = ticket ?? attempt?.split("/")[0];
  const trackId = ticketId === undefined || ticketId === none ? track : state.tickets.get(ticketId)?.trackId;
  if (tier !== undefined && String(agent.tier) !== tier) return false;
  if (model !== undefined && agent.model !== model) return false;
  if (trackId !== undefined && (agent.trackId ?? none) !== trackId) return false;
  return ticketId === undefined || agent.role === "tech_lead" || (agent.ticketId ?? none) === ticketId;
}

function callsOf(engine: EngineApi, agent: Agent, scope: UsageScope): ScopedCall[] {
  const state = engine.state();
  const calls: ScopedCall[] = [];
  let asked: Pick<SpendLeaf, "purpose" | "ticketId" | "attempt"> = agent;
  for (const event of eventsOf(engine, agent)) {
    if (event.type === "agent.started")
      asked = { purpose: event.purpose, ticketId: event.ticketId ?? null, attempt: event.attempt ?? null };
    if (event.type === "agent.prompted")
      asked = { purpose: event.purpose, ticketId: event.ticketId ?? null, attempt: attemptsUntil(engine, event) };
    if (event.type !== "call.settled" && event.type !== "call.failed") continue;
    const isFailed = event.type === "call.failed";
    const isReported = event.isUsageKnown !== false && !(event.type === "call.failed" && event.code === "lost");
    const spend = callSpend(event.usage, event.costUsd, isReported);
    const { tier, model, epicId, trackId } = agent;
    const attempt = asked.attempt ?? attemptsUntil(engine, { position: event.position, ticketId: asked.ticketId });
    const leaf = { ...spend, tier, model, epicId, trackId, ...asked, attempt, isFailed, day: event.at.slice(0, 10) };
    if (!usageParts.every((part) => scope[part] === undefined || partOf(state, leaf, part) === scope[part])) continue;
    const { callId, at, streamId, turn } = event;
    calls.push({ callId, at, streamId, turn, model, purpose: leaf.purpose, isFailed, spend: usageRow([spend]) });
  }
  return calls;
}

/** What the agent was asked, and what it took; the bodies of its requests are not read. */
function eventsOf(engine: EngineApi, { agentId }: Agent): readonly Event[] {
  const limit = Number.MAX_SAFE_INTEGER;
  const types = ["agent.started", "agent.prompted", "call.settled", "call.failed"];
  return types
    .flatMap((type) => engine.events({ after: 0, limit, agentId, type }))
    .sort((a, b) => a.position - b.position);
}

/** How many attempts a ticket had at a position: the one that a review then is of. */
function attemptsUntil(
  engine: EngineApi,
  { position, ticketId }: { readonly position: number; readonly ticketId?: string | null | undefined },
): number | null {
  if (ticketId === undefined || ticketId === null) return null;
  const started = engine.events({ after: 0, limit: 10_000, ticketId, type: "attempt.started" });
  return started.filter((event) => event.position < position).length;
}
