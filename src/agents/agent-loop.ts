/**
 * An agent's life: call the model, run its tools, and again, until it has done what its purpose asks. What a response
 * leads to is decided here, by rule; the model decides nothing about control flow.
 */
import type { Block } from "../domain/message-block.ts";
import { makeRedactor } from "../domain/redactor.ts";
import { AgentFailure, type AgentPort } from "./agent-port.ts";
import { Conversation } from "./conversation.ts";
import { textBlock, textOf, toolUses } from "./message.ts";
import type { ModelResponse } from "./message-accumulator.ts";
import { type AgentLife, callModel, type RetryPolicy } from "./model-call.ts";
import type { AgentStart } from "./protocol.ts";
import { createClient } from "./provider-client.ts";
import { proposeText, runToolCalls } from "./tool-run.ts";
import { toolsFor } from "./tools/toolset.ts";

const patient: RetryPolicy = { backoffBaseMs: 1000, maxTries: 6, random: Math.random };
const mostMisses = 3;
const mostCuts = 3;
const mostPauses = 5;

/** Runs one agent to its end, which it posts as `ended` or `failed`. Never rejects: an exception becomes `failed` with its stack. */
export async function runAgent(start: AgentStart, port: AgentPort, retry: RetryPolicy = patient): Promise<void> {
  const { agentId } = start;
  try {
    const text = await live({
      start,
      port,
      retry: start.backoffBaseMs === undefined ? retry : { ...retry, backoffBaseMs: start.backoffBaseMs },
      client: createClient(start.provider, start.stallMs),
      conversation: new Conversation(start),
      redactor: makeRedactor(start.secrets),
      tools: toolsFor(start.purpose),
      canCount: true,
    });
    port.post({ type: "ended", agentId, text });
  } catch (error) {
    const failure = port.signal.aborted ? stopped(port.signal.reason) : error;
    if (failure instanceof AgentFailure && failure.code !== "crash") {
      const { code, message, isRetryable } = failure;
      port.post({ type: "failed", agentId, code, reason: message, isRetryable });
    } else port.post({ type: "failed", agentId, ...crash(failure), isRetryable: true });
  }
}

/** The fields of a `failed` message for an exception that nobody expected. */
export function crash(error: unknown): { code: "crash"; reason: string; stack?: string } {
  if (!(error instanceof Error)) return { code: "crash", reason: `The agent crashed: ${String(error)}` };
  const reason = `The agent crashed: ${error.message}`;
  return error.stack ? { code: "crash", reason, stack: error.stack } : { code: "crash", reason };
}

function stopped(reason: unknown): AgentFailure {
  return reason instanceof AgentFailure ? reason : new AgentFailure("stopped", String(reason), false);
}

async function live(life: AgentLife): Promise<string> {
  const { start, conversation } = life;
  // A thread that died between a response and its results left the calls unanswered: they come first.
  let response: ModelResponse | null = resumed(conversation.openResponse(), start.lastStopReason);
  for (;;) {
    const ending = response ? await react(life, response) : null;
    if (ending !== null) return ending;
    if (conversation.turn >= start.maxTurns) {
      const reason = `The agent used all of its ${start.maxTurns} turns without finishing.`;
      throw new AgentFailure("turns", reason, true);
    }
    response = await callModel(life);
  }
}

function resumed(content: readonly Block[] | null, stopReason: string | undefined): ModelResponse | null {
  return content ? { content: [...content], stopReason: stopReason ?? "end_turn" } : null;
}

/** Answers a response. Gives the agent's last words when it has ended, null when the model is to be called again. */
async function react(life: AgentLife, response: ModelResponse): Promise<string | null> {
  const { conversation } = life;
  if (response.stopReason === "refusal") throw refused(response);
  if (response.stopReason === "max_tokens" || response.stopReason === "model_context_window_exceeded")
    return await reactToCut(life, response);
  if (toolUses(response.content).length > 0 && response.stopReason !== "tool_use")
    return await reactToStray(life, response);
  conversation.cutCount = 0;
  if (toolUses(response.content).length > 0) return await reactToCalls(life, response, null);
  if (response.stopReason === "pause_turn" && response.content.length > 0) {
    if (++conversation.pauseCount <= mostPauses) return null;
    throw new AgentFailure("output", `The provider paused the turn ${mostPauses + 1} times.`, true);
  }
  conversation.pauseCount = 0;
  return await reactToText(life, textOf(response.content));
}

async function reactToCalls(life: AgentLife, response: ModelResponse, whyNone: string | null): Promise<string | null> {
  const { conversation } = life;
  conversation.emptyCount = 0;
  const calls = toolUses(response.content);
  const refusal = conversation.progress.refusal(calls);
  if (refusal !== null) throw new AgentFailure("loop", refusal, true);
  const outcome = await runToolCalls(life, response.content, whyNone);
  if (outcome.hasEnded) return textOf(response.content);
  const verdict = conversation.progress.take(calls, outcome.results);
  if (verdict.kind === "stuck") throw new AgentFailure("loop", verdict.reason, true);
  conversation.say(verdict.kind === "warned" ? [...outcome.results, textBlock(verdict.words)] : outcome.results);
  return null;
}

/** Calls are run only when the response says that it ended with them: else something may be missing. */
async function reactToStray(life: AgentLife, response: ModelResponse): Promise<string | null> {
  const ending = JSON.stringify(response.stopReason.slice(0, 40));
  if (++life.conversation.cutCount > mostCuts) {
    const reason = `The model called tools ${mostCuts + 1} times in a row in responses that ended with ${ending}, not with "tool_use".`;
    throw new AgentFailure("output", reason, true);
  }
  return await reactToCalls(
    life,
    response,
    `Not run: your response ended with ${ending}, not with "tool_use", so it may not be whole; call again if you still need it.`,
  );
}

async function reactToCut(life: AgentLife, response: ModelResponse): Promise<string | null> {
  const { conversation, start } = life;
  if (response.stopReason === "model_context_window_exceeded" && !conversation.shrink())
    throw new AgentFailure("context", `The conversation is too long for ${start.model}, even trimmed.`, true);
  if (++conversation.cutCount > mostCuts) {
    const reason = `The model hit its output limit ${conversation.cutCount} times in a row; raise max_tokens of its tier.`;
    throw new AgentFailure("output", reason, true);
  }
  if (toolUses(response.content).length > 0) return await reactToCalls(life, response, cutWords);
  const text = textOf(response.content);
  if (start.purpose === "diagnosis" && text !== "") return text;
  const owed = owedCall(start.purpose);
  return tell(
    life,
    owed
      ? `Your answer was cut off at the output limit. Give it again, shorter, by calling ${owed.words}.`
      : "Your answer was cut off at the output limit. Go on from where it stopped.",
  );
}

const cutWords = "Not run, because your response was cut off; call again if you still need it.";

async function reactToText(life: AgentLife, text: string): Promise<string | null> {
  const { conversation, start } = life;
  const owed = owedCall(start.purpose);
  if (text === "") return reactToNothing(life);
  conversation.emptyCount = 0;
  if (!owed) return text;
  if (owed.textCallName && holdsJson(text)) {
    const outcome = await proposeText(life, owed.textCallName, text);
    return outcome.isEnd ? text : tell(life, outcome.text);
  }
  if (++conversation.missCount < mostMisses)
    return tell(life, `Your answer has no call. Call ${owed.words}; nothing else counts as your answer.`);
  throw new AgentFailure("output", `The model answered ${mostMisses} times without calling ${owed.words}.`, true);
}

function reactToNothing(life: AgentLife): null {
  if (++life.conversation.emptyCount > 1)
    throw new AgentFailure("output", "The model answered with nothing, twice in a row.", true);
  const owed = owedCall(life.start.purpose);
  return tell(life, `Your answer was empty. ${owed ? `Call ${owed.words}.` : "Go on, or say what you have done."}`);
}

function tell(life: AgentLife, words: string): null {
  life.conversation.say([textBlock(words)]);
  return null;
}

function refused(response: ModelResponse): AgentFailure {
  const words = textOf(response.content);
  return new AgentFailure("refused", `The model refused: ${words || "it gave no words"}`, false);
}

interface OwedCall {
  /** The call's name as the model should read it. */
  readonly words: string;
  /** The call that JSON in plain text stands for; null when text never counts. */
  readonly textCallName: string | null;
}

/** The call that an agent must end with; null when plain text is the answer. */
function owedCall(purpose: AgentStart["purpose"]): OwedCall | null {
  switch (purpose) {
    case "tracks":
      return { words: "propose_tracks", textCallName: "propose_tracks" };
    case "tickets":
      return { words: "propose_tickets", textCallName: "propose_tickets" };
    case "verdict":
      return { words: "report_verdict", textCallName: "report_verdict" };
    case "review":
      return { words: "accept_ticket or request_rework", textCallName: null };
    case "work":
    case "diagnosis":
      return null;
    default:
      return purpose satisfies never;
  }
}

/** Whether a text is meant as JSON, right or wrong: a fence, or a bracket where JSON begins. */
function holdsJson(text: string): boolean {
  return /```(json)?\s*\n\s*[[{]|^\s*[[{]|[[{]\s*["'{[\]}]/.test(text);
}
