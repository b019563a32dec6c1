/**
 * HTTP to one provider through the SDK: streams a response under a watchdog, and counts tokens. It never retries and never
 * logs: retries are the caller's, and a log line could hold a conversation or a key.
 */
import Anthropic, { APIError } from "@anthropic-ai/sdk";
import { Stream } from "@anthropic-ai/sdk/core/streaming";
import { ActiveTimer } from "../workspace/active-timer.ts";
import { AgentFailure } from "./agent-port.ts";
import { boundedBytes, boundedFetch } from "./bounded-fetch.ts";
import type { MessageAccumulator } from "./message-accumulator.ts";
import { faultOf, ProviderFault } from "./provider-fault.ts";

export type RequestBody = Anthropic.MessageCreateParamsNonStreaming;

/** Makes the client of one provider. An empty key sends none, and looks for none elsewhere. */
export function createClient(provider: { baseUrl: string; apiKey: string }, stallMs: number): Anthropic {
  try {
    return new Anthropic({
      apiKey: provider.apiKey,
      baseURL: provider.baseUrl,
      maxRetries: 0,
      // The watch below counts better: a machine that slept is no silence of the provider.
      timeout: Math.min(stallMs * 2 * wholePatience, longestTimeoutMs),
      logLevel: "off",
      openTelemetry: false,
      fetch: boundedFetch,
      // A given key, even an empty one, stops the SDK from searching the disk for another; null keeps a header out.
      defaultHeaders: provider.apiKey === "" ? { "X-Api-Key": null, Authorization: null } : keyHeaders(provider),
    });
  } catch (error) {
    throw new AgentFailure("provider", `No client for ${provider.baseUrl}: ${String(error)}`, false, error);
  }
}

/**
 * The key in the headers that an endpoint may look for. The SDK sends a bearer only; many gateways and local servers know
 * `X-Api-Key` only, so they get both. The public API gets what the SDK sends.
 */
export function keyHeaders({ baseUrl, apiKey }: { baseUrl: string; apiKey: string }): Record<string, string> {
  if (apiKey === "") return {};
  const isPublicApi = URL.canParse(baseUrl) && new URL(baseUrl).hostname === "api.anthropic.com";
  return { Authorization: `Bearer ${apiKey}`, ...(isPublicApi ? {} : { "X-Api-Key": apiKey }) };
}

/** Timings and id of a response that came whole. */
export interface StreamFacts {
  readonly firstByteMs: number;
  readonly requestId: string | undefined;
}

/** Timers of more than this many milliseconds fire at once. */
const longestTimeoutMs = 2 ** 31 - 1;
/** A model that thinks sends pings; one that sends nothing else for so many stall times has died behind its gateway. */
const pingPatience = 5;
/** No answer takes longer than so many stall times, however busy its stream is. */
const wholePatience = 15;

/**
 * Sends a request and feeds its events to `accumulator` until the response is whole. Silence for `stallMs` ends it; pings
 * count as life, but a stream that holds nothing else ends after `pingPatience` times as long, and any after `wholePatience`
 * times. Throws a ProviderFault for everything else than a whole response; code `stopped` when `signal` aborted.
 */
export async function streamMessage(
  client: Anthropic,
  body: RequestBody,
  accumulator: MessageAccumulator,
  watch: { readonly stallMs: number; readonly signal: AbortSignal },
): Promise<StreamFacts> {
  const controller = new AbortController();
  const stop = () => controller.abort();
  let givenUp: ProviderFault | null = null;
  const giveUp = (reason: string) => {
    givenUp = new ProviderFault("stall", reason, "backoff");
    controller.abort();
  };
  const seconds = (times: number) => `${Math.round((watch.stallMs * times) / 1000)} s`;
  const limit = (times: number, words: string) => new ActiveTimer(watch.stallMs * times, () => giveUp(words));
  const silence = limit(1, `The provider sent nothing for ${seconds(1)}.`);
  const emptiness = limit(pingPatience, `The provider sent nothing but signs of life for ${seconds(pingPatience)}.`);
  const endlessness = limit(wholePatience, `The provider's answer had no end after ${seconds(wholePatience)}.`);
  const onLife = (isPing: boolean) => {
    silence.refresh();
    if (!isPing) emptiness.refresh();
  };
  watch.signal.addEventListener("abort", stop);
  if (watch.signal.aborted) stop();
  try {
    return await readStream(client, body, accumulator, controller, onLife);
  } catch (error) {
    if (watch.signal.aborted) throw new ProviderFault("stopped", stopReason(watch.signal), "none");
    if (givenUp) throw givenUp;
    throw faultOf(error);
  } finally {
    for (const timer of [silence, emptiness, endlessness]) timer.stop();
    watch.signal.removeEventListener("abort", stop);
  }
}

async function readStream(
  client: Anthropic,
  body: RequestBody,
  accumulator: MessageAccumulator,
  controller: AbortController,
  onLife: (isPing: boolean) => void,
): Promise<StreamFacts> {
  const sentAt = performance.now();
  const response = await client.messages.create({ ...body, stream: true }, { signal: controller.signal }).asResponse();
  onLife(false);
  let firstByteMs = 0;
  const events = Stream.rawEvents(bounded(response, body.max_tokens), controller)[Symbol.asyncIterator]();
  for (let next = await events.next(); !next.done; next = await events.next()) {
    onLife(next.value.event === "ping");
    firstByteMs ||= Math.ceil(performance.now() - sentAt);
    accumulator.take(next.value.event, next.value.data);
    if (!accumulator.isComplete) continue;
    const drained = drain(events, controller);
    drained.catch((error: unknown) => controller.abort(error));
    return { firstByteMs, requestId: response.headers.get("request-id") ?? undefined };
  }
  if (accumulator.hasStarted) throw new ProviderFault("cut", "The provider's response ended half way.", "backoff");
  throw new ProviderFault("empty", "The provider's response held no message.", "backoff");
}

/** The response with a body that ends when it is too large. */
function bounded(response: Response, maxTokens: number): Response {
  if (response.body === null) throw new ProviderFault("empty", "The provider's response held no message.", "backoff");
  // Holds because the SDK reads nothing of a response but its body, and takes any async iterable for that.
  return { body: boundedBytes(response.body, maxTokens) } as unknown as Response;
}

/** Reads what follows the last event, so that the connection can be used again; a server that keeps it open is cut off. */
async function drain(events: AsyncIterator<unknown>, controller: AbortController): Promise<void> {
  const timer = setTimeout(() => controller.abort(), 1000);
  timer.unref();
  try {
    for (let next = await events.next(); !next.done; next = await events.next());
  } finally {
    clearTimeout(timer);
  }
}

function stopReason(signal: AbortSignal): string {
  return signal.reason instanceof Error ? signal.reason.message : String(signal.reason);
}

const countMs = 10_000;

/** The input tokens of a request as the endpoint counts them; `unsupported` when it will never do so, `failed` for now. */
export async function countTokens(
  client: Anthropic,
  body: RequestBody,
  signal: AbortSignal,
): Promise<number | "unsupported" | "failed"> {
  const { model, messages, system, tools } = body;
  const late = AbortSignal.timeout(countMs);
  try {
    const counted = await client.messages.countTokens(
      { model, messages, ...(system ? { system } : {}), ...(tools ? { tools } : {}) },
      { signal: AbortSignal.any([signal, late]) },
    );
    return Number.isSafeInteger(counted.input_tokens) && counted.input_tokens >= 0
      ? counted.input_tokens
      : "unsupported";
  } catch (error) {
    // Who is this late would be as late with every turn.
    if (late.aborted) return "unsupported";
    const status = error instanceof APIError ? error.status : undefined;
    return status !== undefined && status < 500 && status !== 429 ? "unsupported" : "failed";
  }
}
