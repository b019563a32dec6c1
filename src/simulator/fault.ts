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
 *
 * Specs are tried in order, each request takes the first that still has something to give; faults come before rules.
 */
import { z } from "zod";
import { type ApiError, apiError } from "./api-error.ts";

/**
 * How a response goes wrong. `hang`: never a byte. `stall`: silence in the middle. `pings`: only pings from the middle on.
 * `cut`: ends in the middle. `reset`: the connection breaks in the middle. `empty`: 200 without a body. `no_stop`: all
 * but the closing events. `malformed_json`: a data line that is no JSON. `html`: a gateway's page, 502. `html_200`: a
 * sign-in page. `error_mid_stream`: an `error` event in the middle. `truncated_tool`: a tool input that stops short, with
 * stop reason `max_tokens`. `unknown_event`: an event of a kind that does not exist, which clients must overlook.
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
]);
export type FaultKind = z.infer<typeof FaultKind>;

/** What a fault does to a request. */
export type FaultEffect =
  | { readonly type: "error"; readonly error: ApiError }
  | { readonly type: "fault"; readonly kind: FaultKind }
  | { readonly type: "slow"; readonly tokensPerSecond: number }
  | { readonly type: "latency"; readonly latencyMs: number };

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
  readonly #faults: { fault: Fault; after: number; count: number }[];

  constructor(faults: readonly Fault[]) {
    this.#faults = faults.map((fault) => ({ fault, after: fault.after, count: fault.count }));
  }

  /** The effect for the next request of this model; null when nothing is to go wrong. */
  next(model: string): FaultEffect | null {
    for (const entry of this.#faults) {
      if (entry.count <= 0 || !model.includes(entry.fault.model)) continue;
      if (entry.after > 0) {
        entry.after -= 1;
        continue;
      }
      entry.count -= 1;
      return entry.fault.effect;
    }
    return null;
  }
}

const keys = ["retry-after", "after", "model", "times"];

function parseOne(part: string): Fault {
  const [kind = "", ...rest] = part.split(":");
  const isNumberFirst = /^(\d+|\*)$/.test(rest[0] ?? "");
  const number = isNumberFirst ? rest[0] : undefined;
  const options = optionsOf(part, isNumberFirst ? rest.slice(1) : rest);
  const effect = effectOf(part, kind, number, options);
  const isPace = effect.type === "slow" || effect.type === "latency";
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
  if (/^[45]\d\d$/.test(kind)) {
    const retryAfter = options.get("retry-after");
    const given = retryAfter === undefined ? {} : { retryAfterS: secondsOf(part, retryAfter) };
    return { type: "error", error: apiError(Number(kind), given) };
  }
  const named = FaultKind.safeParse(kind);
  if (!named.success) {
    throw specError(
      part,
      `a fault is an HTTP status (400 to 599), slow, latency, or one of ${FaultKind.options.join(", ")}`,
    );
  }
  return { type: "fault", kind: named.data };
}

function secondsOf(part: string, text: string): number {
  const seconds = Number(text);
  if (!(seconds >= 0)) throw specError(part, "retry-after is a number of seconds");
  return seconds;
}

function countOf(part: string, text: string): number {
  if (text === "*") return Number.POSITIVE_INFINITY;
  if (!/^\d+$/.test(text)) throw specError(part, `"${text}" is not a count`);
  return Number(text);
}

function specError(part: string, why: string): FaultSpecError {
  return new FaultSpecError(`Cannot understand the fault "${part}": ${why}. Write it as KIND[:COUNT][:KEY=VALUE].`);
}
