/** Answers the requests of any client from a cassette: what was recorded, or what is to be done where nothing was. */
import { createHash } from "node:crypto";
import { type ApiError, apiError, invalidRequest } from "./api-error.ts";
import { type CassettePlayer, type Miss, missWords, type Sender } from "./cassette-player.ts";
import type { Exchange } from "./cassette-tape.ts";
import { recordedResponse } from "./recorded-answer.ts";
import { FormedRequest } from "./request-form.ts";
import { roleOf } from "./rule-book.ts";
import { ThreadStore } from "./thread-store.ts";

/** A request as it came. */
export interface SentRequest {
  readonly json: unknown;
  readonly text: string;
  readonly headers: Headers;
  readonly requestId: string;
  readonly signal: AbortSignal;
}

export interface DeskOptions {
  /** Who sends a request, told by the SHA-256 (hex) of its text; null where nobody knows. */
  senderOf?(textHash: string): Sender | null;
  /** Whether a request is to be taken for one that was not recorded. */
  isAnew?(sender: Sender): boolean;
  /** What an unrecorded request is answered with; absent: a 404 that says what is nearest. */
  onMiss?(miss: Miss, sent: SentRequest): Promise<Response>;
  /** Called with each answer that is given; a promise holds it back. */
  onAnswer?(exchange: Exchange, sender: Sender | null): Promise<void> | undefined;
  /** Whether waits that recorded failures asked for are left out. */
  readonly isQuick?: boolean;
}

export class CassetteDesk {
  readonly #player: CassettePlayer;
  readonly #options: DeskOptions;
  readonly #threads = new ThreadStore();

  constructor(player: CassettePlayer, options: DeskOptions = {}) {
    this.#player = player;
    this.#options = options;
  }

  /** Answers `POST /v1/messages`. */
  async answer(sent: SentRequest): Promise<Response | ApiError> {
    const { text, requestId, signal } = sent;
    const whole = this.#threads.whole(sent.json);
    if ("error" in whole) return whole.error;
    const json = whole.body;
    const request = FormedRequest.safeParse(json);
    if (!request.success) return invalidRequest("The request has no model or no messages.");
    const textHash = createHash("sha256").update(text).digest("hex");
    const sender = this.#options.senderOf?.(textHash) ?? null;
    const tools = (request.data.tools ?? []).map(toolName);
    if (sender !== null && this.#options.isAnew?.(sender))
      return await this.#missing({ sender, nearest: null, difference: null }, sent);
    const answered = this.#player.answer(json, sender, sender?.role ?? roleOf(tools));
    if (answered.kind === "missing") return await this.#missing(answered.miss, sent);
    const messageId = `msg_${textHash.slice(0, 20)}`;
    if (answered.response.kind === "message") this.#threads.hold(json, messageId, answered.response.content);
    const turn = this.#options.onAnswer?.(answered.exchange, sender);
    return recordedResponse(answered.response, {
      messageId,
      model: request.data.model,
      isStream: request.data.stream === true,
      requestId,
      signal,
      isQuick: this.#options.isQuick ?? false,
      ...(turn === undefined ? {} : { turn }),
    });
  }

  /** Answers `POST /v1/messages/count_tokens`: only with what was counted. */
  async count({ json }: SentRequest): Promise<Response | ApiError> {
    if (!FormedRequest.safeParse(json).success) return invalidRequest("The request has no model or no messages.");
    const inputTokens = this.#player.countOf(json);
    if (inputTokens === null) return apiError(404, { message: "This request was not counted in the recording." });
    return Response.json({ input_tokens: inputTokens });
  }

  async #missing(miss: Miss, sent: SentRequest): Promise<Response | ApiError> {
    if (this.#options.onMiss) return await this.#options.onMiss(miss, sent);
    return apiError(404, { message: missWords(miss, this.#player.tape.source) });
  }
}

function toolName(tool: unknown): string {
  return typeof tool === "object" && tool !== null && "name" in tool ? String(tool.name) : "";
}
