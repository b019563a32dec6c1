/**
 * Messages and content blocks as the Messages API takes them, and how they are read. Tolerant: blocks stay opaque beyond their
 * type, because what a provider sent must go back to it unchanged (thinking signatures, citations, blocks that are newer than
 * this program).
 */
import { z } from "zod";
import { Json } from "./gate.ts";

type JsonObject = { [key: string]: Json };

/** One content block; its other fields depend on its type and are kept as they came. */
export const Block = z.object({ type: z.string() }).catchall(Json);
export type Block = z.infer<typeof Block>;

const Content = z.union([z.string().transform((text): Block[] => [{ type: "text", text }]), z.array(Block)]);

/** One message; a bare string as content is read as one text block. */
export const Message = z.object({ role: z.enum(["user", "assistant"]), content: Content });
export type Message = z.infer<typeof Message>;

/** The role of a message; "" when it has none. */
export function roleOf(message: Json): string {
  const role = isObject(message) ? message.role : "";
  return typeof role === "string" ? role : "";
}

/** The content blocks of a message; a content that is one string is one text block. */
export function blocksOf(message: Json): readonly Json[] {
  const content = isObject(message) ? message.content : undefined;
  if (typeof content === "string") return [{ type: "text", text: content }];
  return Array.isArray(content) ? content : [];
}

/** The kind of a block: `text`, `tool_use`, `tool_result`, ...; "" when it has none. */
export function blockType(block: Json): string {
  return isObject(block) && typeof block.type === "string" ? block.type : "";
}

/** Whether a value is a JSON object, neither a list nor null. */
export function isObject(value: Json | undefined): value is JsonObject {
  return value !== undefined && value !== null && typeof value === "object" && !Array.isArray(value);
}

/** The text of a JSON value: a string as it is, anything else as JSON. */
export function textOf(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** The message with other blocks; everything else of it stays. */
export function withBlocks(message: Json, blocks: readonly Json[]): Json {
  return isObject(message) ? { ...message, content: [...blocks] } : message;
}
