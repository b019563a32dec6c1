/**
 * How a provider's model answers the calls of all agents: how long it is to be left in peace, how fast it takes calls since it
 * refused one for the rate, and whether it fails altogether (a circuit breaker). Every figure follows from the log's facts.
 */

/** After a rate limit, calls go out one at a time with an interval between them, as fast as the provider was seen to take them. */
interface Pace {
  readonly intervalMs: number;
  /** What two refusals have measured: no faster than this. 0 until then. */
  readonly floorMs: number;
  readonly firstRefusedAtMs: number;
  readonly lastRefusedAtMs: number;
  /** Calls let out since the first refusal, without those that were refused. */
  readonly admittedCount: number;
}

/** Open: no calls. When its time is over one call tries, the probe, and the others wait for what comes of it. */
interface Breaker {
  readonly openMs: number;
  /** All the time that it was open since the last answer. */
  readonly waitedMs: number;
  readonly probeCallId: string | null;
  /** When its patience ended: whoever had begun before gives up. Null while there is hope. */
  readonly givenUpAtMs: number | null;
}

export interface ModelHealth {
  readonly provider: string;
  readonly model: string;
  /** No calls go out from one to the other, in milliseconds since 1970: a clock that was put back ends a hold, not a wait of days. */
  readonly heldAtMs: number;
  readonly heldUntilMs: number;
  readonly pace: Pace | null;
  readonly breaker: Breaker | null;
  /** Failures of the provider's own, one after the other. */
  readonly failureCount: number;
  /** The last failure in the provider's words. */
  readonly reason: string;
}

/** Why a call must wait, and until when; null where that is not known. */
export interface Hold {
  readonly kind: "limited" | "paced" | "broken" | "probing";
  readonly untilMs: number | null;
}

export interface CallFailure {
  readonly callId: string;
  readonly code: string;
  readonly status: number | undefined;
  readonly reason: string;
  readonly retryInMs: number | undefined;
  readonly startedAtMs: number;
  readonly atMs: number;
}

const mostFailures = 5;
const firstOpenMs = 30_000;
const longestOpenMs = 300_000;
/** A pace is guessed from the first refusal; a limit of fewer than ten calls a minute shows in the next ones. */
const longestGuessMs = 6_000;
const longestIntervalMs = 60_000;
const shortestIntervalMs = 20;
/** Each call that is let out shortens a guessed interval, until a refusal measures it. */
const speedUp = 0.94;
const safety = 1.02;
const leastMeasured = 4;
/** So long after a refusal, what was measured may be out of date. */
const forgetMs = 600_000;
/** A clock that is corrected by this little was not put back. */
const clockSlackMs = 1_000;

/**
 * A crowd of calls begins one by one, so that a refusal is heard before all of it has been sent. A larger crowd does not wait: the
 * whole of one would be late for a limit that nobody has shown yet.
 */
const crowdSize = 4;
const largestCrowd = 12;
const crowdGapMs = 15;

/** When a model that has these calls under way (by when each went out) takes the next one; 0 when it does at once. */
export function crowdFreeAtMs(startsMs: readonly number[]): number {
  const isCrowd = startsMs.length >= crowdSize && startsMs.length < largestCrowd;
  return isCrowd ? Math.max(...startsMs) + crowdGapMs : 0;
}

/** What keeps a call from going out now; null when nothing does. */
export function holdOf(health: ModelHealth | undefined, nowMs: number): Hold | null {
  if (!health) return null;
  const { breaker, heldAtMs, heldUntilMs } = health;
  if (breaker?.probeCallId) return { kind: "probing", untilMs: null };
  if (nowMs >= heldUntilMs || nowMs < heldAtMs - clockSlackMs) return null;
  const isLimited = health.pace === null || heldAtMs === health.pace.lastRefusedAtMs;
  return { kind: breaker ? "broken" : isLimited ? "limited" : "paced", untilMs: heldUntilMs };
}

/** Whether an agent that began then has waited long enough for a provider that fails. */
export function isHopeless(health: ModelHealth | undefined, begunAtMs: number, nowMs: number): boolean {
  const givenUpAtMs = health?.breaker?.givenUpAtMs ?? null;
  return givenUpAtMs !== null && begunAtMs <= givenUpAtMs && holdOf(health, nowMs) !== null;
}

/** A call goes out: the probe of an open breaker, or the next of a pace. */
export function afterStart(health: ModelHealth, callId: string, atMs: number): ModelHealth {
  const breaker = health.breaker && { ...health.breaker, probeCallId: callId };
  const { pace } = health;
  if (!pace) return { ...health, breaker };
  const floorMs = atMs - pace.lastRefusedAtMs > forgetMs ? 0 : pace.floorMs;
  const next = { ...pace, floorMs, admittedCount: pace.admittedCount + 1 };
  const intervalMs = Math.max(floorMs, pace.intervalMs * speedUp);
  if (intervalMs < shortestIntervalMs) return { ...health, breaker, pace: null };
  return { ...health, breaker, pace: { ...next, intervalMs }, heldAtMs: atMs, heldUntilMs: atMs + intervalMs };
}

/** A call was answered: the provider works. Null when there is nothing to remember. */
export function afterAnswer(health: ModelHealth, atMs: number): ModelHealth | null {
  const isHeld = health.pace !== null || holdOf({ ...health, breaker: null }, atMs) !== null;
  if (!isHeld) return null;
  const heldUntilMs = health.breaker ? atMs : health.heldUntilMs;
  return { ...health, breaker: null, failureCount: 0, heldUntilMs };
}

/** A call failed. `patienceMs`: how long a provider that fails is waited for in all. */
export function afterFailure(known: ModelHealth, failure: CallFailure, patienceMs: number): ModelHealth {
  const { breaker } = known;
  const isProbe = breaker?.probeCallId === failure.callId;
  const health = isProbe ? { ...known, breaker: { ...breaker, probeCallId: null } } : known;
  const { status, code } = failure;
  if (code === "stopped" || code === "lost") return health;
  if (status === undefined || status >= 500) return broken(held(health, failure), failure, isProbe, patienceMs);
  // Whoever refuses a call for a reason is there.
  const alive = { ...health, breaker: null, failureCount: 0, reason: failure.reason };
  return status === 429 ? paced(held(alive, failure), failure) : alive;
}

const crowdedStatuses: ReadonlySet<number | undefined> = new Set([429, 529]);

/** A provider that asks one agent to wait means all that call the same model there. */
function held(health: ModelHealth, { status, retryInMs, atMs, reason }: CallFailure): ModelHealth {
  if (!crowdedStatuses.has(status) || retryInMs === undefined) return { ...health, reason };
  const isHeld = holdOf({ ...health, breaker: null }, atMs) !== null;
  const heldUntilMs = Math.max(atMs + retryInMs, isHeld ? health.heldUntilMs : 0);
  return { ...health, heldAtMs: atMs, heldUntilMs, reason };
}

function broken(health: ModelHealth, { atMs }: CallFailure, isProbe: boolean, patienceMs: number): ModelHealth {
  const { breaker } = health;
  const failureCount = health.failureCount + 1;
  if (breaker && !isProbe) return health;
  if (!breaker && failureCount < mostFailures) return { ...health, failureCount };
  const openMs = breaker ? Math.min(breaker.openMs * 2, longestOpenMs) : firstOpenMs;
  const waitedMs = breaker ? breaker.waitedMs + breaker.openMs : 0;
  const givenUpAtMs = waitedMs >= patienceMs ? atMs : null;
  const opened = { openMs, waitedMs, probeCallId: null, givenUpAtMs };
  const heldUntilMs = Math.max(atMs + openMs, health.heldAtMs === atMs ? health.heldUntilMs : 0);
  return { ...health, failureCount, breaker: opened, heldAtMs: atMs, heldUntilMs };
}

function paced(health: ModelHealth, { atMs, startedAtMs, retryInMs }: CallFailure): ModelHealth {
  if (retryInMs === undefined) return health;
  const { pace } = health;
  if (!pace || atMs - pace.lastRefusedAtMs > forgetMs) {
    const intervalMs = Math.min(retryInMs, longestGuessMs);
    const fresh = { intervalMs, floorMs: 0, firstRefusedAtMs: atMs, lastRefusedAtMs: atMs, admittedCount: 0 };
    return { ...health, pace: fresh };
  }
  const admittedCount = Math.max(0, pace.admittedCount - 1);
  // It went out before the refusal that is known: it says nothing new.
  if (startedAtMs <= pace.lastRefusedAtMs) return { ...health, pace: { ...pace, lastRefusedAtMs: atMs } };
  // Between two refusals the provider's bucket went from empty to empty, so what it took in that time is its rate.
  const measuredMs = ((atMs - pace.firstRefusedAtMs) / Math.max(1, admittedCount)) * safety;
  const isMeasured = admittedCount >= leastMeasured;
  const intervalMs = Math.min(
    isMeasured ? measuredMs : Math.max(pace.intervalMs * 2, Math.min(retryInMs, longestGuessMs)),
    longestIntervalMs,
  );
  const floorMs = isMeasured ? intervalMs : pace.floorMs;
  return { ...health, pace: { ...pace, intervalMs, floorMs, lastRefusedAtMs: atMs, admittedCount } };
}

/** A model that nothing is known of. */
export function freshHealth(provider: string, model: string): ModelHealth {
  const held = { heldAtMs: 0, heldUntilMs: 0 };
  return { provider, model, ...held, pace: null, breaker: null, failureCount: 0, reason: "" };
}
