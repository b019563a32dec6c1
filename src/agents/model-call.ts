/**
 * One turn's call of the model: asks leave, streams, reports what came of it, and tries again when that can help. Every try
 * asks leave anew, because money is held for each request that is sent.
 */
import type Anthropic from "@anthropic-ai/sdk";
import type { RequestRecord } from "../domain/event-context.ts";
import { sumOf } from "../domain/evolve-context.ts";
import { type NextRequest, wireText } from "../domain/next-request.ts";
import type { Redactor } from "../domain/redactor.ts";
import { requestParts } from "../domain/request-part.ts";
import { AgentFailure, type AgentPort } from "./agent-port.ts";
import type { Conversation } from "./conversation.ts";
import { type ToolUse, toolUses } from "./message.ts";
import { MessageAccumulator, type ModelResponse } from "./message-accumulator.ts";
import type { AgentStart } from "./protocol.ts";
import { countTokens, type RequestBody, streamMessage } from "./provider-client.ts";
import { backoffMs, ProviderFault } from "./provider-fault.ts";
import { callLine } from "./stream-line.ts";
import type { Tool } from "./tools/tool.ts";

/** How often and how patiently a failed call is tried again. Tests make it quick. */
export interface RetryPolicy {
  readonly backoffBaseMs: number;
  readonly maxTries: number;
  readonly random: () => number;
}

/** All that one agent's life needs. */
export interface AgentLife {
  readonly start: AgentStart;
  readonly port: AgentPort;
  readonly client: Anthropic;
  readonly conversation: Conversation;
  /** Stands before everything that joins the conversation. Exact values only: what merely looks like a key may be code. */
  readonly redactor: Redactor;
  readonly tools: readonly Tool[];
  readonly retry: RetryPolicy;
  /** Whether the endpoint counts tokens; false once it has said that it does not. */
  canCount: boolean;
}

/** Calls the model until it answers, and adds the answer to the conversation. Throws an AgentFailure when it never will. */
export async function callModel(life: AgentLife): Promise<ModelResponse> {
  for (let tries = 1; ; ) {
    const request = life.conversation.request(life.tools);
    // Blocks go back as the provider sent them; the SDK's types name fewer block types than there are.
    const body = request.body as unknown as RequestBody;
    const callId = await askLeave(life, request, body, tries);
    // A person has changed what it holds: that is in the very next one.
    if (callId === null) continue;
    const outcome = await attempt(life, body, callId, tries);
    if (outcome.isSettled) return outcome.response;
    await pause(outcome.delayMs, life.port.signal);
    tries++;
  }
}

/** The call's id; null when the request is out of date and must be made anew. */
async function askLeave(
  life: AgentLife,
  request: NextRequest,
  body: RequestBody,
  tries: number,
): Promise<string | null> {
  const { start, port, conversation, tools } = life;
  const counted = start.isCounting && life.canCount ? await countTokens(life.client, body, port.signal) : "failed";
  port.signal.throwIfAborted();
  if (counted === "unsupported") life.canCount = false;
  const isCounted = typeof counted === "number";
  const record = recordOf(life, request, isCounted);
  const answer = await port.request({
    type: "call_requested",
    agentId: start.agentId,
    turn: conversation.turn + 1,
    tries,
    messages: [...conversation.unsettled()],
    tools: tools.map((tool) => tool.name),
    inputTokens: isCounted ? counted : start.isCounting ? mostInputTokens(body) : sumOf(record.parts),
    isCounted,
    maxTokens: start.maxTokens,
    request: record,
  });
  if (answer.type === "call_allowed") return answer.callId;
  if (answer.type === "call_outdated") {
    conversation.context = answer.context;
    return null;
  }
  const reason = answer.type === "call_refused" ? answer.reason : `the main loop answered with ${answer.type}`;
  throw new AgentFailure("call_refused", reason, false);
}

function recordOf({ start, conversation, tools }: AgentLife, request: NextRequest, isCounted: boolean): RequestRecord {
  const parts = Object.fromEntries(Object.entries(requestParts({ system: start.system, tools }, request)));
  const { choiceCount } = conversation.context;
  return { parts, ...conversation.limit, isCounted, choiceCount, hash: wireText(request.body).hash };
}

/** What an endpoint adds around a request: how tools are called, and the marks between messages. */
const hiddenTokens = 2_000;

/**
 * More tokens than a request can be, where a limit must hold and the endpoint does not count: a token stands for one byte or
 * more. Measured on this repository's TypeScript and Markdown, a request takes about a quarter of this.
 */
export function mostInputTokens(body: RequestBody): number {
  return Buffer.byteLength(JSON.stringify([body.system ?? "", body.messages, body.tools ?? ""])) + hiddenTokens;
}

type Outcome =
  | { readonly isSettled: true; readonly response: ModelResponse }
  | { readonly isSettled: false; readonly delayMs: number };

async function attempt(life: AgentLife, body: RequestBody, callId: string, tries: number): Promise<Outcome> {
  const { start, port, conversation, redactor } = life;
  const accumulator = new MessageAccumulator({
    onText: (kind, text) => port.post({ type: "delta", agentId: start.agentId, kind, text }),
    onToolUse: (name, input) =>
      port.post({ type: "delta", agentId: start.agentId, kind: "tool", text: callLine(name, redactor.json(input)) }),
  });
  const turn = conversation.turn + 1;
  const sentAt = performance.now();
  const call = { agentId: start.agentId, callId, turn };
  const durationMs = () => Math.round(performance.now() - sentAt);
  try {
    const facts = await streamMessage(life.client, body, accumulator, { stallMs: start.stallMs, signal: port.signal });
    // Once, before it is logged, heard and acted upon: the calls that run are the ones that the log shows.
    const response = redactor.json(accumulator.response(`${callId.replace(/[^\w-]/g, "_")}`));
    port.post({
      type: "call_settled",
      ...call,
      content: response.content,
      stopReason: response.stopReason,
      usage: accumulator.usage,
      durationMs: durationMs(),
      firstByteMs: facts.firstByteMs,
      readsOnly: readsOnly(life, response),
      ...(accumulator.isUsageKnown ? {} : { isUsageKnown: false }),
      ...(facts.requestId === undefined ? {} : { requestId: facts.requestId }),
    });
    conversation.hear(response.content);
    return { isSettled: true, response };
  } catch (error) {
    if (!(error instanceof ProviderFault)) throw error;
    const verdict = judge(life, error, tries);
    port.post({
      type: "call_failed",
      ...call,
      code: error.code,
      reason: withoutKey(error.message, start.provider.apiKey),
      ...(error.status === undefined ? {} : { status: error.status }),
      text: accumulator.text(),
      usage: accumulator.usage,
      durationMs: durationMs(),
      ...(error.isFree ? {} : { isUsageKnown: false }),
      ...(typeof verdict === "number" ? { retryInMs: verdict } : {}),
    });
    if (typeof verdict !== "number") throw verdict;
    port.post({ type: "delta", agentId: start.agentId, kind: "tool", text: `\n… ${error.code}: trying again\n` });
    return { isSettled: false, delayMs: verdict };
  }
}

/** Whether a response ends in calls, and none of them changes anything. */
function readsOnly({ tools }: AgentLife, { content }: ModelResponse): boolean {
  const calls = toolUses(content);
  const isReading = (call: ToolUse) => tools.some(({ name, isReadOnly }) => name === call.name && isReadOnly);
  return calls.length > 0 && calls.every(isReading);
}

/** What a fault leads to: a wait in milliseconds before the next try, or the end of the agent. */
function judge(life: AgentLife, fault: ProviderFault, tries: number): number | Error {
  const { start, conversation, retry } = life;
  const reason = withoutKey(fault.message, start.provider.apiKey);
  if (fault.code === "stopped") return new AgentFailure("stopped", reason, false);
  switch (fault.remedy) {
    case "backoff":
      if (tries < retry.maxTries) return waitMs(fault, tries, retry);
      return new AgentFailure("provider", `Gave up after ${tries} tries. ${reason}`, true, fault);
    case "trim":
      if (conversation.shrink()) return 0;
      return new AgentFailure(
        "context",
        `The conversation is too long for ${start.model}. ${reason}`,
        conversation.turn > 0,
        fault,
      );
    case "auth":
      return new AgentFailure("auth", authAdvice(start, reason), false, fault);
    case "none":
      return new AgentFailure("provider", fault.status === 404 ? `${reason} ${missingAdvice}` : reason, false, fault);
    default:
      return fault.remedy satisfies never;
  }
}

/** What the provider asks for and up to a tenth more, never less; else a back-off of our own. */
function waitMs({ retryAfterMs }: ProviderFault, tries: number, { backoffBaseMs, random }: RetryPolicy): number {
  if (retryAfterMs !== undefined) return Math.ceil(retryAfterMs * (1 + random() / 10));
  return backoffMs(tries, backoffBaseMs, random);
}

const missingAdvice = "Check the model's name and the provider's base_url.";

function authAdvice(start: AgentStart, reason: string): string {
  const key =
    start.provider.apiKey === ""
      ? "No key was sent: name the environment variable that holds it in api_key_env, and set that variable"
      : "Check that the variable named in api_key_env holds a valid key with access to this model, and that the account has credit";
  return `${reason} ${key}; the endpoint is ${start.provider.baseUrl}.`;
}

/** A provider may echo the key that it refuses; it must not reach the log or the page. */
function withoutKey(text: string, apiKey: string): string {
  return apiKey.length < 4 ? text : text.replaceAll(apiKey, "[key]");
}

function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  if (delayMs === 0) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", abort);
      resolve();
    }, delayMs);
    signal.addEventListener("abort", abort, { once: true });
    if (signal.aborted) abort();
  });
}
