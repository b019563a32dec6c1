/**
 * A request without its volatile parts: what two requests of the same meaning have in common. Part by part, so that two that
 * differ can be told apart where they do.
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import { canonicalJson, Json } from "../domain/gate.ts";
import { blocksOf, blockType, isObject, roleOf, textOf } from "../domain/message-block.ts";
import { type NormalText, normalText, projectFolder, type Renaming, renaming } from "./volatile.ts";

/** What of a request decides its answer. */
export const FormedRequest = z.looseObject({
  model: z.string(),
  system: Json.optional(),
  tools: z.array(Json).optional(),
  messages: z.array(Json),
});
export type FormedRequest = z.infer<typeof FormedRequest>;

/** One part: the model, the system prompt, a tool, or a block of a message. */
export interface RequestPart {
  /** In words: `system`, `tool "bash"`, `message 3, block 1 (tool_result)`. */
  readonly place: string;
  readonly text: string;
  readonly normal: NormalText;
}

export interface RequestForm {
  readonly parts: readonly RequestPart[];
  /** SHA-256 (hex) over the normal forms of all parts. */
  readonly hash: string;
}

/** Makes forms. Blocks that requests share are read once: each request of a conversation holds all of the one before it. */
export class RequestForms {
  readonly #folder: string | null;
  readonly #known = new WeakMap<object, { readonly text: string; readonly normal: NormalText }>();

  /** `folder`: the project's own folder, which is called by one name in every cassette; null where it is so already. */
  constructor(folder: string | null = null) {
    this.#folder = folder;
  }

  of({ model, system, tools = [], messages }: FormedRequest): RequestForm {
    const parts = [
      this.#part("model", model, null),
      ...(system === undefined ? [] : [this.#part("system", systemText(system), null)]),
      ...tools.map((tool) => this.#part(`tool ${JSON.stringify(nameOf(tool))}`, toolText(tool), tool)),
      ...this.#messageParts(messages),
    ];
    const hash = createHash("sha256");
    for (const { place, normal } of parts) hash.update(`${place}\n${normal.text}\n`);
    return { parts, hash: hash.digest("hex") };
  }

  #messageParts(messages: readonly Json[]): RequestPart[] {
    const calls = new Map<string, number>();
    return messages.flatMap((message, at) =>
      blocksOf(message).map((block, index) => {
        const place = `message ${at + 1} (${roleOf(message)}), block ${index + 1} (${blockType(block)})`;
        return this.#part(`${place}${callNumber(block, calls)}`, blockText(block), block);
      }),
    );
  }

  #part(place: string, text: string, key: Json): RequestPart {
    const isKeyed = typeof key === "object" && key !== null;
    const known = (isKeyed ? this.#known.get(key) : undefined) ?? this.#read(text);
    if (isKeyed) this.#known.set(key, known);
    return { place, ...known };
  }

  #read(text: string): { readonly text: string; readonly normal: NormalText } {
    const own = this.#folder === null ? text : text.replaceAll(this.#folder, projectFolder);
    return { text: own, normal: normalText(own) };
  }
}

/** How the recorded answer to one request says the names of another with the same form. */
export function renamingBetween(recorded: RequestForm, present: RequestForm): Renaming {
  const namesOf = (form: RequestForm) => form.parts.flatMap(({ normal }) => normal.names);
  return renaming(namesOf(recorded), namesOf(present));
}

/** Tool calls have random ids: what counts is which result belongs to which call. */
function callNumber(block: Json, calls: Map<string, number>): string {
  if (!isObject(block)) return "";
  const id = block.type === "tool_use" ? block.id : block.type === "tool_result" ? block.tool_use_id : undefined;
  if (typeof id !== "string") return "";
  if (!calls.has(id)) calls.set(id, calls.size + 1);
  return `, call ${calls.get(id)}`;
}

function blockText(block: Json): string {
  if (!isObject(block)) return textOf(block);
  switch (block.type) {
    case "text":
      return textOf(block.text ?? "");
    case "thinking":
      return textOf(block.thinking ?? "");
    case "tool_use":
      return `${textOf(block.name ?? "")} ${canonicalJson(block.input ?? null)}`;
    case "tool_result":
      return `${block.is_error === true ? "(failed) " : ""}${systemText(block.content ?? "")}`;
    default: {
      const { cache_control: _mark, id: _id, ...rest } = block;
      return canonicalJson(rest);
    }
  }
}

/** The text of what may be a string or a list of text blocks. */
function systemText(value: Json): string {
  if (!Array.isArray(value)) return textOf(value);
  return value.map((block) => (isObject(block) ? textOf(block.text ?? block) : textOf(block))).join("\n\n");
}

function nameOf(tool: Json): string {
  return isObject(tool) && typeof tool.name === "string" ? tool.name : "";
}

function toolText(tool: Json): string {
  if (!isObject(tool)) return textOf(tool);
  const { cache_control: _mark, ...rest } = tool;
  return canonicalJson(rest);
}
