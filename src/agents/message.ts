/** The blocks that agents make and read: texts, tool calls and their results, and tool inputs that did not come whole. */
import type { Json } from "../domain/gate.ts";
import type { Block } from "../domain/message-block.ts";

/** A tool call inside an assistant message. */
export interface ToolUse {
  readonly id: string;
  readonly name: string;
  readonly input: Json;
}

const brokenKey = "_unparsed";

/** A tool input whose JSON is not whole, kept in the message so that the call is never run, also after a restart. */
export interface BrokenInput {
  readonly text: string;
  /** Whether the response hit a limit inside the call, as opposed to JSON that is wrong. */
  readonly isCut: boolean;
}

/** The input to store for a call that did not come whole. */
export function brokenInput({ text, isCut }: BrokenInput): Json {
  return { [brokenKey]: text.slice(0, 64_000), isCut };
}

/** What is broken about a call's input; null when it came whole. */
export function brokenInputOf(input: Json): BrokenInput | null {
  if (input === null || typeof input !== "object" || Array.isArray(input)) return null;
  const text = input[brokenKey];
  return typeof text === "string" ? { text, isCut: input.isCut === true } : null;
}

export function textBlock(text: string): Block {
  return { type: "text", text };
}

/** The answer to a tool call. The API refuses an empty text, so an empty result says so. */
export function toolResult(toolUseId: string, text: string, isError: boolean): Block {
  const block = { type: "tool_result", tool_use_id: toolUseId, content: text.trim() === "" ? "(no output)" : text };
  return isError ? { ...block, is_error: true } : block;
}

/** The tool calls of a message, in order. */
export function toolUses(content: readonly Block[]): ToolUse[] {
  return content
    .filter((block) => block.type === "tool_use")
    .map((block) => ({ id: String(block.id), name: String(block.name), input: block.input ?? {} }));
}

/** The text of a message: its text blocks, joined. */
export function textOf(content: readonly Block[]): string {
  return content
    .filter((block) => block.type === "text")
    .map((block) => (typeof block.text === "string" ? block.text : ""))
    .join("\n")
    .trim();
}
