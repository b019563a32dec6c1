/**
 * Makes a conversation fit: first the bodies of the oldest tool results go, then the oldest exchanges, at last the bodies of the
 * newest results. The first user message stays, what is pinned stays, every tool call keeps its result, and the list that came
 * in is never changed.
 */
import type { Json } from "./gate.ts";
import { blocksOf, blockType, isObject, roleOf, textOf, withBlocks } from "./message-block.ts";
import { estimateBlockTokens, estimateMessageTokens } from "./token-estimate.ts";

/** One thing that trimming takes away: a result's body, or an exchange (the messages from `messageIndex` up to `endIndex`). */
export type TrimStep =
  | { readonly kind: "strip"; readonly messageIndex: number; readonly blockIndex: number; readonly tokens: number }
  | { readonly kind: "drop"; readonly messageIndex: number; readonly endIndex: number; readonly tokens: number };

/** Blocks that no trimming takes, by identity. */
export type Pinned = ReadonlySet<Json>;

const nothingPinned: Pinned = new Set();

/** A body shorter than what would stand in its place is left alone. */
const strippedChars = 200;

/** The messages, trimmed until their estimate is at most `maxTokens`, or until nothing more may go. */
export function trimMessages(messages: readonly Json[], maxTokens: number, pinned: Pinned = nothingPinned): Json[] {
  return carryOut(messages, planTrim(messages, maxTokens, pinned), pinned);
}

/** The messages without what the steps take away. */
export function carryOut(messages: readonly Json[], steps: readonly TrimStep[], pinned: Pinned): Json[] {
  const dropped = new Set<number>();
  const stripped = new Set<string>();
  for (const step of steps) {
    if (step.kind === "strip") stripped.add(`${step.messageIndex}/${step.blockIndex}`);
    else for (let index = step.messageIndex; index < step.endIndex; index += 1) dropped.add(index);
  }
  return messages.flatMap((message, messageIndex) => {
    const blocks = blocksOf(message);
    if (dropped.has(messageIndex)) {
      const kept = blocks.filter((block) => pinned.has(block));
      return kept.length === 0 ? [] : [withBlocks(message, kept)];
    }
    if (!blocks.some((_, blockIndex) => stripped.has(`${messageIndex}/${blockIndex}`))) return [message];
    return [
      withBlocks(
        message,
        blocks.map((block, blockIndex) => (stripped.has(`${messageIndex}/${blockIndex}`) ? strip(block) : block)),
      ),
    ];
  });
}

/** What trimming to `maxTokens` would take away, in its order. */
export function planTrim(messages: readonly Json[], maxTokens: number, pinned: Pinned = nothingPinned): TrimStep[] {
  const costs = messages.map(estimateMessageTokens);
  const exchanges = exchangesOf(messages);
  const last = exchanges.at(-1);
  const isRecent = (messageIndex: number) => last !== undefined && messageIndex >= last.start;
  const strips = stripSteps(messages, pinned);
  const steps: TrimStep[] = [];
  let total = costs.reduce((sum, cost) => sum + cost, 0);
  const take = (step: TrimStep) => {
    if (total <= maxTokens || step.tokens <= 0) return;
    steps.push(step);
    total -= step.tokens;
    if (step.kind === "strip") costs[step.messageIndex] = (costs[step.messageIndex] ?? 0) - step.tokens;
  };
  for (const step of strips) if (!isRecent(step.messageIndex)) take(step);
  for (const { start, end } of exchanges.slice(0, -1)) {
    const exchange = messages.slice(start, end);
    if (exchange.some((message) => holdsCall(message, pinned))) continue;
    const tokens = costs.slice(start, end).reduce((sum, cost) => sum + cost, 0);
    take({ kind: "drop", messageIndex: start, endIndex: end, tokens: tokens - keptTokens(exchange, pinned) });
  }
  for (const step of strips) if (isRecent(step.messageIndex)) take(step);
  return steps;
}

/** The role and a name for what a step takes away, for people. */
export function describeStep(
  messages: readonly Json[],
  step: TrimStep,
): { readonly role: string; readonly name: string } {
  const message = messages[step.messageIndex] ?? null;
  const role = roleOf(message);
  if (step.kind === "drop") return { role, name: `exchange of messages ${step.messageIndex + 1} to ${step.endIndex}` };
  const block = blocksOf(message)[step.blockIndex] ?? null;
  return { role, name: `result of ${toolName(messages, block)}` };
}

/** Each exchange begins with an assistant message and ends before the next: a call and its result never part. */
function exchangesOf(messages: readonly Json[]): { readonly start: number; readonly end: number }[] {
  const starts = [...messages.keys()].filter((index) => roleOf(messages[index] ?? null) === "assistant");
  return starts.map((start, index) => ({ start, end: starts[index + 1] ?? messages.length }));
}

/** Whether a message keeps its whole exchange: something pinned in it cannot stand without the call, or is the model's own. */
function holdsCall(message: Json, pinned: Pinned): boolean {
  const isOwn = roleOf(message) === "assistant";
  return blocksOf(message).some((block) => pinned.has(block) && (isOwn || blockType(block) === "tool_result"));
}

/** What pinned words of the program still take when their exchange is dropped. */
function keptTokens(exchange: readonly Json[], pinned: Pinned): number {
  return exchange.reduce<number>((sum, message) => {
    const kept = blocksOf(message).filter((block) => pinned.has(block));
    return kept.length === 0 ? sum : sum + estimateMessageTokens(withBlocks(message, kept));
  }, 0);
}

function stripSteps(messages: readonly Json[], pinned: Pinned): Extract<TrimStep, { kind: "strip" }>[] {
  return messages.flatMap((message, messageIndex) =>
    blocksOf(message).flatMap((block, blockIndex) => {
      if (pinned.has(block) || blockType(block) !== "tool_result" || bodyOf(block).length <= strippedChars) return [];
      const tokens = estimateBlockTokens(block) - estimateBlockTokens(strip(block));
      return [{ kind: "strip" as const, messageIndex, blockIndex, tokens }];
    }),
  );
}

function strip(block: Json): Json {
  if (!isObject(block)) return block;
  const body = bodyOf(block);
  return {
    ...block,
    content: `[removed to save room: ${body.length} characters. Call the tool again if you need it.]`,
  };
}

function bodyOf(block: Json): string {
  return isObject(block) ? textOf(block.content ?? "") : "";
}

/** The tool call that a result answers, in a few words. */
export function toolName(messages: readonly Json[], result: Json): string {
  const callId = isObject(result) ? result.tool_use_id : undefined;
  for (const message of messages)
    for (const block of blocksOf(message))
      if (isObject(block) && block.type === "tool_use" && block.id === callId) return toolWords(block);
  return "a tool";
}

/** A tool call in a few words: its name, and the file, command or pattern that it is about. */
export function toolWords(call: { [key: string]: Json }): string {
  const input = isObject(call.input) ? call.input : {};
  const subject = input.file_path ?? input.command ?? input.pattern ?? "";
  const words = `${textOf(call.name ?? "a tool")} ${textOf(subject)}`.trim();
  return words.length > 80 ? `${words.slice(0, 80)}…` : words;
}
