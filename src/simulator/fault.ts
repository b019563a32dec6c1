/**
 * Faults on demand: ways in which a provider goes wrong, and the `--fault` option that asks for them. A spec is a list,
 * separated by commas, of `KIND[:COUNT][:KEY=VALUE]...`:
 *
 *   529:2                     the first 2 requests are answered 529
 *   429:1:retry-after=1       the first one 429, with that header (seconds)
 *   stall:1, cut:1            the first stream stops without a word, or without an end
 *   slow:20                   every stream runs at 20 tokens a second;  latency:2000  every answer waits 2 seconds
 *   500:*:model=haiku         every request of a model whose name holds "haiku"
 *   reset:1:after=3           the 4th request
 *   429:1:retry-after=-4      that header, word for word: a number, `date+30` (an HTTP date in 30 s), or `garbage`
 *   limit:10:per=60           a rate limit of 10 requests in 60 s (a bucket that fills evenly): what is over it is a 429
 *
 * Specs are tried in order, each request takes the first that still has something to give; faults come before rules.
 */
import { z } from "zod";
import { type ApiError, apiError } from "./api-error.ts";

/**
 * How a response goes wrong.
 *
 * Nothing or too little comes. `hang`: never a byte. `stall`: silence in the middle. `pings`: only pings from the middle on.
 * `slow_loris`: a byte a second. `cut`: ends in the middle. `reset`: the connection breaks in the middle. `empty`: 200 without a
 * body. `no_content`: 204. `no_stop`: all but the closing events.
 *
 * Something else comes. `html`: a gateway's page, 502. `html_200`: a sign-in page. `redirect`: 307 to another path.
 * `gzip_garbage`: a body that is not what its encoding says. `malformed_json`: a data line that is no JSON. `deep_json`: one
 * that is nested 100,000 deep. `error_mid_stream`: an `error` event in the middle. `error_after_content`: one when all content
 * has come. `two_starts`: a second `message_start`. `unknown_event`: an event of a kind that does not exist, which clients must
 * overlook.
 *
 * Too much comes. `endless`: text without end. `huge_text`: 100 MB of it.
 *
 * The answer is whole, and wrong. `truncated_tool`: a tool input that stops short, with stop reason `max_tokens`. `early_end`:
 * `end_turn` whatever it holds. `unknown_reason`, `no_reason`: a stop reason that does not exist, or none. `refusal`,
 * `pause_turn`, `context_full`: that stop reason. `blank`: no content. `only_thinking`. `duplicate_ids`: each tool call twice
 * under one id. `many_calls`: each 100 times. `unknown_tool`, `wrong_types`: calls of a tool, or with an input, that nobody
 * offered. `usage_missing`, `usage_negative`, `usage_text`, `usage_huge`, `usage_late` (only after `message_stop`).
 */
export const FaultKind = z.enum([
  "hang",
  "stall",
  "pings",
  "cut",
  "reset",
  "empty",
  "no_stop",
  "malformed_json",
  "html",
  "html_200",
  "error_mid_stream",
  "truncated_tool",
  "unknown_event",
  "slow_loris",
  "no_content",
  "redirect",
  "gzip_garbage",
  "deep_json",
  "error_after_content",
  "two_starts",
  "endless",
  "huge_text",
  "early_end",
  "unknown_reason",
  "no_reason",
  "refusal",
  "pause_turn",
  "context_full",
  "blank",
  "only_thinking",
  "duplicate_ids",
  "many_calls",
  "unknown_tool",
  "wrong_types",
  "usage_missing",
  "usage_negative",
  "usage_text",
  "usage_huge",
  "usage_late",
]);
export type FaultKind = z.infer<typeof FaultKind>;

/** What a fault does to a request. */
export type FaultEffect =
  | { readonly type: "error"; readonly error: ApiError }
  | { readonly type: "fault"; readonly kind: FaultKind }
  | { readonly type: "slow"; readonly tokensPerSecond: number }
  | { readonly type: "latency"; readonly latencyMs: number }
  | { readonly type: "limit"; readonly requests: number; readonly perMs: number };

export interface Fault {
  readonly effect: FaultEffect;
  /** How many requests it hits; `Infinity` for all. */
  readonly count: number;
  /** How many requests it lets by first. */
  readonly after: number;
  /** Part of the model's name; "" for any. */
  readonly model: string;
}

/** A fault spec that means nothing; the message says what is allowed. */
export class FaultSpecError extends Error {
  override readonly name = "FaultSpecError";
}

/** Parses one `--fault` value. */
export function parseFault(spec: string): Fault[] {
  return spec.split(",").map((part) => parseOne(part.trim()));
}

/** Hands out faults, request by request. */
export class FaultQueue {
  readonly #faults: { fault: Fault; after: number; count: number; level: number; filledAtMs: number }[];

  constructor(faults: readonly Fault[]) {
    const level = ({ effect }: Fault) => (effect.type === "limit" ? effect.requests : 0);
    const begun = { filledAtMs: Number.NEGATIVE_INFINITY };
    this.#faults = faults.map((fault) => ({
      fault,
      after: fault.after,
      count: fault.count,
      level: level(fault),
      ...begun,
    }));
  }

  /** The effect for the next request of this model; null when nothing is to go wrong. */
  next(model: string, nowMs: number): FaultEffect | null {
    for (const entry of this.#faults) {
      if (entry.count <= 0 || !model.includes(entry.fault.model)) continue;
      if (entry.after > 0) {
        entry.after -= 1;
        continue;
      }
      entry.count -= 1;
      const { effect } = entry.fault;
      if (effect.type !== "limit") return effect;
      const leftMs = takeFrom(entry, effect, nowMs);
      if (leftMs > 0) return { type: "error", error: apiError(429, { retryAfter: String(Math.ceil(leftMs / 1000)) }) };
    }
    return null;
  }
}

/** Takes one request from a bucket. Gives 0, or the time until there is one to take. */
function takeFrom(
  bucket: { level: number; filledAtMs: number },
  { requests, perMs }: { requests: number; perMs: number },
  nowMs: number,
): number {
  const eachMs = perMs / requests;
  bucket.level = Math.min(requests, bucket.level + (nowMs - bucket.filledAtMs) / eachMs);
  bucket.filledAtMs = nowMs;
  if (bucket.level < 1) return (1 - bucket.level) * eachMs;
  bucket.level -= 1;
  return 0;
}

const keys = ["retry-after", "after", "model", "times", "per"];

function parseOne(part: string): Fault {
  const [kind = "", ...rest] = part.split(":");
  const isNumberFirst = /^(\d+|\*)$/.test(rest[0] ?? "");
  const number = isNumberFirst ? rest[0] : undefined;
  const options = optionsOf(part, isNumberFirst ? rest.slice(1) : rest);
  const effect = effectOf(part, kind, number, options);
  const isPace = effect.type === "slow" || effect.type === "latency" || effect.type === "limit";
  return {
    effect,
    count: countOf(part, isPace ? (options.get("times") ?? "*") : (number ?? options.get("times") ?? "1")),
    after: countOf(part, options.get("after") ?? "0"),
    model: options.get("model") ?? "",
  };
}

function optionsOf(part: string, pairs: readonly string[]): Map<string, string> {
  const options = new Map<string, string>();
  for (const pair of pairs) {
    const [key = "", value = ""] = pair.split("=");
    if (!keys.includes(key) || value === "")
      throw specError(part, `"${pair}" is not one of ${keys.join(", ")} with a value`);
    options.set(key, value);
  }
  return options;
}

function effectOf(part: string, kind: string, number: string | undefined, options: Map<string, string>): FaultEffect {
  if (kind === "slow" || kind === "latency") {
    const value = Number(number);
    if (!(value > 0)) throw specError(part, `"${kind}" needs a number, such as ${kind}:20`);
    return kind === "slow" ? { type: "slow", tokensPerSecond: value } : { type: "latency", latencyMs: value };
  }
  if (kind === "limit") {
    const [requests, seconds] = [Number(number), Number(options.get("per"))];
    if (!(requests > 0 && seconds > 0))
      throw specError(part, '"limit" needs a count and a time, such as limit:10:per=60');
    return { type: "limit", requests, perMs: seconds * 1000 };
  }
  if (/^[45]\d\d$/.test(kind)) {
    const retryAfter = options.get("retry-after");
    const given = retryAfter === undefined ? {} : { retryAfter: retryAfterOf(part, retryAfter) };
    return { type: "error", error: apiError(Number(kind), given) };
  }
  const named = FaultKind.safeParse(kind);
  if (!named.success) {
    throw specError(
      part,
      `a fault is an HTTP status (400 to 599), slow, latency, limit, or one of ${FaultKind.options.join(", ")}`,
    );
  }
  return { type: "fault", kind: named.data };
}

function retryAfterOf(part: string, text: string): string {
  if (/^(-?\d+(\.\d+)?|date\+\d+|garbage)$/.test(text)) return text;
  throw specError(part, "retry-after is a number of seconds, date+SECONDS, or garbage");
}

function countOf(part: string, text: string): number {
  if (text === "*") return Number.POSITIVE_INFINITY;
  if (!/^\d+$/.test(text)) throw specError(part, `"${text}" is not a count`);
  return Number(text);
}

function specError(part: string, why: string): FaultSpecError {
  return new FaultSpecError(`Cannot understand the fault "${part}": ${why}. Write it as KIND[:COUNT][:KEY=VALUE].`);
}
