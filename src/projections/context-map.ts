/**
 * The context map of one agent: what its next request holds (its last, when it has ended), part by part, how near that is to the
 * limit, what would be trimmed, and how good the estimate is. The page, the API and the command line all show this.
 */
import { hasNextRequest } from "../domain/decide-context.ts";
import { type ErrorFigures, errorFigures, errorPercent } from "../domain/estimate-error.ts";
import type { RequestRecord } from "../domain/event-context.ts";
import { contextOf, correctionFor, sumOf } from "../domain/evolve-context.ts";
import { modelWindow } from "../domain/model-window.ts";
import { partNames, requestParts } from "../domain/request-part.ts";
import type { Agent, State } from "../domain/state.ts";
import { describeStep, planTrim } from "../domain/trim.ts";
import type { Usage } from "../domain/usage.ts";
import { type AgentLog, type AgentRequest, agentRequest } from "./agent-request.ts";
import { type ContextPiece, contextPieces } from "./context-piece.ts";

/** A part of a request; `share` is its part of all tokens used, 0 to 1. */
export interface ContextPart {
  readonly name: string;
  readonly tokens: number;
  readonly share: number;
  readonly isEstimated: boolean;
}

/** What the endpoint said of the agent's last call, beside our estimate of it; `errorPercent` is above 0 for too high. */
export interface LastCall {
  readonly callId: string;
  readonly estimatedTokens: number;
  readonly reportedTokens: number;
  readonly usage: Usage;
  readonly errorPercent: number;
}

/** How full a request is, in the three steps that people are shown. */
export type Fullness = "below half" | "above half" | "nearly full";

export interface ContextMap {
  readonly streamId: string;
  readonly agentId: string;
  readonly role: Agent["role"];
  readonly model: string;
  readonly status: Agent["status"];
  readonly turnCount: number;
  /** Whether the request is still to be sent; else it is the last that was. */
  readonly isNext: boolean;
  /** Whether a request of the agent may still follow, so that its pieces can be pinned and evicted. */
  readonly isOpen: boolean;
  /** Tool calls whose results will join the request before it is sent. */
  readonly openCallCount: number;
  /** They sum to `usedTokens`. */
  readonly parts: readonly ContextPart[];
  readonly usedTokens: number;
  /** Who says `usedTokens`: the endpoint's count, its report after the call, or our estimate. */
  readonly countedBy: "count" | "usage" | "estimate";
  /** What a request may grow to, and which limit that is. */
  readonly windowTokens: number;
  readonly windowSource: string;
  /** Of the window, 0 to 1 (above 1 when it does not fit). */
  readonly shareUsed: number;
  readonly fullness: Fullness;
  /** Tokens that the messages may still grow by before they are trimmed. */
  readonly headroomTokens: number;
  readonly wouldTrim: boolean;
  /** What this request has lost, or, while all fits, what would go first. */
  readonly trimmedNext: readonly { readonly role: string; readonly name: string; readonly tokens: number }[];
  readonly lastCall: LastCall | null;
  /** How far estimates of this agent's requests were off. */
  readonly estimateError: ErrorFigures | null;
  /** What our estimate was multiplied by, from the model's earlier requests. */
  readonly correction: number;
  readonly pieces: readonly ContextPiece[];
  /** SHA-256 of the request's text as it goes over the wire. */
  readonly requestHash: string;
}

const previewSteps = 3;

/** The map, and the request that it is of. */
export function contextMap(log: AgentLog): { readonly map: ContextMap; readonly told: AgentRequest } {
  const { state, agent } = log;
  const told = agentRequest(log);
  const { request, source } = told;
  const parts = requestParts(source, request);
  const figures = requestFigures(state, agent, { parts, hash: told.hash, limitTokens: source.limitTokens });
  const scale = figures.usedTokens / Math.max(1, sumOf(parts));
  const map: ContextMap = {
    ...agentFields(agent),
    ...figures,
    isNext: told.isNext,
    isOpen: hasNextRequest(state, agent),
    openCallCount: told.openCallCount,
    wouldTrim: request.steps.length > 0,
    trimmedNext: trimmedNext(told, scale),
    lastCall: lastCallOf(state, agent.agentId),
    estimateError: errorFigures(contextOf(state, agent.agentId).samples, "estimated"),
    pieces: contextPieces(told).map((piece) => ({ ...piece, tokens: Math.round(piece.tokens * scale) })),
    requestHash: told.hash,
  };
  return { map, told };
}

/** What is known of a request by its estimated parts alone. */
export type RequestFigures = Pick<
  ContextMap,
  | "parts"
  | "usedTokens"
  | "countedBy"
  | "correction"
  | "windowTokens"
  | "windowSource"
  | "shareUsed"
  | "fullness"
  | "headroomTokens"
>;

/** The figures of a request, whether it was just made or is told from the log. */
export function requestFigures(
  state: State,
  agent: Agent,
  request: Pick<RequestRecord, "parts" | "hash" | "limitTokens">,
): RequestFigures {
  const { parts, hash, limitTokens } = request;
  const count = countOf(state, agent, hash, sumOf(parts));
  const limit = windowOf(agent.model, state.settings.context.historyTokens);
  const messageTokens = sumOf(parts) - (parts.system ?? 0) - (parts.tools ?? 0);
  const scale = count.tokens / Math.max(1, sumOf(parts));
  // What was set holds in the model's tokens too; the first of the limits that is met ends the room.
  const rooms = [
    (limitTokens - messageTokens) * scale,
    limit.tokens - messageTokens * scale,
    limit.modelTokens - count.tokens,
  ];
  const shareUsed = count.tokens / limit.tokens;
  return {
    parts: partsOf(parts, count),
    usedTokens: count.tokens,
    countedBy: count.by,
    correction: count.correction,
    windowTokens: limit.tokens,
    windowSource: limit.source,
    shareUsed,
    fullness: fullnessOf(shareUsed),
    headroomTokens: Math.max(0, Math.round(Math.min(...rooms))),
  };
}

export function agentFields({ streamId, agentId, role, model, status, turnCount }: Agent) {
  return { streamId, agentId, role, model, status, turnCount };
}

export function fullnessOf(share: number): Fullness {
  return share < 0.5 ? "below half" : share <= 0.8 ? "above half" : "nearly full";
}

/** What a request of a model may grow to here: its messages are trimmed at the limit, and no model takes more than its window. */
export function windowOf(model: string, limitTokens: number) {
  const known = modelWindow(model);
  const setting = `history_tokens of [context], ${limitTokens}`;
  if (known === null)
    return { tokens: limitTokens, modelTokens: limitTokens, source: `${setting}; the window of ${model} is not known` };
  const words = `the window of ${model} is ${known}`;
  if (known < limitTokens)
    return { tokens: known, modelTokens: known, source: `${words}, which is less than ${setting}` };
  return { tokens: limitTokens, modelTokens: known, source: `${setting}; ${words}` };
}

interface Count {
  readonly tokens: number;
  readonly by: ContextMap["countedBy"];
  readonly correction: number;
  /** Parts that the endpoint counted by themselves. */
  readonly parts: Readonly<Record<string, number>>;
}

/** The endpoint's word where there is one for exactly this request, else our estimate as corrected for its model. */
function countOf(state: State, agent: Agent, hash: string, estimated: number): Count {
  const { counted, sent } = contextOf(state, agent.agentId);
  if (counted?.hash === hash) return { tokens: counted.tokens, by: "count", correction: 1, parts: counted.parts };
  if (sent?.usage && sent.record.hash === hash)
    return { tokens: promptTokens(sent.usage), by: "usage", correction: 1, parts: {} };
  if (sent?.record.hash === hash && sent.countedTokens !== null)
    return { tokens: sent.countedTokens, by: "count", correction: 1, parts: {} };
  const correction = correctionFor(state, agent);
  return { tokens: Math.round(estimated * correction), by: "estimate", correction, parts: {} };
}

/** Parts that sum to the count: those that were counted as they are, the others in proportion to their estimates. */
export function partsOf(raw: Readonly<Record<string, number>>, count: Pick<Count, "tokens" | "parts">): ContextPart[] {
  const names = partNames.filter((name) => (raw[name] ?? 0) > 0);
  const rest = names.filter((name) => count.parts[name] === undefined);
  const left = count.tokens - sumOf(Object.fromEntries(names.map((name) => [name, count.parts[name] ?? 0])));
  // A count of a part alone holds what frames a request; where it does not fit into the whole, it is no better than a guess.
  if (left < 0 || (rest.length === 0 && left !== 0)) return partsOf(raw, { tokens: count.tokens, parts: {} });
  const estimates = apportion(
    rest.map((name) => raw[name] ?? 0),
    left,
  );
  return names.map((name) => {
    const tokens = count.parts[name] ?? estimates[rest.indexOf(name)] ?? 0;
    const share = count.tokens === 0 ? 0 : tokens / count.tokens;
    return { name, tokens, share, isEstimated: count.parts[name] === undefined };
  });
}

/** Whole numbers in proportion to the weights that sum to the total: what rounding down leaves goes to the largest fractions. */
export function apportion(weights: readonly number[], total: number): number[] {
  const sum = weights.reduce((all, weight) => all + weight, 0);
  if (sum === 0) return weights.map(() => 0);
  const exact = weights.map((weight) => (weight / sum) * total);
  const whole = exact.map(Math.floor);
  const left = total - whole.reduce((all, part) => all + part, 0);
  const order = [...exact.keys()].sort((a, b) => fraction(exact[b]) - fraction(exact[a]));
  for (const index of order.slice(0, left)) whole[index] = (whole[index] ?? 0) + 1;
  return whole;
}

function fraction(value = 0): number {
  return value - Math.floor(value);
}

function trimmedNext({ request }: AgentRequest, scale: number): ContextMap["trimmedNext"] {
  const { untrimmed, steps, pinned } = request;
  const shown = steps.length > 0 ? steps : planTrim(untrimmed, 0, pinned).slice(0, previewSteps);
  return shown.map((step) => ({ ...describeStep(untrimmed, step), tokens: Math.round(step.tokens * scale) }));
}

export function lastCallOf(state: State, agentId: string): LastCall | null {
  const { sent } = contextOf(state, agentId);
  if (!sent?.usage) return null;
  const estimatedTokens = sumOf(sent.record.parts);
  const reportedTokens = promptTokens(sent.usage);
  if (reportedTokens === 0) return null;
  const { callId, usage } = sent;
  return {
    callId,
    usage,
    estimatedTokens,
    reportedTokens,
    errorPercent: errorPercent(estimatedTokens, reportedTokens),
  };
}

export function promptTokens({ inputTokens, cacheReadTokens, cacheWriteTokens }: Usage): number {
  return inputTokens + cacheReadTokens + cacheWriteTokens;
}
