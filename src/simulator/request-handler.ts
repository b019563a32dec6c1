/** Answers each request of one simulator: key, route, checks, then faults, then rules. Holds its rules, cache and log. */
import { type Answer, answerContent, makeAnswer } from "./answer.ts";
import { faultyAnswer } from "./answer-faults.ts";
import { type ApiError, apiError, errorResponse, invalidRequest } from "./api-error.ts";
import type { CassetteDesk } from "./cassette-desk.ts";
import { type Fault, type FaultEffect, FaultQueue } from "./fault.ts";
import { brokenResponse, jsonResponse, streamResponse, wholeResponse } from "./http-answer.ts";
import type { Delay } from "./message-stream.ts";
import { type MessagesRequest, type Reading, readRequest } from "./messages-request.ts";
import { modelInfo, modelPage } from "./model-list.ts";
import { obey } from "./obedience.ts";
import { strangeHost } from "./page-access.ts";
import { checkCount, checkMessages } from "./request-faults.ts";
import type { RequestLog } from "./request-log.ts";
import { type Match, RuleBook } from "./rule-book.ts";
import type { Pace, Reply, Scenario } from "./scenario.ts";
import { ThreadStore } from "./thread-store.ts";
import { inputTokens, PrefixCache } from "./token-count.ts";
import { rootPage, unknownPath } from "./unknown-path.ts";
import { unmatchedWords } from "./unmatched.ts";

interface HandlerParts {
  readonly scenario: Scenario;
  readonly cassette: CassetteDesk | null;
  readonly faults: readonly Fault[];
  readonly minCacheTokens: number;
  readonly maxBodyBytes: number;
  readonly now: () => number;
  readonly delay: Delay;
  readonly log: RequestLog;
  /** Fires when the simulator stops. */
  readonly closing: AbortSignal;
}

/** What a request is answered with before it is known to be an error or not. */
type Outcome = Response | ApiError;

export class RequestHandler {
  readonly #parts: HandlerParts;
  readonly #rules: RuleBook;
  readonly #faults: FaultQueue;
  readonly #cache: PrefixCache;
  readonly #threads = new ThreadStore();

  constructor(parts: HandlerParts) {
    this.#parts = parts;
    this.#rules = new RuleBook(parts.scenario);
    this.#faults = new FaultQueue(parts.faults);
    this.#cache = new PrefixCache({ minTokens: parts.minCacheTokens, now: parts.now });
  }

  async handle(request: Request): Promise<Response> {
    const { log } = this.#parts;
    const url = new URL(request.url);
    const requestId = log.open(request.method, url.pathname);
    const outcome = strangeHost(url) ?? (await this.#entered(request, url, requestId));
    if (outcome instanceof Response) return outcome;
    log.refuse(requestId, outcome);
    return errorResponse(outcome, requestId);
  }

  async #entered(request: Request, url: URL, requestId: string): Promise<Outcome> {
    if (url.pathname === "/" && (request.method === "GET" || request.method === "HEAD")) {
      this.#parts.log.settle(requestId, { status: 200 });
      return rootPage(url.origin, requestId);
    }
    return this.#denied(request) ?? (await this.#route(request, url, requestId));
  }

  #denied(request: Request): ApiError | null {
    const { apiKey } = this.#parts.scenario;
    const bearer = request.headers.get("authorization")?.replace(/^Bearer /i, "");
    const given = request.headers.get("x-api-key") ?? bearer;
    if (apiKey !== undefined && !given) return apiError(401, { message: "x-api-key header is required" });
    if (apiKey !== undefined && given !== apiKey) return apiError(401);
    return request.headers.has("anthropic-version") ? null : invalidRequest("anthropic-version: header is required");
  }

  async #route(request: Request, url: URL, requestId: string): Promise<Outcome> {
    const path = url.pathname.replace(/\/+$/, "");
    const [, modelId] = /^\/v1\/models\/(.+)$/.exec(path) ?? [];
    if (modelId !== undefined || path === "/v1/models") {
      if (request.method !== "GET") return apiError(405);
      return this.#models(modelId === undefined ? null : decodeURIComponent(modelId), url.searchParams, requestId);
    }
    if (path !== "/v1/messages" && path !== "/v1/messages/count_tokens") return unknownPath(url);
    if (request.method !== "POST") return apiError(405);
    const text = await request.text();
    if (Buffer.byteLength(text) > this.#parts.maxBodyBytes) return apiError(413);
    const json = parseJson(text);
    if (json === undefined) return invalidRequest("The request body is not valid JSON.");
    this.#parts.log.body(requestId, json);
    const hasBeta = request.headers.has("anthropic-beta");
    if (this.#parts.cassette) return this.#recorded(path === "/v1/messages", { json, text }, requestId, request);
    return path === "/v1/messages"
      ? this.#messages(json, hasBeta, requestId, request.signal)
      : this.#count(json, hasBeta, requestId);
  }

  /** What a cassette answers is not judged by the simulator's own rules: the endpoint that was recorded had others. */
  async #recorded(
    isMessage: boolean,
    body: { readonly json: unknown; readonly text: string },
    requestId: string,
    request: Request,
  ): Promise<Outcome> {
    const { cassette, log, closing, now } = this.#parts;
    const { model } = modelOf(body.json);
    const effect = isMessage ? this.#faults.next(model, now()) : null;
    if (effect?.type === "error") return this.#faulty(effect.error, requestId);
    const signal = AbortSignal.any([request.signal, closing]);
    const sent = { ...body, headers: request.headers, requestId, signal };
    const outcome = (await (isMessage ? cassette?.answer(sent) : cassette?.count(sent))) ?? apiError(404);
    if (outcome instanceof Response) log.settle(requestId, { status: outcome.status, model });
    return outcome;
  }

  #models(name: string | null, query: URLSearchParams, requestId: string): Outcome {
    const unknown = name === null ? null : this.#unknownModel(name);
    if (unknown) return unknown;
    this.#parts.log.settle(requestId, { status: 200 });
    const models = this.#parts.scenario.models ?? ["sim-opus", "sim-sonnet", "sim-haiku"];
    return jsonResponse(name === null ? modelPage(models, query) : modelInfo(name), requestId);
  }

  #count(json: unknown, hasBeta: boolean, requestId: string): Outcome {
    const checked = checkCount(json, hasBeta);
    if (!checked.isValid) return checked.error;
    const { model } = checked.request;
    const unknown = this.#unknownModel(model);
    if (unknown) return unknown;
    this.#parts.log.settle(requestId, { status: 200, model });
    return jsonResponse({ input_tokens: inputTokens(checked.request) }, requestId);
  }

  #unknownModel(model: string): ApiError | null {
    const { models } = this.#parts.scenario;
    return models === undefined || models.includes(model) ? null : apiError(404, { message: `model: ${model}` });
  }

  async #messages(json: unknown, hasBeta: boolean, requestId: string, client: AbortSignal): Promise<Outcome> {
    const whole = this.#threads.whole(json);
    if ("error" in whole) return whole.error;
    const checked = checkMessages(whole.body, hasBeta);
    if (!checked.isValid) return checked.error;
    const unknown = this.#unknownModel(checked.request.model);
    if (unknown) return unknown;
    const effect = this.#faults.next(checked.request.model, this.#parts.now());
    if (effect?.type === "error") return this.#faulty(effect.error, requestId);
    const reading = readRequest(checked.request);
    const match =
      this.#obeyed(checked.request) ?? this.#rules.answer(reading) ?? unmatched(reading, this.#parts.scenario.strict);
    const signal = AbortSignal.any([client, this.#parts.closing]);
    return this.#reply(checked.request, match, effect, requestId, signal);
  }

  /** An error that was asked for. */
  #faulty(error: ApiError, requestId: string): ApiError {
    this.#parts.log.match(requestId, { ruleName: "(fault)" });
    return error;
  }

  #obeyed(request: MessagesRequest): Match | null {
    const reply = this.#parts.scenario.behaviour === "obey-injections" ? obey(request) : null;
    return reply && { ruleName: "(obeys)", reply };
  }

  async #reply(
    request: MessagesRequest,
    { ruleName, reply, problem }: Match,
    effect: FaultEffect | null,
    requestId: string,
    signal: AbortSignal,
  ): Promise<Outcome> {
    const { log, delay } = this.#parts;
    const fault = effect?.type === "fault" ? effect.kind : (reply.fault ?? null);
    const pace = this.#pace(reply, effect);
    log.match(requestId, { ruleName, fault, problem: problem ?? null });
    if (pace.latencyMs) await delay(pace.latencyMs, signal);
    const error = reply.error ? apiError(reply.error.status, reply.error) : null;
    if (error && fault !== "error_mid_stream") return error;
    const broken = await brokenResponse(fault, request.stream === true, requestId, signal);
    if (broken) {
      log.settle(requestId, { status: broken.status, model: request.model });
      return broken;
    }
    const answer = faultyAnswer(makeAnswer(request, reply, this.#cache.account(request), fault), fault);
    this.#threads.hold(request, answer.messageId, answerContent(answer));
    log.settle(requestId, { status: 200, model: request.model, usage: answer.usage });
    if (request.stream) return streamResponse(answer, { pace, fault, error, requestId, delay, signal });
    if (pace.tokensPerSecond) await delay(writingMs(answer, pace.tokensPerSecond), signal);
    return wholeResponse(answer, fault, requestId);
  }

  #pace(reply: Reply, effect: FaultEffect | null): Pace {
    const { defaults } = this.#parts.scenario;
    const own: Pace = {
      latencyMs: reply.latencyMs ?? defaults.latencyMs,
      tokensPerSecond: reply.tokensPerSecond ?? defaults.tokensPerSecond,
      chunkChars: reply.chunkChars ?? defaults.chunkChars,
    };
    if (effect?.type === "slow") return { ...own, tokensPerSecond: effect.tokensPerSecond };
    return effect?.type === "latency" ? { ...own, latencyMs: effect.latencyMs } : own;
  }
}

function modelOf(json: unknown): { readonly model: string } {
  const isNamed = typeof json === "object" && json !== null && "model" in json;
  return { model: isNamed ? String(json.model) : "" };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function unmatched(reading: Reading, isStrict: boolean): Match {
  const text = unmatchedWords(reading);
  return { ruleName: "(none)", reply: isStrict ? { error: { status: 400, message: text } } : { text }, problem: text };
}

function writingMs(answer: Answer, tokensPerSecond: number): number {
  return (answer.usage.outputTokens / tokensPerSecond) * 1_000;
}
