/**
 * Token counts and prompt-cache accounting. Counts are an estimate from bytes, the same for the same request, and they
 * add up: a prefix's count plus the rest's is the whole's. Not a tokenizer, and not meant to equal the real one.
 */
import { createHash, type Hash } from "node:crypto";
import { blocksOf, type CacheControl, type CountRequest } from "./messages-request.ts";

/** The tokens of a text, at four bytes each; never less than one for a text that is not empty. */
export function textTokens(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / 4);
}

/** All input tokens of a request, cached or not. */
export function inputTokens(request: CountRequest): number {
  return segmentsOf(request).reduce((sum, segment) => sum + segment.tokens, 0);
}

/** How a request's input splits, as the API reports it: the three parts sum to the whole. */
export interface InputUsage {
  readonly inputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWrite5mTokens: number;
  readonly cacheWrite1hTokens: number;
}

interface Segment {
  readonly tokens: number;
  /** The hash of everything up to and with this segment, model included. */
  readonly prefixHash: string;
  readonly breakpoint: CacheControl | null;
}

const ttlMs = { "5m": 5 * 60_000, "1h": 60 * 60_000 };
/** How many blocks before a breakpoint the API looks for a prefix that it knows. */
const lookback = 20;
const maxEntries = 20_000;

/** The prefixes that were seen at a breakpoint, each until its time to live has passed; bounded, the oldest go first. */
export class PrefixCache {
  readonly #expiry = new Map<string, number>();
  readonly #minTokens: number;
  readonly #now: () => number;

  constructor(options: { readonly minTokens: number; readonly now: () => number }) {
    this.#minTokens = options.minTokens;
    this.#now = options.now;
  }

  /** Splits a request's input into read, written and uncached tokens, and remembers the prefixes that it writes. */
  account(request: CountRequest): InputUsage {
    const segments = segmentsOf(request);
    const totals = runningTotals(segments);
    const breakpoints = [...segments.keys()].filter(
      (at) => segments[at]?.breakpoint && (totals[at] ?? 0) >= this.#minTokens,
    );
    const hit = this.#longestHit(segments, breakpoints);
    const usage = { inputTokens: 0, cacheReadTokens: totals[hit] ?? 0, cacheWrite5mTokens: 0, cacheWrite1hTokens: 0 };
    let covered = usage.cacheReadTokens;
    for (const at of breakpoints) {
      const ttl = segments[at]?.breakpoint?.ttl ?? "5m";
      this.#remember(segments[at]?.prefixHash ?? "", ttl);
      const written = Math.max(0, (totals[at] ?? 0) - covered);
      if (ttl === "1h") usage.cacheWrite1hTokens += written;
      else usage.cacheWrite5mTokens += written;
      covered += written;
    }
    usage.inputTokens = (totals.at(-1) ?? 0) - covered;
    return usage;
  }

  #longestHit(segments: readonly Segment[], breakpoints: readonly number[]): number {
    for (const at of breakpoints.toReversed()) {
      for (let index = at; index >= Math.max(0, at - lookback); index -= 1) {
        if ((this.#expiry.get(segments[index]?.prefixHash ?? "") ?? 0) > this.#now()) return index;
      }
    }
    return -1;
  }

  #remember(prefixHash: string, ttl: "5m" | "1h"): void {
    this.#expiry.delete(prefixHash);
    this.#expiry.set(prefixHash, this.#now() + ttlMs[ttl]);
    const oldest = this.#expiry.keys().next().value;
    if (this.#expiry.size > maxEntries && oldest !== undefined) this.#expiry.delete(oldest);
  }
}

function runningTotals(segments: readonly Segment[]): number[] {
  let sum = 0;
  return segments.map((segment) => {
    sum += segment.tokens;
    return sum;
  });
}

/** What opens the answer comes after every breakpoint: the API bills it as plain input, so that is never 0. */
const frameTokens = 3;

/** The request in the order in which the API caches it: tools, system, messages. */
function segmentsOf(request: CountRequest): Segment[] {
  const hash = createHash("sha256").update(request.model);
  const parts: { value: object; breakpoint: CacheControl | null }[] = [];
  for (const tool of request.tools ?? []) parts.push({ value: tool, breakpoint: tool.cache_control ?? null });
  for (const block of request.system ? blocksOf(request.system) : [])
    parts.push({ value: { system: block }, breakpoint: block.cache_control ?? null });
  for (const { role, content } of request.messages) {
    for (const block of blocksOf(content))
      parts.push({ value: { role, block }, breakpoint: block.cache_control ?? null });
  }
  const last = parts.at(-1);
  if (last && request.cache_control) last.breakpoint ??= request.cache_control;
  const segments = parts.map(({ value, breakpoint }) => segmentOf(value, breakpoint, hash));
  return [...segments, { tokens: frameTokens, prefixHash: "", breakpoint: null }];
}

function segmentOf(value: object, breakpoint: CacheControl | null, hash: Hash): Segment {
  const json = JSON.stringify(value, (key, inner: unknown) => (key === "cache_control" ? undefined : inner));
  hash.update(json);
  return { tokens: textTokens(json), prefixHash: hash.copy().digest("hex"), breakpoint };
}
