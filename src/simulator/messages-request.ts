/**
 * A request to the Messages API: its shape, and the plain readings of it (texts, turns, blocks) that matching and token
 * counting need. What the shape cannot say, such as the pairing of tool calls and results, is in `request-faults.ts`.
 */
import { z } from "zod";

const CacheControl = z.looseObject({ type: z.literal("ephemeral"), ttl: z.enum(["5m", "1h"]).optional() });
export type CacheControl = z.infer<typeof CacheControl>;
const cache = { cache_control: CacheControl.nullish() };

const TextBlock = z.looseObject({ type: z.literal("text"), text: z.string(), ...cache });
/** A block of a kind that the simulator takes as it is: images, documents, server tools. */
const OtherBlock = z.looseObject({ type: z.string(), ...cache });
const ToolResultBlock = z.looseObject({
  type: z.literal("tool_result"),
  tool_use_id: z.string().min(1),
  content: z.union([z.string(), z.array(z.union([TextBlock, OtherBlock]))]).optional(),
  is_error: z.boolean().optional(),
  ...cache,
});
const ToolUseBlock = z.looseObject({
  type: z.literal("tool_use"),
  id: z.string().regex(/^[a-zA-Z0-9_-]+$/),
  name: z.string().min(1).max(200),
  input: z.record(z.string(), z.unknown()),
  ...cache,
});
const ThinkingBlock = z.looseObject({ type: z.literal("thinking"), thinking: z.string(), signature: z.string() });

const typed = new Map<string, z.ZodType>([
  ["text", TextBlock],
  ["tool_result", ToolResultBlock],
  ["tool_use", ToolUseBlock],
  ["thinking", ThinkingBlock],
]);

/** A content block, checked by the schema of its own type, so that a fault names the missing field and not a union. */
const Block = OtherBlock.superRefine((block, context) => {
  const issues = typed.get(block.type)?.safeParse(block).error?.issues ?? [];
  for (const issue of issues) context.addIssue({ code: "custom", path: issue.path, message: issue.message });
});
export type Block = z.infer<typeof Block>;

const Message = z.looseObject({
  role: z.enum(["user", "assistant", "system"]),
  content: z.union([z.string(), z.array(Block)]),
});

/** A tool of the client's own, or one of the API's, told by its `type`; a set of tools that a server brings has no name. */
const Tool = z.looseObject({
  name: z
    .string()
    .regex(/^[a-zA-Z0-9_-]{1,128}$/)
    .optional(),
  input_schema: z.looseObject({ type: z.literal("object") }).optional(),
  ...cache,
});

/** What `count_tokens` takes; `MessagesRequest` adds what an answer needs. */
export const CountRequest = z.looseObject({
  model: z.string().min(1),
  messages: z.array(Message),
  system: z.union([z.string(), z.array(TextBlock)]).optional(),
  tools: z.array(Tool).optional(),
  tool_choice: z.looseObject({ type: z.string(), name: z.string().optional() }).optional(),
  cache_control: CacheControl.nullish(),
});
export type CountRequest = z.infer<typeof CountRequest>;

export const MessagesRequest = CountRequest.extend({
  max_tokens: z.number().int().min(1),
  stream: z.boolean().optional(),
  stop_sequences: z.array(z.string().min(1)).optional(),
  temperature: z.number().min(0).max(1).optional(),
});
export type MessagesRequest = z.infer<typeof MessagesRequest>;

/** The names of the tools that a request offers. */
export function toolNames({ tools = [] }: Pick<CountRequest, "tools">): string[] {
  return tools.flatMap(({ name }) => name ?? []);
}

/** The blocks of a message; a string is one text block. */
export function blocksOf(content: string | readonly Block[]): readonly Block[] {
  return typeof content === "string" ? [{ type: "text", text: content }] : content;
}

/** The text of a block: its own, or that of a tool result; "" for other kinds. */
export function blockText(block: Block): string {
  if (block.type === "text") return String(block.text);
  if (block.type !== "tool_result") return "";
  const { content } = ToolResultBlock.parse(block);
  if (typeof content === "string") return content;
  return (content ?? []).map((part) => (part.type === "text" ? String(part.text) : "")).join("\n");
}

/** What a rule of a scenario looks at. */
export interface Reading {
  readonly model: string;
  readonly system: string;
  readonly tools: readonly string[];
  readonly firstUserText: string;
  readonly lastUserText: string;
  readonly toolResult: string;
  /** The tools whose results the last user message holds. */
  readonly resultOf: readonly string[];
  readonly turn: number;
}

/** Reads a request for matching; `turn` is the number of assistant messages so far. */
export function readRequest(request: CountRequest): Reading {
  const users = request.messages.filter((message) => message.role === "user");
  const last = blocksOf(users.at(-1)?.content ?? "");
  const system = blocksOf(request.system ?? "").map(blockText);
  return {
    model: request.model,
    system: system.join("\n"),
    tools: toolNames(request),
    firstUserText: textsOf(blocksOf(users[0]?.content ?? ""), "text"),
    lastUserText: textsOf(last, "text"),
    toolResult: textsOf(last, "tool_result"),
    resultOf: resultTools(last, request),
    turn: request.messages.filter((message) => message.role === "assistant").length,
  };
}

/** The names of the tools whose results these are: a result has but the id of its call. */
function resultTools(results: readonly Block[], { messages }: CountRequest): string[] {
  const ids = new Set(results.flatMap((block) => (block.type === "tool_result" ? String(block.tool_use_id) : [])));
  if (ids.size === 0) return [];
  const calls = messages.flatMap(({ content }) => blocksOf(content).filter(({ type }) => type === "tool_use"));
  return [...new Set(calls.flatMap(({ id, name }) => (ids.has(String(id)) ? String(name) : [])))];
}

function textsOf(blocks: readonly Block[], type: string): string {
  return blocks
    .filter((block) => block.type === type)
    .map(blockText)
    .join("\n");
}
