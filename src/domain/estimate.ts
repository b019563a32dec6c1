/**
 * What work will probably take, as a range that rests on what finished work of this project took. Without such work there is
 * no range: a figure out of the air would be worse than none.
 */
import type { Fact } from "./event.ts";
import type { Range } from "./event-usage.ts";
import { isFinal } from "./readiness.ts";
import type { State } from "./state.ts";
import { addUsd, nanoUsd, type Spend, totalTokens } from "./usage.ts";

export interface Expectation {
  /** Absent where what it rests on has no price. */
  readonly usd?: Range;
  readonly tokens: Range;
  readonly basis: string;
  readonly sampleCount: number;
}

/** Fewer than this many tickets of the model that will work are worth less than more tickets of any model. */
const leastOfModel = 3;

/** What a number of tickets will take in all, with their reviews, diagnoses and retries; null without a finished ticket. */
export function expectTickets(state: State, count: number): Expectation | null {
  const finished = [...state.tickets.values()].filter(({ stage }) => stage.name === "completed");
  const [model = ""] = state.settings.tiers.worker.models;
  const ofModel = finished.filter((ticket) => ticket.attempts[0]?.model === model);
  const isOfModel = ofModel.length >= leastOfModel;
  const samples = samplesOf(
    state,
    (isOfModel ? ofModel : finished).map((ticket) => ticket.ticketId),
  );
  const words = isOfModel ? ` that began with ${model}` : "";
  return expectation(samples, count, `finished ${samples.length === 1 ? "ticket" : "tickets"} of this project${words}`);
}

/** What a number of tracks will take in all, planning included; null without a finished track. */
export function expectTracks(state: State, count: number): Expectation | null {
  const finished = [...state.tracks.values()].filter((track) => track.status === "completed");
  const samples = samplesOf(
    state,
    finished.map((track) => track.trackId),
  );
  return expectation(samples, count, `finished ${samples.length === 1 ? "track" : "tracks"} of this project`);
}

/** The estimate to write down as a track's work begins: of its tickets where they are known, else of a whole track. None without history. */
export function estimateFacts(state: State, trackId: string, newTicketCount = 0): Fact[] {
  const track = state.tracks.get(trackId);
  const open = (track?.ticketIds ?? []).filter((ticketId) => {
    const ticket = state.tickets.get(ticketId);
    return ticket !== undefined && !isFinal(ticket);
  });
  const ticketCount = open.length + newTicketCount;
  const expected = ticketCount === 0 ? expectTracks(state, 1) : expectTickets(state, ticketCount);
  if (!expected) return [];
  const spent = state.spendOf.get(trackId);
  const { usd, tokens, basis, sampleCount } = ticketCount === 0 ? expected : beyond(expected, spent);
  const counted = ticketCount === 0 ? null : ticketCount;
  return [
    { type: "estimate.recorded", trackId, ticketCount: counted, ...(usd && { usd }), tokens, basis, sampleCount },
  ];
}

/** What a track has taken already belongs to what it takes in all. */
function beyond(expected: Expectation, spent: Spend | undefined): Expectation {
  if (!spent) return expected;
  const { usd, ...rest } = expected;
  const isPriced = usd !== undefined && spent.unpricedCallCount === 0;
  const tokens = shifted(rest.tokens, totalTokens(spent));
  return { ...rest, tokens, ...(isPriced && { usd: shifted(usd, spent.costUsd) }) };
}

function shifted({ low, middle, high }: Range, by: number): Range {
  return { low: addUsd(low, by), middle: addUsd(middle, by), high: addUsd(high, by) };
}

function samplesOf(state: State, scopeIds: readonly string[]): readonly Spend[] {
  return scopeIds.flatMap((scopeId) => {
    const spend = state.spendOf.get(scopeId);
    return spend && spend.callCount > 0 ? [spend] : [];
  });
}

function expectation(samples: readonly Spend[], count: number, words: string): Expectation | null {
  if (samples.length === 0 || count === 0) return null;
  const isPriced = samples.every((spend) => spend.unpricedCallCount === 0);
  const tokens = rangeOf(samples.map(totalTokens), count);
  const usd = isPriced
    ? rangeOf(
        samples.map((spend) => spend.costUsd),
        count,
      )
    : undefined;
  return {
    tokens: { low: Math.floor(tokens.low), middle: Math.round(tokens.middle), high: Math.ceil(tokens.high) },
    ...(usd && { usd }),
    basis: `${samples.length} ${words}`,
    sampleCount: samples.length,
  };
}

/** How many standard deviations hold eight of ten values of a normal distribution. */
const eightOfTen = 1.2816;
/** Fewer samples than this say little of how far apart values are: they are taken to differ by a quarter at least. */
const fewSamples = 5;
const leastSpread = 0.25;

/**
 * The range that holds the sum of `count` further values in eight of ten cases, as a prediction interval: it is wider for
 * more values, for values that differ more, and for fewer samples. Never below half of what the least sample says.
 */
export function rangeOf(samples: readonly number[], count: number): Range {
  const mean = samples.reduce((sum, value) => sum + value, 0) / samples.length;
  const squares = samples.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const measured = samples.length > 1 ? Math.sqrt(squares / (samples.length - 1)) : mean / 2;
  const deviation = samples.length < fewSamples ? Math.max(measured, mean * leastSpread) : measured;
  const spread = eightOfTen * deviation * Math.sqrt(count + count ** 2 / samples.length);
  const least = (Math.min(...samples) * count) / 2;
  const middle = mean * count;
  const low = Math.max(middle - spread, least);
  return { low: exact(low), middle: exact(middle), high: exact(middle + spread) };
}

function exact(amount: number): number {
  return nanoUsd(amount) / 1e9;
}
