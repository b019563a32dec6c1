/** What a request holds, part by part: kinds of content with their estimated tokens, which sum to the whole. */
import { fileSections } from "./file-section.ts";
import { type Block, textOf } from "./message-block.ts";
import type { NextRequest, RequestSource } from "./next-request.ts";
import { estimateBlockTokens, estimateMessageTokens, estimateTokens, estimateToolsTokens } from "./token-estimate.ts";

/** The parts in the order in which they are shown; a request has those that hold something. */
export const partNames = [
  "system",
  "tools",
  "track and ticket",
  "skeletons",
  "raw files",
  "history text",
  "thinking",
  "tool calls",
  "tool results",
  "other",
] as const;
export type PartName = (typeof partNames)[number];

const kinds: Readonly<Record<string, PartName>> = {
  thinking: "thinking",
  redacted_thinking: "thinking",
  tool_use: "tool calls",
  tool_result: "tool results",
};

/** Estimated tokens by part. Each message's overhead goes with its first block. */
export function requestParts(
  { system, tools }: Pick<RequestSource, "system" | "tools">,
  { messages }: Pick<NextRequest, "messages">,
): Partial<Record<PartName, number>> {
  const parts: Partial<Record<PartName, number>> = {};
  const add = (name: PartName, tokens: number) => {
    if (tokens > 0) parts[name] = (parts[name] ?? 0) + tokens;
  };
  if (system !== "") add("system", estimateTokens(system));
  add("tools", toolsTokens(tools));
  for (const { role, content } of messages) {
    const overhead = estimateMessageTokens({ role, content: [] });
    for (const [index, block] of content.entries())
      for (const [name, tokens] of blockParts(block, role === "user", index === 0 ? overhead : 0)) add(name, tokens);
  }
  return parts;
}

/** The part that a block belongs to; a text of the program may hold files, which are told by `blockParts`. */
export function partOf(block: Block, isUser: boolean): PartName {
  if (block.type === "text") return isUser ? "track and ticket" : "history text";
  return kinds[block.type] ?? "other";
}

/** The part of a file in a text: all of it, or a view of it. */
export function partOfView(view: string): PartName {
  return view === "raw" || view === "excerpt" ? "raw files" : "skeletons";
}

function blockParts(block: Block, isUser: boolean, overhead: number): [PartName, number][] {
  const tokens = estimateBlockTokens(block) + overhead;
  const sections = isUser && block.type === "text" ? fileSections(textOf(block.text ?? "")) : [];
  const files = sections.map(({ view, text }): [PartName, number] => [partOfView(view), estimateTokens(text)]);
  const rest = tokens - files.reduce((sum, [, size]) => sum + size, 0);
  return [...files, [partOf(block, isUser), Math.max(0, rest)]];
}

/** The same tools are in every request of an agent, so they are measured once. */
const measuredTools = new WeakMap<object, number>();

function toolsTokens(tools: RequestSource["tools"]): number {
  const definitions = () => tools.map((tool) => `${tool.name} ${tool.description} ${JSON.stringify(tool.inputSchema)}`);
  const tokens = measuredTools.get(tools) ?? estimateToolsTokens(definitions());
  measuredTools.set(tools, tokens);
  return tokens;
}
