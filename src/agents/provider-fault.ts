/**
 * What can go wrong with a provider, and what follows: try again, trim the conversation, or give up. Statuses and error
 * types are those of https://docs.claude.com/en/api/errors.
 */
import { APIConnectionError, APIConnectionTimeoutError, APIError } from "@anthropic-ai/sdk";
import { z } from "zod";

/** `backoff`: the same request may work later. `trim`: it is too large. `auth`, `none`: it will never work as it is. */
export type Remedy = "backoff" | "trim" | "auth" | "none";

/** A call that failed. `message` is a sentence for people; it holds no key. */
export class ProviderFault extends Error {
  readonly code: string;
  readonly remedy: Remedy;
  readonly status: number | undefined;
  readonly retryAfterMs: number | undefined;
  /** Whether nothing can have been charged: the request never left, or was refused before an answer began. */
  readonly isFree: boolean;

  constructor(
    code: string,
    reason: string,
    remedy: Remedy,
    more: {
      status?: number | undefined;
      retryAfterMs?: number | undefined;
      isFree?: boolean | undefined;
      cause?: unknown;
    } = {},
  ) {
    super(reason, { cause: more.cause });
    this.name = "ProviderFault";
    this.code = code;
    this.remedy = remedy;
    this.status = more.status;
    this.retryAfterMs = more.retryAfterMs;
    this.isFree = more.isFree === true;
  }
}

const statusOfType: Readonly<Record<string, number>> = {
  invalid_request_error: 400,
  authentication_error: 401,
  billing_error: 402,
  permission_error: 403,
  not_found_error: 404,
  conflict_error: 409,
  request_too_large: 413,
  rate_limit_error: 429,
  api_error: 500,
  timeout_error: 504,
  overloaded_error: 529,
};

const retryableStatuses = new Set([408, 409, 425, 429, 500, 502, 503, 504, 529]);
const authStatuses = new Set([401, 402, 403, 407]);
const tooLong = /prompt is too long|context (window|length)|maximum context|too many (input )?tokens/i;

const ErrorBody = z.object({ error: z.object({ type: z.string().optional(), message: z.string().optional() }) });

/** Turns whatever the SDK or the network threw into a fault. */
export function faultOf(error: unknown): ProviderFault {
  if (error instanceof ProviderFault) return error;
  if (error instanceof APIConnectionTimeoutError)
    return new ProviderFault("timeout", "The provider did not answer in time.", "backoff", { cause: error });
  if (error instanceof APIConnectionError)
    return new ProviderFault("network", `The provider could not be reached: ${deepestMessage(error)}.`, "backoff", {
      isFree: isUnsent(error),
      cause: error,
    });
  if (error instanceof APIError) return answeredFault(error.error, error.status, error.headers, error);
  return new ProviderFault("cut", `The connection to the provider broke: ${deepestMessage(error)}.`, "backoff", {
    cause: error,
  });
}

const unsentCodes = /^(ECONNREFUSED|ENOTFOUND|EAI_\w+|EHOSTUNREACH|ENETUNREACH|EPROTO|ERR_TLS\w*|\w*CERT\w*)$/;

/** Whether the connection was never made, as opposed to one that broke when the request may have been read. */
function isUnsent(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    if ("code" in cause && unsentCodes.test(String(cause.code))) return true;
  return false;
}

/** The fault that an error body stands for, as a response or as an `error` event inside a stream. */
export function answeredFault(
  body: unknown,
  httpStatus: number | undefined,
  headers: Headers | undefined,
  cause?: unknown,
): ProviderFault {
  const parsed = ErrorBody.safeParse(body);
  const type = parsed.success ? parsed.data.error.type : undefined;
  const words = (parsed.success ? parsed.data.error.message : undefined) ?? "no reason given";
  const status = httpStatus ?? (type ? statusOfType[type] : undefined) ?? 500;
  if (status >= 300 && status < 400) return redirected(status, headers, cause);
  const answer = `The provider answered ${status}${type ? ` (${type})` : ""}: ${clipped(words.replace(/\.$/, ""))}.`;
  const retryAfterMs = retryAfter(headers?.get("retry-after") ?? null, Date.now());
  return new ProviderFault(type ?? `http_${status}`, answer, remedyFor(status, words), {
    status,
    retryAfterMs,
    isFree: httpStatus !== undefined,
    cause,
  });
}

/** The key would go along to an address that nobody has accepted. */
function redirected(status: number, headers: Headers | undefined, cause: unknown): ProviderFault {
  const place = clipped(headers?.get("location") ?? "another address");
  const reason = `The provider answered ${status}, a redirect to ${place}, which is not followed: the key would go with it. If that address is right, set base_url to it.`;
  return new ProviderFault(`http_${status}`, reason, "none", { status, isFree: true, cause });
}

function remedyFor(status: number, words: string): Remedy {
  if (authStatuses.has(status)) return "auth";
  if (status === 413 || (status === 400 && tooLong.test(words))) return "trim";
  return retryableStatuses.has(status) || status >= 500 ? "backoff" : "none";
}

const longestWaitMs = 3_600_000;

/** Reads a `retry-after` header (seconds or an HTTP date); garbage and the past count as absent. Capped at an hour. */
export function retryAfter(header: string | null, nowMs: number): number | undefined {
  if (header === null || header.trim() === "") return undefined;
  const seconds = Number(header);
  const delayMs = Number.isNaN(seconds) ? Date.parse(header) - nowMs : seconds * 1000;
  if (!(delayMs > 0)) return undefined;
  return Math.min(Math.ceil(delayMs), longestWaitMs);
}

/** Full jitter: a random part of `base · 2^(tries - 1)`, at most a minute. `tries` counts from 1. */
export function backoffMs(tries: number, baseMs: number, random: () => number): number {
  return Math.ceil(random() * Math.min(60_000, baseMs * 2 ** (tries - 1)));
}

function deepestMessage(error: unknown): string {
  let message = error instanceof Error ? error.message : String(error);
  for (let cause = error; cause instanceof Error; cause = cause.cause) message = cause.message || message;
  return clipped(message.replace(/\.$/, ""));
}

function clipped(text: string): string {
  return text.length > 500 ? `${text.slice(0, 500)}…` : text;
}
