/** Folds calls into tokens and money: what is held, what was taken by whom and for what, and how it grew over time. */
import type { Event, EventOf } from "./event.ts";
import { modelKey } from "./model-hold.ts";
import { emptySeries, type SpendPoint, type SpendSeries } from "./spend-state.ts";
import type { Agent, State } from "./state.ts";
import { addSpend, addUsd, callSpend, noSpend, type Spend, totalTokens } from "./usage.ts";

type Ended = EventOf<"call.settled"> | EventOf<"call.failed">;

/** Facts after which usage looks different: what was spent, and what came of what it was spent on. */
const shownByUsage = /^(call\.(settled|failed)|attempt\.|ticket\.|track\.|settings\.|budget\.|run\.|estimate\.)/;

/** What other events than those of calls change in the accounting. */
export function evolveSpend(state: State, event: Event): void {
  if (shownByUsage.test(event.type)) state.usageVersion += 1;
  if (event.type === "estimate.recorded") state.estimates.set(event.trackId, event);
  if (event.type === "run.started") {
    state.runSpend.usd = 0;
    state.runSpend.tokens = 0;
    state.series.run = emptySeries;
  }
}

export function holdForCall(state: State, event: EventOf<"call.started">): void {
  const agent = state.agents.get(event.agentId);
  state.reservations.set(event.callId, {
    callId: event.callId,
    agentId: event.agentId,
    trackId: agent?.trackId ?? null,
    ticketId: agent?.ticketId ?? null,
    usd: event.reservedUsd ?? 0,
    tokens: event.reservedInputTokens + event.reservedOutputTokens,
    model: modelKey(event),
    startedAt: event.at,
  });
}

/** Books a call that has ended on its leaf, and on every sum that is kept of leaves. */
export function bookCall(state: State, event: Ended): void {
  if (!isReported(event)) countUnknown(state, event);
  state.reservations.delete(event.callId);
  const agent = state.agents.get(event.agentId);
  if (!agent) return;
  const spend = callSpend(event.usage, event.costUsd, isReported(event));
  bookOnLeaf(state, agent, event, spend);
  state.spendTotal = addSpend(state.spendTotal, spend);
  for (const scopeId of [agent.trackId, agent.ticketId])
    if (scopeId !== null) state.spendOf.set(scopeId, addSpend(state.spendOf.get(scopeId) ?? noSpend, spend));
  state.runSpend.usd = addUsd(state.runSpend.usd, spend.costUsd);
  state.runSpend.tokens += totalTokens(event.usage);
  addToDay(state, event, spend.costUsd);
  grow(state, event.at);
}

/** Whether the endpoint said what the call took; what a crash or a cut connection hid was not said. */
function isReported(event: Ended): boolean {
  return event.isUsageKnown !== false && !(event.type === "call.failed" && event.code === "lost");
}

function bookOnLeaf(state: State, agent: Agent, event: Ended, spend: Spend): void {
  const { tier, model, epicId, trackId, ticketId, purpose } = agent;
  const attempt = agent.attempt ?? state.tickets.get(ticketId ?? "")?.attempts.length ?? null;
  const day = event.at.slice(0, 10);
  const isFailed = event.type === "call.failed";
  const part = { tier, model, epicId, trackId, ticketId, attempt, purpose, isFailed, day };
  const key = Object.values(part).join("|");
  const leaf = state.spend.get(key) ?? { ...noSpend, ...part };
  state.spend.set(key, { ...leaf, ...addSpend(leaf, spend) });
}

/** A call whose figures nobody knows may have cost all that was held for it: limits count what its usage does not say. */
function countUnknown(state: State, event: Ended): void {
  const held = state.reservations.get(event.callId);
  if (!held) return;
  const usd = Math.max(0, held.usd - (event.costUsd ?? 0));
  state.runSpend.usd += usd;
  state.runSpend.tokens += Math.max(0, held.tokens - totalTokens(event.usage));
  addToDay(state, event, usd);
  for (const scopeId of [held.trackId, held.ticketId])
    if (scopeId !== null) state.lostUsd.set(scopeId, (state.lostUsd.get(scopeId) ?? 0) + usd);
}

function addToDay(state: State, { at }: Ended, usd: number): void {
  const day = at.slice(0, 10);
  state.daySpend.set(day, (state.daySpend.get(day) ?? 0) + usd);
}

/** More points than a plot has room for would only cost. */
const mostPoints = 240;

function grow(state: State, at: string): void {
  const { series, runSpend, spendTotal } = state;
  const atMs = Date.parse(at);
  const all = { atMs, usd: spendTotal.costUsd, limitUsd: spendTotal.costUsd, tokens: totalTokens(spendTotal) };
  const before = series.run.points.at(-1);
  const usd = addUsd(before?.usd ?? 0, spendTotal.costUsd - (series.all.points.at(-1)?.usd ?? 0));
  series.all = withPoint(series.all, all);
  series.run = withPoint(series.run, { atMs, usd, limitUsd: runSpend.usd, tokens: runSpend.tokens });
}

/** A clock that was set back does not draw a line backwards. */
function withPoint({ stepMs, points }: SpendSeries, point: SpendPoint): SpendSeries {
  const last = points.at(-1);
  const next = last && last.atMs > point.atMs ? { ...point, atMs: last.atMs } : point;
  const isSameStretch = last !== undefined && stretch(last, stepMs) === stretch(next, stepMs);
  const grown = [...(isSameStretch ? points.slice(0, -1) : points), next];
  return grown.length <= mostPoints ? { stepMs, points: grown } : thinned({ stepMs: stepMs * 2, points: grown });
}

function thinned({ stepMs, points }: SpendSeries): SpendSeries {
  const kept = points.filter((point, index) => {
    const next = points[index + 1];
    return next === undefined || stretch(next, stepMs) !== stretch(point, stepMs);
  });
  return kept.length <= mostPoints ? { stepMs, points: kept } : thinned({ stepMs: stepMs * 2, points: kept });
}

function stretch(point: SpendPoint, stepMs: number): number {
  return Math.floor(point.atMs / stepMs);
}
