/**
 * Puts a streamed response together from its server-sent events, and tells a listener each piece as it comes. Knows the
 * difference between a whole response, a cut one and an empty one; never guesses at half a tool input.
 */
import { z } from "zod";
import { Json } from "../domain/gate.ts";
import { Block } from "../domain/message-block.ts";
import { noUsage, type Usage } from "../domain/usage.ts";
import { isTooDeep } from "./json-depth.ts";
import { brokenInput } from "./message.ts";
import { answeredFault, ProviderFault } from "./provider-fault.ts";

const Figures = z.record(z.string(), z.unknown()).nullish();
const StreamEvent = z.discriminatedUnion("type", [
  z.object({ type: z.literal("message_start"), message: z.object({ usage: Figures }) }),
  z.object({ type: z.literal("content_block_start"), index: z.number(), content_block: Block }),
  z.object({ type: z.literal("content_block_delta"), index: z.number(), delta: Block }),
  z.object({ type: z.literal("content_block_stop"), index: z.number() }),
  z.object({
    type: z.literal("message_delta"),
    delta: z.object({ stop_reason: z.string().nullish() }),
    usage: Figures,
  }),
  z.object({ type: z.literal("message_stop") }),
]);
const knownTypes: ReadonlySet<unknown> = new Set(StreamEvent.options.map((option) => option.shape.type.value));

interface OpenBlock {
  readonly block: Block;
  readonly json: string[];
  isClosed: boolean;
}

/** Told as the response comes in: pieces of text and thinking, and each tool call once it is complete. */
export interface AccumulatorListener {
  onText(kind: "text" | "thinking", text: string): void;
  onToolUse(name: string, input: Json): void;
}

/** A whole response, ready to be sent back as an assistant message. */
export interface ModelResponse {
  readonly content: Block[];
  readonly stopReason: string;
}

export class MessageAccumulator {
  usage: Usage = noUsage;
  /** Whether `usage` is the provider's last word on a whole response: without it, nobody knows what was charged. */
  isUsageKnown = false;
  hasStarted = false;
  isComplete = false;
  readonly #blocks = new Map<number, OpenBlock>();
  readonly #listener: AccumulatorListener;
  #stopReason: string | null = null;

  constructor(listener: AccumulatorListener) {
    this.#listener = listener;
  }

  /** Takes one server-sent event. Unknown types are skipped, as the API's versioning rules ask. Throws a ProviderFault. */
  take(eventName: string | null, data: string): void {
    if (data === "" || eventName === "ping") return;
    const raw = parsedData(data);
    const type = raw !== null && typeof raw === "object" && "type" in raw ? raw.type : undefined;
    if (type === "error" || eventName === "error") throw answeredFault(raw, undefined, undefined);
    if (!knownTypes.has(type)) return;
    const event = StreamEvent.safeParse(raw);
    if (!event.success) throw malformed(`a ${String(type)} event without the fields that it must have`);
    this.#apply(event.data);
  }

  /** The text that came so far. */
  text(): string {
    return this.#inOrder()
      .map(({ block }) => (block.type === "text" ? String(block.text) : ""))
      .join("");
  }

  /** The response, once `isComplete`. Blocks that hold nothing are left out: the API refuses them in a request. */
  response(idPrefix: string): ModelResponse {
    const blocks = this.#inOrder();
    const isCut = this.#stopReason === "max_tokens" || this.#stopReason === "model_context_window_exceeded";
    const content = blocks.map((open, index) => finished(open, isCut && index === blocks.length - 1));
    const kept = withUniqueIds(
      content.filter((block) => block.type !== "text" || String(block.text).trim() !== ""),
      idPrefix,
    );
    return { content: kept, stopReason: this.#stopReason ?? "end_turn" };
  }

  #apply(event: z.infer<typeof StreamEvent>): void {
    switch (event.type) {
      case "message_start":
        if (this.hasStarted) throw malformed("two messages in one response");
        this.hasStarted = true;
        this.usage = mergedUsage(this.usage, event.message.usage);
        return;
      case "content_block_start":
        if (this.#blocks.has(event.index)) throw malformed("two content blocks with one number");
        this.#blocks.set(event.index, { block: { ...event.content_block }, json: [], isClosed: false });
        return this.#announceStart(event.content_block);
      case "content_block_delta":
        return this.#extend(event.index, event.delta);
      case "content_block_stop":
        return this.#close(event.index);
      case "message_delta":
        this.#stopReason = event.delta.stop_reason ?? this.#stopReason;
        this.usage = mergedUsage(this.usage, event.usage);
        this.isUsageKnown = isWholeUsage(this.usage, event.usage);
        return;
      case "message_stop":
        this.isComplete = this.hasStarted;
        return;
      default:
        return event satisfies never;
    }
  }

  #announceStart(block: Block): void {
    if (block.type === "text" && typeof block.text === "string" && block.text !== "")
      this.#listener.onText("text", block.text);
  }

  #extend(index: number, delta: Block): void {
    const open = this.#blocks.get(index);
    if (!open || open.isClosed) throw malformed("a piece of a content block that is not open");
    const { block } = open;
    const isStray =
      (delta.type === "text_delta" && block.type !== "text") ||
      (delta.type === "thinking_delta" && block.type !== "thinking");
    if (isStray) throw malformed("a piece of a content block of another kind");
    if (delta.type === "input_json_delta") open.json.push(String(delta.partial_json ?? ""));
    else if (delta.type === "text_delta") this.#append(block, "text", "text", delta.text);
    else if (delta.type === "thinking_delta") this.#append(block, "thinking", "thinking", delta.thinking);
    else if (delta.type === "signature_delta") block.signature = `${block.signature ?? ""}${delta.signature ?? ""}`;
    else if (delta.type === "citations_delta")
      block.citations = [...(Array.isArray(block.citations) ? block.citations : []), delta.citation ?? null];
  }

  #append(block: Block, field: string, kind: "text" | "thinking", piece: Json | undefined): void {
    if (typeof piece !== "string" || piece === "") return;
    block[field] = `${block[field] ?? ""}${piece}`;
    this.#listener.onText(kind, piece);
  }

  #close(index: number): void {
    const open = this.#blocks.get(index);
    if (!open) return;
    open.isClosed = true;
    if (open.block.type === "tool_use") this.#listener.onToolUse(String(open.block.name), inputOf(open));
  }

  #inOrder(): OpenBlock[] {
    return [...this.#blocks].sort(([a], [b]) => a - b).map(([, open]) => open);
  }
}

function parsedData(data: string): unknown {
  if (isTooDeep(data)) throw malformed("JSON that is nested too deeply");
  try {
    return JSON.parse(data);
  } catch (error) {
    throw malformed("an event that is not JSON", error);
  }
}

function malformed(what: string, cause?: unknown): ProviderFault {
  return new ProviderFault("malformed", `The provider sent ${what}.`, "backoff", { cause });
}

function finished(open: OpenBlock, isLastOfCut: boolean): Block {
  const { block } = open;
  if (block.type === "tool_use") {
    // A response that hit the limit inside a call may still hold JSON that parses; it is not what the model meant to say.
    const input = isLastOfCut ? brokenInput({ text: open.json.join(""), isCut: true }) : inputOf(open);
    return { ...block, input };
  }
  if (open.json.length > 0) return { ...block, input: inputOf(open) };
  return block;
}

/** The input of a call: an object or array, or a marker that holds the text that did not parse. */
function inputOf(open: OpenBlock): Json {
  const text = open.json.join("");
  if (isTooDeep(text)) return brokenInput({ text, isCut: false });
  if (text.trim() === "") return open.isClosed ? (open.block.input ?? {}) : brokenInput({ text, isCut: false });
  try {
    const input = Json.parse(JSON.parse(text));
    if (input !== null && typeof input === "object") return input;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  return brokenInput({ text, isCut: false });
}

/** Ids that are missing or used twice would make the next request invalid: they get one of our own. */
function withUniqueIds(content: Block[], idPrefix: string): Block[] {
  const seen = new Set<string>();
  return content.map((block, index) => {
    if (block.type !== "tool_use") return block;
    const given = typeof block.id === "string" && block.id !== "" ? block.id : `toolu_${idPrefix}_${index}`;
    const id = seen.has(given) ? `${given}${repeatMark}${index}` : given;
    seen.add(id);
    return { ...block, id };
  });
}

const repeatMark = "-repeat-";

/** Whether another call of its response came with the same id, so that nobody knows which of them was meant. */
export function isRepeated(id: string, ids: readonly string[]): boolean {
  const at = id.lastIndexOf(repeatMark);
  const given = at > 0 && ids.includes(id.slice(0, at)) ? id.slice(0, at) : id;
  return given !== id || ids.some((other) => other.startsWith(`${given}${repeatMark}`));
}

/** More than any call can take; a sum of many stays a whole number. */
const mostTokens = 1_000_000_000;

/** A response takes input, and its last figures say what it gave: without both, its usage is missing or nonsense. */
function isWholeUsage(known: Usage, last: Record<string, unknown> | null | undefined): boolean {
  const given = last?.output_tokens;
  const hasInput = known.inputTokens + known.cacheReadTokens + known.cacheWriteTokens > 0;
  return hasInput && typeof given === "number" && Number.isFinite(given) && given >= 0;
}

/** Usage figures are cumulative within a response: the larger of what was known and what came. Nonsense counts as 0. */
function mergedUsage(known: Usage, figures: Record<string, unknown> | null | undefined): Usage {
  const read = (key: string): number => {
    const value = figures?.[key];
    return typeof value === "number" && Number.isFinite(value) && value > 0
      ? Math.min(Math.floor(value), mostTokens)
      : 0;
  };
  return {
    inputTokens: Math.max(known.inputTokens, read("input_tokens")),
    outputTokens: Math.max(known.outputTokens, read("output_tokens")),
    cacheReadTokens: Math.max(known.cacheReadTokens, read("cache_read_input_tokens")),
    cacheWriteTokens: Math.max(known.cacheWriteTokens, read("cache_creation_input_tokens")),
  };
}
