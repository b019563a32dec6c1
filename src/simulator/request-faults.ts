/**
 * Refuses what the real API refuses, in its words: missing fields, roles, empty blocks, the pairing of `tool_use` and
 * `tool_result`, duplicate names, too many cache breakpoints, thinking blocks that were changed.
 */
import { createHash } from "node:crypto";
import type { z } from "zod";
import { type ApiError, invalidRequest } from "./api-error.ts";
import { type Block, blocksOf, CountRequest, MessagesRequest, toolNames } from "./messages-request.ts";

export type Checked<T> = { readonly isValid: true; readonly request: T } | { readonly isValid: false; error: ApiError };

/** Parses and checks the body of `POST /v1/messages`; extra fields pass only where a beta header names a beta. */
export function checkMessages(body: unknown, hasBeta: boolean): Checked<MessagesRequest> {
  return check(MessagesRequest, body, hasBeta);
}

/** Parses and checks the body of `POST /v1/messages/count_tokens`. */
export function checkCount(body: unknown, hasBeta: boolean): Checked<CountRequest> {
  return check(CountRequest, body, hasBeta);
}

/** The signature that the simulator puts on a thinking block, and wants back unchanged. */
export function thinkingSignature(thinking: string): string {
  return `sim_${createHash("sha256").update(thinking).digest("base64")}`;
}

function check<T extends CountRequest>(schema: z.ZodType<T>, body: unknown, hasBeta: boolean): Checked<T> {
  const parsed = schema.safeParse(body);
  if (!parsed.success) return { isValid: false, error: invalidRequest(shapeFault(parsed.error)) };
  const request = parsed.data;
  const fault =
    (hasBeta ? null : extraFieldFault(request)) ??
    toolsFault(request) ??
    contentFault(request) ??
    pairingFault(request) ??
    breakpointFault(request);
  return fault === null ? { isValid: true, request } : { isValid: false, error: invalidRequest(fault) };
}

function shapeFault(error: z.ZodError): string {
  const issue = error.issues[0];
  if (!issue) return "The request is not valid.";
  const place = issue.path.join(".");
  const isMissing = issue.code === "invalid_type" && issue.message.endsWith("received undefined");
  return `${place === "" ? "body" : place}: ${isMissing ? "Field required" : issue.message}`;
}

const topLevel = new Set(
  `model messages system tools cache_control max_tokens stream stop_sequences temperature top_k top_p tool_choice thinking
  metadata container diagnostics inference_geo output_config service_tier speed user_profile_id workspace_id`.split(
    /\s+/,
  ),
);

function extraFieldFault(request: object): string | null {
  const extra = Object.keys(request).find((key) => !topLevel.has(key));
  return extra === undefined ? null : `${extra}: Extra inputs are not permitted`;
}

function toolsFault(request: CountRequest): string | null {
  const names = toolNames(request);
  if (new Set(names).size !== names.length) return "tools: Tool names must be unique.";
  for (const [at, tool] of (request.tools ?? []).entries()) {
    if (tool.type !== undefined && tool.type !== "custom") continue;
    if (tool.name === undefined) return `tools.${at}.custom.name: Field required`;
    if (!tool.input_schema) return `tools.${at}.custom.input_schema: Field required`;
  }
  const wanted = request.tool_choice?.name;
  const isKnown = wanted === undefined || names.includes(wanted);
  return isKnown ? null : `tool_choice: Tool '${wanted}' not found in provided tools`;
}

function contentFault(request: CountRequest): string | null {
  const { messages } = request;
  if (messages.length === 0) return "messages: at least one message is required";
  if (messages[0]?.role === "assistant") return 'messages: first message must use the "user" role';
  for (const [index, message] of messages.entries()) {
    const blocks = blocksOf(message.content);
    const isPrefill = index === messages.length - 1 && message.role === "assistant";
    if ((message.content === "" || blocks.length === 0) && !isPrefill)
      return `messages.${index}: ${message.role} messages must have non-empty content`;
    const fault = blocks.map((block, at) =>
      blockFault(block, message.role, `messages.${index}.content.${at}`, isPrefill),
    );
    const first = fault.find((entry) => entry !== null);
    if (first) return first;
    const last = blocks.at(-1);
    if (isPrefill && last?.type === "text" && /\s$/.test(String(last.text)))
      return "messages: final assistant content cannot end with trailing whitespace";
  }
  return null;
}

function blockFault(block: Block, role: string, place: string, isPrefill: boolean): string | null {
  if (block.type === "text" && block.text === "" && !isPrefill) {
    return block.cache_control
      ? `${place}.text: cache_control cannot be set for empty text blocks`
      : "messages: text content blocks must be non-empty";
  }
  if (block.type === "tool_use" && role !== "assistant")
    return `${place}: \`tool_use\` blocks can only be in \`assistant\` messages`;
  if (block.type === "tool_result" && role !== "user")
    return `${place}: \`tool_result\` blocks can only be in \`user\` messages`;
  if (block.type === "thinking" && block.signature !== thinkingSignature(String(block.thinking)))
    return `${place}: Invalid \`signature\` in \`thinking\` block`;
  return null;
}

interface Turn {
  readonly role: string;
  readonly index: number;
  readonly blocks: { readonly block: Block; readonly place: string }[];
}

/** Messages of one role in a row count as one turn, as the API joins them. */
function turnsOf(request: CountRequest): Turn[] {
  const turns: Turn[] = [];
  for (const [index, message] of request.messages.entries()) {
    if (message.role === "system") continue;
    const blocks = blocksOf(message.content).map((block, at) => ({ block, place: `messages.${index}.content.${at}` }));
    const last = turns.at(-1);
    if (last?.role === message.role) last.blocks.push(...blocks);
    else turns.push({ role: message.role, index, blocks });
  }
  return turns;
}

function pairingFault(request: CountRequest): string | null {
  const turns = turnsOf(request);
  const seen = new Set<string>();
  for (const [at, turn] of turns.entries()) {
    const calls = idsOf(turn, "tool_use");
    for (const { id, place } of calls) {
      if (seen.has(id)) return `${place}: \`tool_use\` ids must be unique`;
      seen.add(id);
    }
    const fault = turn.role === "user" ? strayResult(turn, turns[at - 1]) : unansweredCall(turn, turns[at + 1]);
    if (fault) return fault;
  }
  return null;
}

function strayResult(turn: Turn, previous: Turn | undefined): string | null {
  const calls = new Set(previous ? idsOf(previous, "tool_use").map((call) => call.id) : []);
  const results = idsOf(turn, "tool_result");
  const stray = results.find((result) => !calls.has(result.id));
  if (stray)
    return (
      `${stray.place}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${stray.id}. Each \`tool_result\` ` +
      "block must have a corresponding `tool_use` block in the previous message."
    );
  const twice = results.find((result, at) => results.findIndex((other) => other.id === result.id) !== at);
  return twice
    ? `${twice.place}: each tool_use must have a single result. Found multiple \`tool_result\` blocks with id: ${twice.id}`
    : null;
}

/** Results count only up to the first block of another kind: the API wants them first in the message. */
function unansweredCall(turn: Turn, next: Turn | undefined): string | null {
  const end = next?.blocks.findIndex(({ block }) => block.type !== "tool_result") ?? 0;
  const leading = next ? { ...next, blocks: end < 0 ? next.blocks : next.blocks.slice(0, end) } : undefined;
  const answered = new Set(leading ? idsOf(leading, "tool_result").map((result) => result.id) : []);
  const missing = idsOf(turn, "tool_use").filter((call) => !answered.has(call.id));
  if (missing.length === 0) return null;
  return (
    `messages.${turn.index}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ` +
    `${missing.map((call) => call.id).join(", ")}. Each \`tool_use\` block must have a corresponding \`tool_result\` ` +
    "block in the next message."
  );
}

function idsOf(turn: Turn, type: "tool_use" | "tool_result"): { id: string; place: string }[] {
  return turn.blocks
    .filter(({ block }) => block.type === type)
    .map(({ block, place }) => ({ id: String(type === "tool_use" ? block.id : block.tool_use_id), place }));
}

function breakpointFault(request: CountRequest): string | null {
  const blocks = [
    ...(request.tools ?? []),
    ...blocksOf(request.system ?? ""),
    ...request.messages.flatMap((message) => blocksOf(message.content)),
  ];
  const count = blocks.filter((block) => block.cache_control).length + (request.cache_control ? 1 : 0);
  return count > 4 ? `A maximum of 4 blocks with cache_control may be provided. Found ${count}.` : null;
}
