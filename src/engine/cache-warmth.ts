/**
 * Lets the first of several workers go ahead: their requests begin with the same tools and role, and what one has had answered
 * the provider's cache holds for the others. They wait for its first byte, and never for long.
 */

/** A cache forgets what nobody has read for this long: milliseconds, as the Messages API says. */
const keptMs = 5 * 60_000;
/** Nobody waits longer than this for the first byte of another: the cache is worth less than the time. */
const longestWaitMs = 1_500;

interface Warming {
  readonly agentId: string;
  readonly sinceMs: number;
}

export class CacheWarmth {
  /** When a model's cache was last known to hold the workers' prefix, in milliseconds since 1970. */
  readonly #warmAtMs = new Map<string, number>();
  /** Who goes ahead, by model. */
  readonly #warming = new Map<string, Warming>();

  /** Whether a worker's first request to a model should wait for the answer of one that is on its way. */
  holds(model: string, nowMs: number): boolean {
    const warming = this.#warming.get(model);
    return warming !== undefined && nowMs - warming.sinceMs < longestWaitMs && !this.#isWarm(model, nowMs);
  }

  /** Notes that a worker's first request to a model has gone out. */
  begins(model: string, agentId: string, nowMs: number): void {
    if (!this.#isWarm(model, nowMs)) this.#warming.set(model, { agentId, sinceMs: nowMs });
  }

  /** Notes that an agent has had an answer from a model. True when others have waited for that. */
  heard(model: string, agentId: string, nowMs: number): boolean {
    this.#warmAtMs.set(model, nowMs);
    return this.left(agentId);
  }

  /** Notes that an agent's request came to nothing, or that it is gone: the next one goes ahead. True when it had gone ahead. */
  left(agentId: string): boolean {
    for (const [model, warming] of this.#warming) if (warming.agentId === agentId) return this.#warming.delete(model);
    return false;
  }

  /** When those who wait need wait no longer, in milliseconds since 1970. */
  freeAtMs(): number[] {
    return [...this.#warming.values()].map(({ sinceMs }) => sinceMs + longestWaitMs);
  }

  #isWarm(model: string, nowMs: number): boolean {
    const at = this.#warmAtMs.get(model);
    return at !== undefined && nowMs - at < keptMs;
  }
}
