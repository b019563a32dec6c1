/**
 * What a person has chosen about an agent's context: pieces that no trimming takes, and pieces that no request holds any more.
 * A choice names its piece by place and hash, so that it finds the same piece after a restart, and none that came in its place.
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import { emptySection, type FileSection, fileSections, takenOut } from "./file-section.ts";
import { canonicalJson, type Json } from "./gate.ts";
import { type Block, blockType, type Message, textOf } from "./message-block.ts";
import type { Pinned } from "./trim.ts";

/** One piece of a conversation as the log holds it: a block, a file inside a text, or, without `blockIndex`, an exchange. */
export const PieceRef = z.object({
  messageIndex: z.number().int().nonnegative(),
  blockIndex: z.number().int().nonnegative().optional(),
  path: z.string().min(1).optional(),
  hash: z.string().regex(/^[0-9a-f]{16}$/),
});
export type PieceRef = z.infer<typeof PieceRef>;

export const ContextChoice = z.object({ ref: PieceRef, choice: z.enum(["pinned", "evicted"]) });
export type ContextChoice = z.infer<typeof ContextChoice>;

/** A reference as one word. */
export function pieceKey({ messageIndex, blockIndex, path, hash }: PieceRef): string {
  const place = blockIndex === undefined ? "exchange" : path === undefined ? `${blockIndex}` : `${blockIndex}.file`;
  return `${messageIndex}.${place}.${hash}`;
}

export function exchangeRef(messages: readonly Message[], messageIndex: number): PieceRef {
  return { messageIndex, hash: hashOf(messages[messageIndex]?.content ?? []) };
}

export function blockRef(messageIndex: number, blockIndex: number, block: Block): PieceRef {
  return { messageIndex, blockIndex, hash: hashOf(identity(block)) };
}

export function fileRef(messageIndex: number, blockIndex: number, section: FileSection): PieceRef {
  return { messageIndex, blockIndex, path: section.path, hash: hashOf([section.path, section.view, section.text]) };
}

/** A conversation as choices leave it, and the blocks of it that no trimming may take. */
export interface ChosenMessages {
  readonly messages: readonly Message[];
  readonly pinned: Pinned;
}

/**
 * Carries out choices on the messages of a conversation. `ownWords` are the messages that say what the agent must do: their texts
 * are never evicted (files in them may be), and never trimmed. A tool result leaves a stub, because its call stays.
 */
export function applyChoices(
  messages: readonly Message[],
  choices: readonly ContextChoice[],
  ownWords: readonly number[],
): ChosenMessages {
  const chosen = new Map(choices.map(({ ref, choice }) => [pieceKey(ref), choice]));
  const touched = new Set(choices.map(({ ref }) => ref.messageIndex));
  const pinned = new Set<Json>();
  const evictedCalls = new Set<string>();
  const left = messages.map((message, messageIndex): Message => {
    const isOwn = ownWords.includes(messageIndex);
    const whole = touched.has(messageIndex) ? chosen.get(pieceKey(exchangeRef(messages, messageIndex))) : undefined;
    if (whole === "evicted" && message.role === "assistant") {
      for (const block of message.content) if (block.type === "tool_use") evictedCalls.add(String(block.id));
      return { ...message, content: [] };
    }
    const content = message.content.flatMap((block, blockIndex): Block[] => {
      if (block.type === "tool_result" && evictedCalls.has(String(block.tool_use_id))) return [];
      const choice = touched.has(messageIndex)
        ? chosen.get(pieceKey(blockRef(messageIndex, blockIndex, block)))
        : undefined;
      const kept = choice === "evicted" ? evicted(block, isOwn) : withoutFiles(block, messageIndex, blockIndex, chosen);
      const isPinned = choice === "pinned" || whole === "pinned" || (isOwn && block.type === "text");
      if (kept && isPinned) pinned.add(kept);
      return kept ? [kept] : [];
    });
    const isSame =
      content.length === message.content.length && content.every((block, at) => block === message.content[at]);
    return isSame ? message : { ...message, content: refilled(message, content) };
  });
  return { messages: endingInUser(messages, left), pinned };
}

/** A request ends in words to the model: the last ones stay, whatever was chosen, when nothing else would follow an answer. */
function endingInUser(messages: readonly Message[], left: readonly Message[]): readonly Message[] {
  const last = left.findLastIndex(({ content }) => content.length > 0);
  if (left[last]?.role !== "assistant" || messages.at(-1)?.role !== "user") return left;
  const words = messages.findIndex(({ role, content }, at) => at > last && role === "user" && content.some(isText));
  return left.map((message, at) =>
    at === words ? { ...message, content: messages[at]?.content.filter(isText) ?? [] } : message,
  );
}

function isText({ type }: Block): boolean {
  return type === "text";
}

/** Whether a person may evict a block by itself: a call or a thought goes only with its exchange. */
export function isEvictable(block: Block, isOwn: boolean): boolean {
  return block.type === "tool_result" || (block.type === "text" && !isOwn);
}

function evicted(block: Block, isOwn: boolean): Block | null {
  if (!isEvictable(block, isOwn)) return block;
  if (block.type === "text") return null;
  const length = textOf(block.content ?? "").length;
  return { ...block, content: `${takenOut(length)} Call the tool again if you need it.` };
}

function withoutFiles(
  block: Block,
  messageIndex: number,
  blockIndex: number,
  chosen: ReadonlyMap<string, ContextChoice["choice"]>,
): Block {
  if (block.type !== "text" || typeof block.text !== "string" || chosen.size === 0) return block;
  let { text } = block;
  for (const section of fileSections(block.text).toReversed()) {
    if (chosen.get(pieceKey(fileRef(messageIndex, blockIndex, section))) !== "evicted") continue;
    text = text.slice(0, section.start) + emptySection(section) + text.slice(section.start + section.text.length);
  }
  return text === block.text ? block : { ...block, text };
}

/** An assistant message that has lost its only words still needs some: the API takes no empty text, and thoughts alone are none. */
function refilled(message: Message, content: Block[]): Block[] {
  if (message.role === "user" || content.some(({ type }) => type !== "thinking" && type !== "redacted_thinking"))
    return content;
  return [...content, { type: "text", text: "[taken out by a person]" }];
}

/** A result is the result of its call, whatever it says: a call that is made again after a crash keeps the choice. */
function identity(block: Block): Json {
  return blockType(block) === "tool_result" ? ["tool_result", block.tool_use_id ?? ""] : block;
}

function hashOf(value: Json): string {
  return createHash("sha256").update(canonicalJson(value)).digest("hex").slice(0, 16);
}
