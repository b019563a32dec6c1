/**
 * All that the two sides of a thread share: what the main loop tells a thread, what a thread tells the main loop. Both
 * sides parse what they receive with these schemas; a message that does not parse is an error that a person sees.
 * Delivery: in order, at most once, unbounded (a delta is at most one provider chunk); a thread's death loses what it had
 * not posted, which the log then does not hold either.
 */
import { z } from "zod";
import { ContextChoice } from "../domain/context-choice.ts";
import { RequestRecord } from "../domain/event-context.ts";
import { Json } from "../domain/gate.ts";
import { Role } from "../domain/stream-id.ts";
import { Usage } from "../domain/usage.ts";

const id = z.string().min(1);
const count = z.number().int().nonnegative();

/** A person's choices about an agent's context, and how many there have been: fewer are out of date. */
const ContextChoices = z.object({ choices: z.array(ContextChoice), choiceCount: count });
export type ContextChoices = z.infer<typeof ContextChoices>;

/** One named, parsed object holds everything that an agent starts with; nothing is positional. */
export const AgentStart = z.object({
  type: z.literal("start"),
  agentId: id,
  role: Role,
  purpose: z.enum(["tracks", "tickets", "work", "diagnosis", "verdict", "review"]),
  streamId: id,
  model: id,
  maxTokens: z.number().int().positive(),
  maxTurns: z.number().int().positive(),
  provider: z.object({ baseUrl: id, apiKey: z.string() }),
  /** Values that no request may hold, wherever a tool or the model has them from. */
  secrets: z.array(z.string()),
  system: z.string(),
  /** The conversation so far, as the Messages API takes it: settled turns only. Ends in a user or an assistant message. */
  history: z.array(Json),
  /** Turns that the conversation already has: the next call is `turnCount + 1`. */
  turnCount: count,
  /** How the last settled response ended; absent before the first. */
  lastStopReason: z.string().optional(),
  /** Where file tools are confined: a worktree, or the project root for tiers 1 and 2. "" when the role has no file tools. */
  root: z.string(),
  targetFiles: z.array(z.string()),
  /** Whether the input of each request is counted at the endpoint first, because a budget needs it. */
  isCounting: z.boolean(),
  historyTokens: z.number().int().positive(),
  /** The messages that say what the agent must do, and what a person has chosen about the others; absent: the first, nothing. */
  ownWords: z.array(count).optional(),
  context: ContextChoices.optional(),
  /** Silence of a stream after which it is given up, in milliseconds. */
  stallMs: z.number().int().positive(),
  /** What the waits between the tries of a call grow from, in milliseconds; absent: a second. */
  backoffBaseMs: z.number().int().positive().optional(),
});
export type AgentStart = z.infer<typeof AgentStart>;

/** The main loop's words to a thread. */
export const ToThread = z.discriminatedUnion("type", [
  AgentStart,
  z.object({ type: z.literal("call_allowed"), agentId: id, requestId: id, callId: id }),
  z.object({ type: z.literal("call_refused"), agentId: id, requestId: id, reason: z.string() }),
  /** A person has changed what the request would hold: it is made anew, and leave is asked for that. */
  z.object({ type: z.literal("call_outdated"), agentId: id, requestId: id, context: ContextChoices }),
  z.object({
    type: z.literal("tool_answered"),
    agentId: id,
    requestId: id,
    /** `result`: give this to the model. `perform`: the thread does it itself, with this input (an approved write).
     * `end`: the call was the agent's last word; it is finished. */
    outcome: z.enum(["result", "perform", "end"]),
    content: z.string(),
    isError: z.boolean(),
    input: Json,
  }),
  z.object({ type: z.literal("stop"), agentId: id, reason: z.string() }),
]);
export type ToThread = z.infer<typeof ToThread>;

const agent = { agentId: id };
const call = { agentId: id, callId: id, turn: count };

/** A thread's words to the main loop. */
export const FromThread = z.discriminatedUnion("type", [
  z.object({ type: z.literal("ready") }),
  /** A streamed piece: `text` and `thinking` as the model sends them, `tool` a line that shows a tool call or its result. */
  z.object({ type: z.literal("delta"), ...agent, kind: z.enum(["text", "thinking", "tool"]), text: z.string() }),
  /** Asks for leave (and money) to send a request. Answered by `call_allowed`, `call_refused` or `call_outdated`, maybe much later. */
  z.object({
    type: z.literal("call_requested"),
    ...agent,
    requestId: id,
    turn: count,
    tries: count,
    /** Messages that this request has beyond those of the last settled call. */
    messages: z.array(Json),
    tools: z.array(z.string()),
    inputTokens: count,
    isCounted: z.boolean(),
    maxTokens: count,
    request: RequestRecord.optional(),
  }),
  z.object({
    type: z.literal("call_settled"),
    ...call,
    content: z.array(Json),
    stopReason: z.string(),
    usage: Usage,
    durationMs: count,
    firstByteMs: count,
    requestId: z.string().optional(),
    /** Whether the calls of the response change nothing: hearing it again would do no harm. */
    readsOnly: z.boolean(),
    /** False when the provider gave no whole figures, so that more may have been charged than `usage` says. */
    isUsageKnown: z.boolean().optional(),
  }),
  z.object({
    type: z.literal("call_failed"),
    ...call,
    code: z.string(),
    reason: z.string(),
    status: count.optional(),
    text: z.string(),
    usage: Usage,
    durationMs: count,
    isUsageKnown: z.boolean().optional(),
    /** Set when the thread will try again by itself after this time. */
    retryInMs: count.optional(),
  }),
  /** A tool call that the main loop decides: `bash`, a write outside the target files, a proposal, a report. */
  z.object({
    type: z.literal("tool_requested"),
    ...agent,
    requestId: id,
    /** `<agent id>/<turn>/<index in the response>`: never used twice, unlike the provider's own ids. */
    toolCallId: id,
    name: z.string(),
    input: Json,
  }),
  /** The agent ended its turn without a tool call, or after an `end` answer. */
  z.object({ type: z.literal("ended"), ...agent, text: z.string() }),
  z.object({
    type: z.literal("failed"),
    ...agent,
    /** `provider`, `auth`, `refused`, `context`, `turns`, `output`, `crash`, `stopped`, ... */
    code: z.string(),
    reason: z.string(),
    stack: z.string().optional(),
    isRetryable: z.boolean(),
  }),
]);
export type FromThread = z.infer<typeof FromThread>;
