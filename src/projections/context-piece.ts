/** The pieces of a conversation that a person can pin or evict: what each is, how large, and whether the request holds it. */
import {
  blockRef,
  type ContextChoice,
  exchangeRef,
  fileRef,
  isEvictable,
  type PieceRef,
  pieceKey,
} from "../domain/context-choice.ts";
import { fileSections } from "../domain/file-section.ts";
import { type Block, type Message, textOf } from "../domain/message-block.ts";
import { partOf, partOfView } from "../domain/request-part.ts";
import { estimateBlockTokens, estimateTokens } from "../domain/token-estimate.ts";
import { toolName, toolWords } from "../domain/trim.ts";
import type { AgentRequest } from "./agent-request.ts";

export interface ContextPiece {
  readonly key: string;
  readonly ref: PieceRef;
  readonly kind: "exchange" | "block" | "file";
  readonly role: Message["role"];
  /** The part of the map that it is counted in; for an exchange "exchange". */
  readonly part: string;
  readonly name: string;
  /** Its size as the log holds it, estimated. */
  readonly tokens: number;
  /** What the request holds of it: all, a stub in its place, or nothing. */
  readonly fate: "sent" | "stub" | "gone";
  readonly choice: ContextChoice["choice"] | null;
  /** Whether it survives every trim without being pinned, and whether a person may take it out by itself. */
  readonly isAlwaysKept: boolean;
  readonly isEvictable: boolean;
  /** Whether the provider's cache is marked at its end. */
  readonly isCacheMark: boolean;
  readonly text: string;
}

/** Every piece in the order of the conversation; a file follows its block, an exchange comes before what it holds. */
export function contextPieces(agentRequest: AgentRequest): ContextPiece[] {
  const scene = sceneOf(agentRequest);
  return agentRequest.messages.flatMap((message, messageIndex) => [
    ...(message.role === "assistant" ? [exchangePiece(scene, messageIndex)] : []),
    ...message.content.flatMap((block, blockIndex) => [
      blockPiece(scene, message, messageIndex, block, blockIndex),
      ...filePieces(scene, message, messageIndex, block, blockIndex),
    ]),
  ]);
}

interface Scene extends AgentRequest {
  readonly choiceOf: ReadonlyMap<string, ContextChoice["choice"]>;
  readonly sentBlocks: ReadonlySet<string>;
  readonly markedBlocks: ReadonlySet<string>;
}

function sceneOf(agentRequest: AgentRequest): Scene {
  const { request } = agentRequest;
  const users = request.messages.filter(({ role }) => role === "user").slice(-2);
  return {
    ...agentRequest,
    choiceOf: new Map(agentRequest.choices.map(({ ref, choice }) => [pieceKey(ref), choice])),
    sentBlocks: new Set(request.messages.flatMap(({ content }) => content.map(blockName))),
    markedBlocks: new Set(users.flatMap(({ content }) => content.slice(-1).map(blockName))),
  };
}

/** A block by what it is, not by its body: that of a result may have been taken. */
function blockName(block: Block): string {
  return block.type === "tool_result" ? `result ${String(block.tool_use_id)}` : JSON.stringify(block);
}

function exchangePiece(scene: Scene, messageIndex: number): ContextPiece {
  const { messages } = scene;
  const next = messages.findIndex(({ role }, at) => at > messageIndex && role === "assistant");
  const end = next < 0 ? messages.length : next;
  const held = messages.slice(messageIndex, end);
  const turn = messages.slice(0, messageIndex + 1).filter(({ role }) => role === "assistant").length;
  const ref = exchangeRef(messages, messageIndex);
  const choice = scene.choiceOf.get(pieceKey(ref)) ?? null;
  const blocks = held.flatMap(({ content }) => content);
  return {
    key: pieceKey(ref),
    ref,
    kind: "exchange",
    role: "assistant",
    part: "exchange",
    name: `exchange of turn ${turn} (message ${messageIndex + 1}${end - messageIndex > 1 ? ` to ${end}` : ""})`,
    tokens: blocks.reduce((sum, block) => sum + estimateBlockTokens(block), 0),
    fate: (messages[messageIndex]?.content ?? []).some((block) => scene.sentBlocks.has(blockName(block)))
      ? "sent"
      : "gone",
    choice,
    isAlwaysKept: false,
    isEvictable: true,
    isCacheMark: false,
    text: held.map((message) => JSON.stringify(message, null, 2)).join("\n"),
  };
}

function blockPiece(
  scene: Scene,
  { role }: Message,
  messageIndex: number,
  block: Block,
  blockIndex: number,
): ContextPiece {
  const ref = blockRef(messageIndex, blockIndex, block);
  const isOwn = scene.source.ownWords.includes(messageIndex);
  const choice = scene.choiceOf.get(pieceKey(ref)) ?? null;
  return {
    key: pieceKey(ref),
    ref,
    kind: "block",
    role,
    part: partOf(block, role === "user"),
    name: nameOf(scene.messages, block, role, isOwn, messageIndex, blockIndex),
    tokens: estimateBlockTokens(block),
    fate: blockFate(scene, block, isOwn),
    choice,
    isAlwaysKept: isOwn && block.type === "text",
    isEvictable: isEvictable(block, isOwn),
    isCacheMark: scene.markedBlocks.has(blockName(block)),
    text: bodyOf(block),
  };
}

function blockFate(scene: Scene, block: Block, isOwn: boolean): ContextPiece["fate"] {
  if (isOwn && block.type === "text") return "sent";
  if (!scene.sentBlocks.has(blockName(block))) return "gone";
  if (block.type !== "tool_result") return "sent";
  const isWhole = scene.request.messages.some(({ content }) =>
    content.some((sent) => sent === block || isSameResult(sent, block)),
  );
  return isWhole ? "sent" : "stub";
}

function isSameResult(sent: Block, block: Block): boolean {
  return sent.type === "tool_result" && sent.tool_use_id === block.tool_use_id && bodyOf(sent) === bodyOf(block);
}

function filePieces(
  scene: Scene,
  { role }: Message,
  messageIndex: number,
  block: Block,
  blockIndex: number,
): ContextPiece[] {
  if (role !== "user" || block.type !== "text") return [];
  return fileSections(textOf(block.text ?? "")).map((section): ContextPiece => {
    const ref = fileRef(messageIndex, blockIndex, section);
    const choice = scene.choiceOf.get(pieceKey(ref)) ?? null;
    return {
      key: pieceKey(ref),
      ref,
      kind: "file",
      role,
      part: partOfView(section.view),
      name: `file ${section.path} (${section.view})`,
      tokens: estimateTokens(section.text),
      fate: choice === "evicted" ? "stub" : "sent",
      choice,
      isAlwaysKept: true,
      isEvictable: true,
      isCacheMark: false,
      text: section.text,
    };
  });
}

function nameOf(
  messages: readonly Message[],
  block: Block,
  role: Message["role"],
  isOwn: boolean,
  messageIndex: number,
  blockIndex: number,
): string {
  if (block.type === "tool_use") return `call ${toolWords(block)}`;
  if (block.type === "tool_result") return `result of ${toolName(messages, block)}`;
  if (block.type !== "text") return block.type.replaceAll("_", " ");
  if (role === "assistant") return "answer in words";
  const words = messageIndex === 0 ? "first message" : isOwn ? "what it was asked" : "words of the program";
  return `${words}, text ${blockIndex + 1}`;
}

function bodyOf(block: Block): string {
  if (block.type === "text") return textOf(block.text ?? "");
  if (block.type === "tool_result") return textOf(block.content ?? "");
  return JSON.stringify(block, null, 2);
}
